// A law: something that must hold for every guest. Each file of this folder is a few of them. SEED=n repeats a run's random choices, GUEST=text picks guests, LAWS=all takes the whole corpus.
import { crc32 } from "node:zlib";
import { suite } from "uvu";
import { randomOf } from "../events/sample-events.ts";
import { type Guest, guests } from "./guests.ts";
import { type Recording, record } from "./recording.ts";

const SEED = Number(process.env.SEED ?? 1);

export interface Subject {
  readonly guest: Guest;
  readonly recording: Recording;
  readonly random: (below: number) => number;
}
/** A suite that records each guest and checks what holds of it; what fails says which seed it was. */
export async function law(name: string, check: (subject: Subject) => void) {
  const test = suite(name);
  for (const guest of await guests()) {
    test(guest.name, () => {
      try {
        check({ guest, recording: record(guest), random: randomOf(crc32(`${SEED} ${guest.name}`)) });
      } catch (error) {
        if (error instanceof Error) error.message += `\n(repeat it with SEED=${SEED} GUEST="${guest.name}")`;
        throw error;
      }
    });
  }
  return test;
}

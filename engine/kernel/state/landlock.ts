// The state of landlock(7): rulesets that are being made, and domains that tasks are in.

/** What is forbidden save where a rule allows it. Rules by place: `inode:` and its id, `proc:` and a path below /proc. */
export interface LandlockRules {
  readonly handled: number;
  readonly rules: ReadonlyMap<string, number>;
}
/** A ruleset that tasks have put upon themselves, on top of the domain that they were in before (0: none). */
export interface LandlockDomain extends LandlockRules {
  readonly id: number;
  readonly parent: number;
}
export interface LandlockState {
  readonly rulesets: ReadonlyMap<number, LandlockRules>;
  readonly domains: ReadonlyMap<number, LandlockDomain>;
}

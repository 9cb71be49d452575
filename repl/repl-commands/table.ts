// THE table of the REPL's commands.
import { branching } from "./branching.ts";
import { CommandTable } from "./command-table.ts";
import { looking } from "./looking.ts";
import { rewinding } from "./rewinding.ts";
import { running } from "./running.ts";
import { sitting } from "./sitting.ts";
import { stopping } from "./stopping.ts";

export const commands = new CommandTable([running, rewinding, stopping, looking, branching, sitting]);

// Words of programs that killed, saw a kill, or got no memory. Pure.
import { parseKilledBySignal } from '../../collectors/kmsg/programs/killed-by-signal.ts'
import { parseProgramLine } from '../../collectors/kmsg/programs/program-failures.ts'
import { parseProgramKill } from '../../collectors/kmsg/programs/program-kills.ts'

/** True for what a program writes that killed, saw a kill or SIGKILL, or got no memory. */
export const isProgramWord = (text: string): boolean =>
  parseProgramKill(text) !== undefined ||
  parseProgramLine(text) !== undefined ||
  parseKilledBySignal(text) !== undefined

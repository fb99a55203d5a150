// Words of programs that killed, saw a kill, or got no memory. Pure.
import { parseProgramLine } from '../../collectors/kmsg/program-failures.ts'
import { parseProgramKill } from '../../collectors/kmsg/program-kills.ts'

/** True for what a program writes that killed, saw a kill, or got no memory. */
export const isProgramWord = (text: string): boolean =>
  parseProgramKill(text) !== undefined || parseProgramLine(text) !== undefined

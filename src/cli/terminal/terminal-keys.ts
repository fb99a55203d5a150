// Where keys come from when standard input is no terminal: the controlling terminal.
import { openSync } from 'node:fs'
import { ReadStream } from 'node:tty'
import { UserError } from '../../base/errors.ts'

/** Opens the controlling terminal for keys; undefined if standard input is one. @throws UserError if there is none */
export function openTerminalKeys(): ReadStream | undefined {
  if (process.stdin.isTTY) return undefined
  try {
    return new ReadStream(openSync('/dev/tty', 'r'))
  } catch {
    throw new UserError('there is no terminal to take keys from: standard input is none; --batch or --frame print text')
  }
}

// The watcher is to survive what it watches: when memory runs out, the kernel is asked to kill other processes first.
import { readFileSync, writeFileSync } from 'node:fs'
import { getErrorCode } from '../base/errors.ts'

const PATH = '/proc/self/oom_score_adj'
/** As in the systemd unit. Not −1000: a kmemtop that leaks must be killed in the end. */
const PROTECTED_SCORE = -500

/** Lowers the OOM score of this process. Returns why it was not lowered; undefined if it is. */
export function lowerOomScore(): string | undefined {
  try {
    if (Number(readFileSync(PATH, 'latin1')) <= PROTECTED_SCORE) return undefined
    writeFileSync(PATH, `${PROTECTED_SCORE}\n`)
    return undefined
  } catch (error) {
    return `OOM score not lowered (${getErrorCode(error) ?? 'error'}: needs CAP_SYS_RESOURCE)`
  }
}

/** Returns a shell command that resets its OOM score first: programs that kmemtop starts are not protected. */
export const resetOomScore = (command: string): string => `{ echo 0 >${PATH}; } 2>/dev/null\n${command}`

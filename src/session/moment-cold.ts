// What the node's files said at a moment, folded from the keyframe before it: exact in all values, without what came before.
import { createHistory, type History } from '../history.ts'
import { appendLook, looksOf } from './looks.ts'
import type { Folder } from './moments.ts'

/** The history after the last look that was over at `time`, or after the first of the part. */
export function historyNear(folder: Folder, time: number): History {
  let history: History | undefined
  for (const look of looksOf(folder, { from: folder.partAt(time) })) {
    if (history && look.time > time) break
    history = appendLook(history, look)
  }
  return history ?? createHistory(folder.tape.session)
}

// Seeks to a time that the user typed; the footer shows what is wrong with it.

import { createNotifier } from '../app/notice.ts'
import type { Store } from '../app/store.ts'
import { UserError } from '../base/errors.ts'
import { parseSampleTime } from '../base/parse-time.ts'
import type { Player } from '../playback/player.ts'

/** Seeks the player to a time as it was typed, or shows a notice if it is not a time. */
export function seekTo(player: Player, text: string, store: Store): void {
  const { begin, end } = player.status
  const { wallClock } = store.get().history.session
  const showNotice = createNotifier(store)
  try {
    player.execute({ type: 'go', time: parseSampleTime(text, { begin, end, wallClock }, showNotice) })
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    showNotice(error.message)
  }
}

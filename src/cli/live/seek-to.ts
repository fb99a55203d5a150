// Seeks to a time that the user typed; the footer shows what is wrong with it.

import { createNotifier } from '../../app/notice.ts'
import type { Store } from '../../app/store.ts'
import { UserError } from '../../base/errors.ts'
import { parseDuration, parseSampleTime } from '../../base/parse-time.ts'
import type { Player } from '../../playback/player.ts'

/** Seeks the player to a time as it was typed, or shows a notice if it is not a time. */
export function seekTo(player: Player, text: string, store: Store): void {
  const { begin, end, at } = player.status
  const showNotice = createNotifier(store)
  const length = /^\s*([+-])/.test(text) ? parseDuration(text.trim().slice(1)) : undefined
  try {
    // as less, mpv and lnav do, a length is counted from here
    const time =
      length === undefined
        ? parseSampleTime(text, { begin, end, ...player.readClock() }, showNotice)
        : at + sign(text) * length
    player.execute({ type: 'go', time })
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    showNotice(error.message)
  }
}

const sign = (text: string): 1 | -1 => (text.trim().startsWith('-') ? -1 : 1)

// Going to a time that a person typed; what is wrong with it is said in the footer.

import type { Store } from '../app/store.ts'
import { UserError } from '../base/errors.ts'
import { parseSampleTime } from '../base/parse-time.ts'
import type { Player } from '../playback/player.ts'

export function seekTo(player: Player, text: string, store: Store): void {
  const { begin, end } = player.status
  const { wallClock } = store.get().history.session
  try {
    const showNotice = (words: string): void => store.dispatch({ type: 'notice', text: words })
    player.execute({ type: 'go', time: parseSampleTime(text, { begin, end, wallClock }, showNotice) })
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    store.dispatch({ type: 'notice', text: error.message })
  }
}

// The banner: one line per active alert that is not acknowledged, most severe first, three at most.

import type { AppState } from '../app/state.ts'
import { formatAge, formatDuration } from '../base/format.ts'
import { escapeControls } from '../base/text.ts'
import { type Alert, formatAlertSummary, isActiveCritical, listActiveBySeverity } from '../detectors/alerts.ts'
import { fitText, measureWidth } from '../widgets/cells.ts'
import type { Pen } from '../widgets/pen.ts'

/** Draws the banner lines for a screen of `rows` rows; none when nothing is wrong. */
export function drawBanner(state: AppState, pen: Pen, width: number, rows: number): readonly string[] {
  const alerts = listActiveBySeverity(state.alerts)
  const room = rows < 30 ? 2 : 3
  const lines = alerts.slice(0, room).map((alert, i) => {
    const more = i === room - 1 ? alerts.length - room : 0
    return drawBannerLine(alert, state, pen, width, more)
  })
  return lines
}

const describeAge = ({ kind, at, since }: Alert, now: number): string =>
  kind === 'event' ? formatAge(now - at) : `for ${formatDuration(now - since)}`

// The screen may be paused or rewound, but alerts are always current, so their lines then begin with `now:`.
function drawBannerLine(alert: Alert, { history, ui }: AppState, pen: Pen, width: number, more: number): string {
  const critical = isActiveCritical(alert)
  const sign = critical ? pen.glyphs.critical : pen.glyphs.warning
  const times = (alert.count ?? 1) > 1 ? ` ×${alert.count}` : ''
  const end = `  ${more > 0 ? `+${more} more, A  ` : ''}${describeAge(alert, history.time)} `
  const head = ` ${sign} ${ui.frozen ? 'now: ' : ''}${alert.title}${times}  `
  const room = Math.max(0, width - measureWidth(head) - measureWidth(end))
  const fullText = formatAlertSummary(alert)
  const shownText = measureWidth(escapeControls(fullText)) > room ? (alert.short ?? fullText) : fullText
  const line = fitText(head + fitText(shownText, room, 'left', pen.glyphs.ellipsis) + end, width)
  return pen.paint(critical ? 'alarm' : 'caution', line)
}

// The banner: the active alerts that are not acknowledged, most urgent first, in three lines, or one more.

import { type BannerEntry, getKind, listBannerEntries } from '../app/banner-alerts.ts'
import type { AppState } from '../app/state.ts'
import { escapeControls } from '../base/text.ts'
import { type Alert, formatOccurrences, isActiveCritical, isOngoing } from '../detectors/alerts.ts'
import { describeAge } from '../panels/alerts/format.ts'
import { fitText, measureWidth } from '../widgets/cells.ts'
import type { Pen } from '../widgets/pen.ts'

/** Draws the banner lines for a screen of `rows` rows; none when nothing is wrong. */
export function drawBanner(state: AppState, pen: Pen, width: number, rows: number): readonly string[] {
  const { entries, room } = placeBanner(state, rows)
  const hidden = entries.slice(room).reduce((sum, { alerts }) => sum + alerts.length, 0)
  return entries.slice(0, room).map((entry, i) => {
    const more = i === room - 1 && hidden > 0 ? `+${hidden} more, 6  ` : ''
    return drawBannerLine(describeEntry(entry, state), more, pen, width)
  })
}

/** Returns the entries in the order of their lines, and how many of them have one. */
export function placeBanner(
  { alerts, history }: Pick<AppState, 'alerts' | 'history'>,
  rows: number,
): { readonly entries: readonly BannerEntry[]; readonly room: number } {
  const grouped = listBannerEntries(alerts, history.time)
  const room = countLines(grouped, rows)
  return { entries: spreadNews(grouped, room), room }
}

// Two or three: an event gets a line more, so that it does not hide a condition that goes on.
function countLines(entries: readonly BannerEntry[], rows: number): number {
  const room = rows < 30 ? 2 : 3
  const hasEvent = entries.slice(0, room).some(({ isOngoing }) => !isOngoing)
  return hasEvent && entries[room]?.isOngoing && rows >= ROWS_FOR_MORE ? room + 1 : room
}

// Where lines are left, each of several new events gets its own, the newest first.
function spreadNews(entries: readonly BannerEntry[], room: number): readonly BannerEntry[] {
  const index = entries.findIndex(({ isNews, alerts }) => isNews && alerts.length > 1)
  const entry = entries[index]
  if (!entry || entries.length >= room) return entries
  const [first, ...others] = entry.alerts
  const parts = [
    { ...entry, alerts: [first!] },
    { ...entry, alerts: others },
  ]
  return spreadNews(entries.toSpliced(index, 1, ...parts), room)
}

const ROWS_FOR_MORE = 20

interface BannerLine {
  readonly look: BannerLook
  readonly head: string
  /** the whole text, and a shorter one where there is no room for it */
  readonly text: string
  readonly short: string
  readonly age: string
}

// The screen may be paused or rewound, but alerts are always current, so their lines then begin with `now:`.
function describeEntry({ alerts }: BannerEntry, { history, ui }: AppState): BannerLine {
  const [alert] = alerts as readonly [Alert, ...Alert[]]
  const count = alerts.reduce((sum, one) => sum + (one.count ?? 1), 0)
  const isMinimum = alerts.some(one => one.isCountMinimum) ? { isCountMinimum: true as const } : {}
  const title = alerts.every(one => one.title === alert.title) ? alert.title : getKind(alert)
  const head = `${ui.frozen ? 'now: ' : ''}${title}${formatOccurrences({ count, ...isMinimum })}  `
  const age = describeAge(alert, history.time)
  if (alerts.length === 1) {
    const text = alert.summary // that it has ended, sign and age say
    return { look: getLook(alerts), head, text, short: alert.short ?? text, age }
  }
  const texts = alerts.map(one => one.short ?? one.summary)
  return { look: getLook(alerts), head, text: texts.join('; '), short: texts.join('; '), age }
}

/** How a line is drawn: as severe as its alerts are now. Alerts that have ended or only inform have no background. */
type BannerLook = 'critical' | 'warning' | 'info' | 'ended'

const LOOK_TONES = { critical: 'alarm', warning: 'caution', info: 'accent', ended: 'muted' } as const

function getLook(alerts: readonly Alert[]): BannerLook {
  const ongoing = alerts.filter(isOngoing)
  if (ongoing.length === 0) return 'ended'
  if (ongoing.some(isActiveCritical)) return 'critical'
  return ongoing.some(({ severity }) => severity === 'warning') ? 'warning' : 'info'
}

function drawBannerLine(line: BannerLine, more: string, pen: Pen, width: number): string {
  const sign = line.look === 'info' ? 'i' : pen.glyphs[line.look]
  const head = ` ${sign} ${line.head}`
  const end = `  ${more}${line.age} `
  const room = Math.max(0, width - measureWidth(head) - measureWidth(end))
  const text = measureWidth(escapeControls(line.text)) > room ? line.short : line.text
  const whole = fitText(head + fitText(text, room, 'left', pen.glyphs.ellipsis) + end, width)
  return pen.paint(LOOK_TONES[line.look], whole)
}

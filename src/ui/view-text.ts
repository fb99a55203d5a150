// Views and pages as plain text, for a screen reader: no borders, no charts, no columns.
import { findMostUrgent } from '../app/banner-alerts.ts'
import type { AppState, PanelId } from '../app/state.ts'
import { escapeControls } from '../base/text.ts'
import { getAlertKey } from '../detectors/alerts.ts'
import { formatRemedy } from '../detectors/remedies/format-remedy.ts'
import { getPanel } from '../panels/index.ts'
import type { Detail } from '../panels/panel.ts'
import { getSparklineSpan } from '../panels/time-window.ts'
import { createPen } from '../widgets/pen.ts'
import type { TableOptions } from '../widgets/table.ts'

const AREA = { width: 130, height: 30 } as const
const pen = createPen({ level: 0, ascii: false })

/** Returns the rows of a view, at most thirty, each as a line. The cells of a table are named: nobody hears in which column they are. */
export function formatViewText(state: AppState, id: PanelId): readonly string[] {
  const panel = getPanel(id)
  const area = { ...AREA, pen, full: false, focused: false, ...getSparklineSpan(state) }
  const table = panel.placeTable?.(state, area)
  const lines = panel.draw(state, area).slice(0, table?.top)
  const note = panel.getNote?.(state)
  return [
    `${panel.title}${note ? `: ${note}` : ''}`,
    ...lines.map(stripDrawings).filter(line => line !== ''),
    ...(table ? formatTableText(table.options) : []),
  ]
}

function formatTableText({ columns, rows, empty }: TableOptions): readonly string[] {
  if (rows.length === 0) return [escapeControls(empty.trim())]
  return rows.slice(0, AREA.height).map(({ cells }) => {
    const texts = columns.flatMap(({ id, title, isSentence }, i) => {
      const cell = cells[id]
      const text = typeof cell?.text === 'string' ? `${cell.text}${cell.extra ?? ''}`.trim() : ''
      if (i === 0) return nameSeverity(text)
      if (text === '' || text === '–') return []
      if (title === '%') return `${text} of the limit`
      return isSentence ? text : `${title.trim().toLowerCase()} ${text.replaceAll(SIGNS, '')}`
    })
    return escapeControls(texts.join(', '))
  })
}

const SIGNS = /[✖▲]/g
const nameSeverity = (text: string): string => text.replace(/^✖ ?/, 'critical: ').replace(/^▲ ?/, 'warning: ')

// Bars, sparklines, signs and the blanks between columns are drawings: a reader would spell them.
const stripDrawings = (line: string): string =>
  line
    .replaceAll(/[\u2580-\u259f\u2800-\u28ff\u2500-\u257f▾▴]+|·{2,}/g, ' ')
    .trim()
    .replaceAll(/ {2,}/g, '  ')

/** Returns the page of the most urgent alert: what happened, the evidence, and what to do. */
export function formatUrgentAlert(state: AppState): readonly string[] {
  const alert = findMostUrgent(state.alerts, state.history.time)
  const detail = alert && getPanel('alerts').getDetail?.(state, getAlertKey(alert))
  return detail ? formatDetailText(detail) : ['no active alert']
}

function formatDetailText({ title, introduction, facts, remedies }: Detail): readonly string[] {
  const steps = remedies.map((remedy, i) => `to do ${i + 1}: ${formatRemedy(remedy)}`)
  return [
    title,
    ...introduction,
    ...facts.map(([name, value]) => `${name}: ${value}`.replace(/^: /, '')),
    ...steps,
  ].map(escapeControls)
}

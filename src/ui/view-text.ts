// Views and pages as plain text, for a screen reader: no borders, no charts, no columns of blanks.
import { findMostUrgent } from '../app/banner-alerts.ts'
import type { AppState, PanelId } from '../app/state.ts'
import { escapeControls } from '../base/text.ts'
import { getAlertKey } from '../detectors/alerts.ts'
import { formatRemedy } from '../detectors/remedies/format-remedy.ts'
import { getPanel } from '../panels/index.ts'
import type { Detail } from '../panels/panel.ts'
import { getSparklineSpan } from '../panels/time-window.ts'
import { createPen } from '../widgets/pen.ts'

const AREA = { width: 130, height: 30 } as const
const pen = createPen({ level: 0, ascii: false })

/** Returns the rows of a view, at most thirty, each as a line; columns are separated by two blanks. */
export function formatViewText(state: AppState, id: PanelId): readonly string[] {
  const panel = getPanel(id)
  const lines = panel.draw(state, { ...AREA, pen, full: false, focused: false, ...getSparklineSpan(state) })
  const note = panel.getNote?.(state)
  return [`${panel.title}${note ? `: ${note}` : ''}`, ...lines.map(stripDrawings).filter(line => line !== '')]
}

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

// The generated part of docs/alerts.md: what each alert means, when it comes and goes, and what to do, as its detector says.
import type { AlertText } from '../../src/detectors/detector.ts'
import { detectors } from '../../src/detectors/index.ts'
import { numberedPanels } from '../../src/panels/index.ts'
import { joinGenerated, readGenerated, writeGenerated } from './generated-part.ts'

const DOCUMENT = new URL('../../docs/alerts.md', import.meta.url)

function formatRow({ titles, meaning, lasts, response }: AlertText): string {
  return `| ${titles.map(title => `**${title}**`).join(', ')} | ${meaning} | ${lasts} | ${response} |`
}

/** Formats the generated part: the alerts of each panel. */
export function formatAlertTables(): string {
  const topics = numberedPanels.filter(panel => panel.detectors.length > 0)
  const lines = topics.flatMap((panel, i) => [
    `${i === 0 ? '' : '\n'}## ${panel.title} (key ${panel.key})\n`,
    '| alert | what it means | comes and goes | what to do |\n|---|---|---|---|',
    ...panel.detectors.flatMap(id => detectors[id].alerts.map(formatRow)),
  ])
  return joinGenerated(lines)
}

/** Returns the generated part of the document as it is on disk. */
export const readAlertTables = (): string => readGenerated(DOCUMENT)

if (import.meta.main) writeGenerated(DOCUMENT, formatAlertTables())

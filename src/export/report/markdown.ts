// A report as Markdown: the same parts as the HTML page, charts as one line of bars.
import { formatEvidence } from '../../detectors/evidence.ts'
import { escapeHtml, escapeMarkdown } from '../markup-text.ts'
import type { Block } from './block.ts'
import { listBlocks } from './blocks.ts'
import type { ChartData } from './chart-data.ts'
import type { ReportData } from './report-data.ts'

/** Returns a report as Markdown. */
export const formatReportMarkdown = (data: ReportData): string =>
  [`# ${escapeMarkdown(data.title)}`, ...listBlocks(data).map(formatBlock)].join('\n\n').concat('\n')

const TONES = { critical: '**critical** ', warning: '**warning** ', info: '' }

function formatBlock(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${escapeMarkdown(block.text)}`
    case 'text':
      return `${block.tone ? TONES[block.tone] : ''}${escapeMarkdown(block.text)}`
    case 'list':
      return block.items.map(item => `- ${escapeMarkdown(item)}`).join('\n')
    case 'code':
      return `<pre>${escapeHtml(block.text)}</pre>`
    case 'table':
      return [
        `**${escapeMarkdown(block.caption)}**\n`,
        formatRow(block.head),
        formatRow(
          block.head.map((_, i) => (block.rows[0]?.[i]?.isNumber ? '---:' : '---')),
          false,
        ),
        ...block.rows.map(row => formatRow(row.map(({ text }) => text))),
      ].join('\n')
    case 'chart':
      return block.chart.series
        .map(
          ({ name, values }) =>
            `- ${escapeMarkdown(`${block.chart.title}: ${name}`)} ${drawBars(values)} ${formatEnds(values, block.chart.unit)}`,
        )
        .join('\n')
  }
}

const formatRow = (cells: readonly string[], isText = true): string =>
  `| ${cells.map(cell => (isText ? escapeMarkdown(cell) : cell)).join(' | ')} |`

// `65.5 MiB to 70.1 MiB`: bars are between the least and the most of their own row, and only numbers say how much that is.
function formatEnds(values: readonly (number | null)[], unit: ChartData['unit']): string {
  const known = values.filter(value => value !== null)
  const [first, last] = [known[0], known.at(-1)].map(value =>
    escapeMarkdown(formatEvidence({ name: '', value: value ?? null, unit })),
  )
  return first === last ? `${first}` : `${first} to ${last}`
}

const BARS = '▁▂▃▄▅▆▇█'
const BAR_COUNT = 40

// The most of each step, so that a peak stays.
function drawBars(values: readonly (number | null)[]): string {
  const known = values.flatMap(value => value ?? [])
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const size = Math.ceil(values.length / BAR_COUNT)
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => {
    const part = values.slice(i * size, (i + 1) * size).flatMap(value => value ?? [])
    if (part.length === 0) return ' '
    return BARS[high === low ? 0 : Math.round(((Math.max(...part) - low) / (high - low)) * (BARS.length - 1))]
  }).join('')
}

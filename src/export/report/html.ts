// A report as one HTML page: nothing is loaded from elsewhere, every name is escaped, a content policy forbids any request.

import { escapeHtml } from '../markup-text.ts'
import type { Block, Cell } from './block.ts'
import { listBlocks } from './blocks.ts'
import type { ChartData } from './chart-data.ts'
import type { ReportData } from './report-data.ts'
import { drawSvg } from './svg.ts'

/** The script and style of the page, as text. */
export interface PageAssets {
  readonly script: string
  readonly style: string
}

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"

/** Returns a report as one HTML page, with its script and style inside. */
export function formatHtml(data: ReportData, assets: PageAssets): string {
  const charts: ChartData[] = []
  const body = listBlocks(data).map(block => formatBlock(block, charts))
  const { chartClock } = data.span
  const events = data.events.map(({ time, kind, text }) => ({ time: Math.round(chartClock + time), kind, text }))
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escapeHtml(data.title)}</title>
<style>${assets.style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(data.title)}</h1>
${body.join('\n')}
</main>
<script type="application/json" id="report-data">${toScriptJson({ charts, events })}</script>
<script>${assets.script.replaceAll('</script', '<\\/script')}</script>
</body>
</html>
`
}

function formatBlock(block: Block, charts: ChartData[]): string {
  switch (block.kind) {
    case 'heading':
      return `<h${block.level}>${escapeHtml(block.text)}</h${block.level}>`
    case 'text':
      return `<p${block.tone ? ` class="${block.tone}"` : ''}>${escapeHtml(block.text)}</p>`
    case 'list':
      return `<ul>${block.items.map(item => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`
    case 'code':
      return `<pre tabindex="0"><code>${escapeHtml(block.text)}</code></pre>`
    case 'table':
      return formatTable(block.head, block.rows, block.caption)
    case 'chart': {
      const number = charts.push(block.chart) - 1
      const label = escapeHtml(`Chart: ${block.chart.title}`)
      return `<figure class="chart" data-chart="${number}"><figcaption>${escapeHtml(block.chart.title)}</figcaption><div class="plot" role="img" aria-label="${label}">${drawSvg(block.chart)}</div></figure>`
    }
  }
}

function formatTable(head: readonly string[], rows: readonly (readonly Cell[])[], caption: string): string {
  const cells = rows.map(
    row =>
      `<tr>${row.map(cell => `<td${cell.isNumber ? ' class="number"' : ''}>${escapeHtml(cell.text)}</td>`).join('')}</tr>`,
  )
  const heads = head.map(
    (text, i) => `<th scope="col"${rows[0]?.[i]?.isNumber ? ' class="number"' : ''}>${escapeHtml(text)}</th>`,
  )
  return `<div class="wide" tabindex="0" role="region" aria-label="${escapeHtml(caption)}"><table><caption>${escapeHtml(caption)}</caption><thead><tr>${heads.join('')}</tr></thead><tbody>${cells.join('')}</tbody></table></div>`
}

// `<` could end the script element, U+2028 and U+2029 end a line in old parsers.
const toScriptJson = (value: unknown): string =>
  JSON.stringify(value, (_, field) => (typeof field === 'number' ? Math.round(field * 100) / 100 : field))
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029')

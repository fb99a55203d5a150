// A chart as plain SVG: shown in print, and where the page's script does not run.
import type { ChartData } from './chart-data.ts'

const [WIDTH, HEIGHT] = [1000, 220]
const COLOURS = 8

/** Draws a chart as SVG, for readers without scripts. */
export function drawSvg(chart: ChartData): string {
  const layers = chart.isStacked
    ? stackLayers(chart)
    : chart.series.map(({ values }) => ({ top: values, bottom: undefined }))
  const high = Math.max(1, ...layers.flatMap(({ top }) => top.map(value => value ?? 0)))
  const shapes = layers.map(({ top, bottom }, i) => {
    const colour = `class="s${i % COLOURS}"`
    const line = toPoints(top, high)
    if (bottom === undefined) return `<polyline ${colour} points="${line}"/>`
    return `<polygon ${colour} points="${line} ${toPoints(bottom, high).split(' ').reverse().join(' ')}"/>`
  })
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">${shapes.join('')}</svg>`
}

type Values = readonly (number | null)[]

function stackLayers({ series }: ChartData): readonly { readonly top: Values; readonly bottom: Values }[] {
  let bottom: Values = series[0]?.values.map(() => 0) ?? []
  return series.map(({ values }) => {
    const base = bottom
    const top = values.map((value, i) => (value ?? 0) + (base[i] ?? 0))
    bottom = top
    return { top, bottom: base }
  })
}

function toPoints(values: Values, high: number): string {
  const step = values.length > 1 ? WIDTH / (values.length - 1) : 0
  return values
    .flatMap((value, i) =>
      value === null ? [] : [`${(i * step).toFixed(0)},${(HEIGHT - (value / high) * HEIGHT).toFixed(0)}`],
    )
    .join(' ')
}

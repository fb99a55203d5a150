// A small chart of the troughs: one bar for each iteration, on a scale from the least to the most.
const BARS = '▁▂▃▄▅▆▇█'

/** `▁▂▄▆█`: one character per value. A level series is all low bars. */
export function drawTroughs(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const span = high - low
  return values.map(value => BARS[span === 0 ? 0 : Math.round(((value - low) / span) * (BARS.length - 1))]).join('')
}

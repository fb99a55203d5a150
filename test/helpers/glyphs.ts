// Characters that must fill their cell exactly are drawn as shapes: blocks, shades, braille. Fonts leave seams.

/** A cell in pixels. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

// left, top, width, height in parts of the cell
type Part = readonly [number, number, number, number]

function drawRect({ x, y, width, height }: Box, [left, top, wide, high]: Part, ink: string, opacity = 1): string {
  const opacityAttribute = opacity === 1 ? '' : ` fill-opacity="${opacity}"`
  return `<rect x="${x + left * width}" y="${y + top * height}" width="${wide * width}" height="${high * height}" fill="${ink}"${opacityAttribute}/>`
}

const QUARTERS: readonly Part[] = [
  [0, 0, 0.5, 0.5],
  [0.5, 0, 0.5, 0.5],
  [0, 0.5, 0.5, 0.5],
  [0.5, 0.5, 0.5, 0.5],
]
// U+2596..U+259F: which quarters (upper left, upper right, lower left, lower right) are filled
const QUADRANTS = ['3', '4', '1', '134', '14', '123', '124', '2', '23', '234']

function getBlockParts(code: number): readonly Part[] {
  if (code === 0x2580) return [[0, 0, 1, 0.5]]
  if (code <= 0x2588) return [[0, 1 - (code - 0x2580) / 8, 1, (code - 0x2580) / 8]]
  if (code <= 0x258f) return [[0, 0, (0x2590 - code) / 8, 1]]
  if (code === 0x2590) return [[0.5, 0, 0.5, 1]]
  if (code === 0x2594) return [[0, 0, 1, 1 / 8]]
  if (code === 0x2595) return [[7 / 8, 0, 1 / 8, 1]]
  return [...QUADRANTS[code - 0x2596]!].map(quarter => QUARTERS[Number(quarter) - 1]!)
}

// bit 0..7 of a braille character: column and row of its dot
const DOTS = ['00', '01', '02', '10', '11', '12', '03', '13'].map(dot => [Number(dot[0]), Number(dot[1])] as const)

function drawBraille({ x, y, width, height }: Box, bits: number, ink: string): string {
  const dots = DOTS.filter((_, bit) => bits & (1 << bit))
  return dots
    .map(([column, row]) => {
      const [cx, cy] = [x + (0.25 + column * 0.5) * width, y + (0.125 + row * 0.25) * height]
      return `<circle cx="${cx}" cy="${cy}" r="${width * 0.16}" fill="${ink}"/>`
    })
    .join('')
}

/** The SVG of a character that is a shape; undefined for letters. */
export function drawGlyph(chars: string, box: Box, ink: string): string | undefined {
  const code = chars.codePointAt(0) ?? 0
  if (code >= 0x2591 && code <= 0x2593) return drawRect(box, [0, 0, 1, 1], ink, (code - 0x2590) / 4)
  if (code >= 0x2580 && code <= 0x259f) {
    return getBlockParts(code)
      .map(part => drawRect(box, part, ink))
      .join('')
  }
  if (code >= 0x2800 && code <= 0x28ff) return drawBraille(box, code - 0x2800, ink)
  return undefined
}

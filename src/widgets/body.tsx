// Body: finished lines on the screen. One Transform over blank lines of a fixed box keeps Ink from measuring, wrapping
// or laying out the text, so the cost follows what changed. Lines must have exactly `width` cells.
import { Box, Text, Transform } from 'ink'
import { memo, type ReactNode } from 'react'

/** Finished lines, and the area that they fill. */
export interface BodyProps {
  readonly lines: readonly string[]
  readonly width: number
  readonly height: number
  /** text nodes for a screen reader, which cannot see transformed lines */
  readonly plain?: boolean
}

function BodyLines({ lines, width, height, plain }: BodyProps): ReactNode {
  return (
    <Box width={width} height={height} flexShrink={0}>
      {plain ? (
        <Text>{lines.slice(0, height).join('\n')}</Text>
      ) : (
        <Transform transform={(_, i) => lines[i] ?? ''}>
          <BlankLines height={height} />
        </Transform>
      )}
    </Box>
  )
}

// A text that is rendered again marks its box as dirty, and Ink measures and lays out the screen: this one only when the height changes.
const BlankLines = memo(({ height }: { readonly height: number }) => (
  <Text>{`${'\n'.repeat(Math.max(0, height - 1))} `}</Text>
))

/** Renders lines; skipped when no line changed. */
export const Body = memo(
  BodyLines,
  (a, b) => a.width === b.width && a.height === b.height && a.plain === b.plain && hasSameLines(a.lines, b.lines),
)

/** Returns whether two frames have the same lines. */
export function hasSameLines(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((line, i) => line === b[i]))
}

// Prints what renderToString makes of many trees, one JSON line each: run with Ink as it is and with its modules swapped.
import { Box, renderToString, Text, Transform } from 'ink'
import { Children, type ReactNode } from 'react'
import { createDice, type Dice, drawSimpleText, drawText } from '../random-texts.ts'

const SIZES = [
  [200, 50],
  [80, 24],
  [41, 13],
  [12, 4],
] as const

const ODD_NAMES = [
  'kubelet',
  '漢字',
  '한글 이름',
  '👨‍👩‍👧 family',
  'tab\there',
  'e\u0301',
  '✖',
  '✖\ufe0f',
  'two\nlines',
  '\x1b[31mraw\x1b[0m reset',
]

const times = (count: number, draw: (i: number) => ReactNode): ReactNode =>
  Children.toArray(Array.from({ length: count }, (_, i) => draw(i)))

const styled = (d: Dice, text: string): ReactNode => (
  <Text
    color={d.pick(['red', 'cyan', '#ff8800', 'gray'])}
    bold={d.drawBoolean(0.3)}
    inverse={d.drawBoolean(0.1)}
    dimColor={d.drawBoolean(0.2)}
  >
    {text}
  </Text>
)

const row = (d: Dice, i: number): string => `${d.pick(ODD_NAMES)} ${'▁▃▅█'.repeat(i % 4)} ${d.drawBelow(99999)} kB`

/** Panels of one Text a row. */
const rows = (d: Dice): ReactNode =>
  times(3, () => (
    <Box borderStyle="round" borderColor={d.drawBoolean(0.5) ? 'gray' : undefined} flexDirection="column" flexGrow={1}>
      {times(d.drawBelow(9), i => (
        <Text wrap={d.pick(['truncate', 'wrap', 'truncate-middle'])}>
          {row(d, i)} {d.drawBoolean(0.5) && styled(d, row(d, i))}
        </Text>
      ))}
    </Box>
  ))

/** A Box and a Text for each cell. */
const cells = (d: Dice): ReactNode =>
  times(6, () => (
    <Box justifyContent="space-between">
      {times(5, x => (
        <Box width={d.drawBetween(1, 14)} backgroundColor={d.drawBoolean(0.2) ? 'blue' : undefined}>
          {styled(d, row(d, x))}
        </Box>
      ))}
    </Box>
  ))

/** Bodies as kmemtop draws them: lines that a Transform gives, some too long. */
const bodies = (d: Dice, columns: number): ReactNode => (
  <Box>
    {times(2, () => {
      const lines = Array.from({ length: 8 }, () => drawSimpleText(d, 30).padEnd(columns / 2))
      if (d.drawBoolean(0.3)) lines[d.drawBelow(8)] = d.pick(ODD_NAMES)
      return (
        <Box width={Math.floor(columns / 2)} height={8} flexShrink={0}>
          <Transform transform={(_, i) => lines[i] ?? ''}>
            <Text>{`${'\n'.repeat(7)} `}</Text>
          </Transform>
        </Box>
      )
    })}
  </Box>
)

/** Boxes cut off by boxes, moved half out of them, over each other. */
const clips = (d: Dice): ReactNode =>
  times(5, i => (
    <Box
      overflow="hidden"
      height={d.drawBetween(1, 4)}
      width={d.drawBetween(1, 60)}
      backgroundColor={d.drawBoolean(0.3) ? 'magenta' : undefined}
      borderStyle={d.drawBoolean(0.4) ? d.pick(['single', 'double', 'bold']) : undefined}
      contentOffsetY={d.drawBelow(3)}
      contentOffsetX={d.drawBelow(4)}
    >
      <Box
        marginLeft={d.drawBetween(-6, 6)}
        marginTop={d.drawBetween(-2, 1)}
        flexShrink={0}
        overflowX={d.pick(['hidden', 'visible'])}
      >
        {styled(d, `${row(d, i)}\n${row(d, i)}`)}
      </Box>
      <Box marginLeft={d.drawBetween(-9, 0)}>{styled(d, row(d, i))}</Box>
    </Box>
  ))

/** Texts of anything, in and out of transforms. */
const anything = (d: Dice): ReactNode =>
  times(6, () => {
    const text = (
      <Text>
        {drawText(d, 20)}
        {styled(d, drawText(d, 12))}
        {drawText(d)}
      </Text>
    )
    return (
      <Box>
        {d.drawBoolean(0.3) ? <Transform transform={line => `\x1b[4m${line}!\x1b[24m`}>{text}</Transform> : text}
      </Box>
    )
  })

/** A screen with a dialog over it. */
const dialog = (d: Dice, columns: number): ReactNode => (
  <>
    {rows(d)}
    <Box
      position="absolute"
      marginLeft={Math.floor(columns / 4)}
      marginTop={1}
      borderStyle="double"
      backgroundColor="black"
    >
      {styled(d, ` ${row(d, 3)} `)}
    </Box>
  </>
)

/** Trees of each kind and size; test/full.ts says when all are drawn. */
const TICKS = process.env.KMEMTOP_FULL === '1' ? 12 : 3

const TREES = { rows, cells, bodies, clips, anything, dialog }

for (const [columns, height] of SIZES) {
  for (const [name, tree] of Object.entries(TREES)) {
    const d = createDice(columns + name.length)
    for (let tick = 0; tick < TICKS; tick++) {
      const screen = (
        <Box
          width={columns}
          height={height}
          flexDirection="column"
          overflow={d.drawBoolean(0.7) ? 'hidden' : 'visible'}
        >
          {tree(d, columns)}
        </Box>
      )
      console.log(JSON.stringify({ name, columns, tick, text: renderToString(screen, { columns }) }))
    }
  }
}

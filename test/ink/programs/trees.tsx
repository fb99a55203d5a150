// Prints what renderToString makes of many trees, one JSON line each: run with Ink as it is and with its modules swapped.
import { Box, renderToString, Text, Transform } from 'ink'
import { Children, type ReactNode } from 'react'
import { anyText, type Dice, dice, simpleText } from '../texts.ts'

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
  <Text color={d.of(['red', 'cyan', '#ff8800', 'gray'])} bold={d.is(0.3)} inverse={d.is(0.1)} dimColor={d.is(0.2)}>
    {text}
  </Text>
)

const row = (d: Dice, i: number): string => `${d.of(ODD_NAMES)} ${'▁▃▅█'.repeat(i % 4)} ${d.below(99999)} kB`

/** Panels of one Text a row. */
const rows = (d: Dice): ReactNode =>
  times(3, () => (
    <Box borderStyle="round" borderColor={d.is(0.5) ? 'gray' : undefined} flexDirection="column" flexGrow={1}>
      {times(d.below(9), i => (
        <Text wrap={d.of(['truncate', 'wrap', 'truncate-middle'])}>
          {row(d, i)} {d.is(0.5) && styled(d, row(d, i))}
        </Text>
      ))}
    </Box>
  ))

/** A Box and a Text for each cell. */
const cells = (d: Dice): ReactNode =>
  times(6, () => (
    <Box justifyContent="space-between">
      {times(5, x => (
        <Box width={d.between(1, 14)} backgroundColor={d.is(0.2) ? 'blue' : undefined}>
          {styled(d, row(d, x))}
        </Box>
      ))}
    </Box>
  ))

/** Bodies as kmemtop draws them: lines that a Transform gives, some too long. */
const bodies = (d: Dice, columns: number): ReactNode => (
  <Box>
    {times(2, () => {
      const lines = Array.from({ length: 8 }, () => simpleText(d, 30).padEnd(columns / 2))
      if (d.is(0.3)) lines[d.below(8)] = d.of(ODD_NAMES)
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
      height={d.between(1, 4)}
      width={d.between(1, 60)}
      backgroundColor={d.is(0.3) ? 'magenta' : undefined}
      borderStyle={d.is(0.4) ? d.of(['single', 'double', 'bold']) : undefined}
      contentOffsetY={d.below(3)}
      contentOffsetX={d.below(4)}
    >
      <Box
        marginLeft={d.between(-6, 6)}
        marginTop={d.between(-2, 1)}
        flexShrink={0}
        overflowX={d.of(['hidden', 'visible'])}
      >
        {styled(d, `${row(d, i)}\n${row(d, i)}`)}
      </Box>
      <Box marginLeft={d.between(-9, 0)}>{styled(d, row(d, i))}</Box>
    </Box>
  ))

/** Texts of anything, in and out of transforms. */
const anything = (d: Dice): ReactNode =>
  times(6, () => {
    const text = (
      <Text>
        {anyText(d, 20)}
        {styled(d, anyText(d, 12))}
        {anyText(d)}
      </Text>
    )
    return <Box>{d.is(0.3) ? <Transform transform={line => `\x1b[4m${line}!\x1b[24m`}>{text}</Transform> : text}</Box>
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

const TREES = { rows, cells, bodies, clips, anything, dialog }

for (const [columns, height] of SIZES) {
  for (const [name, tree] of Object.entries(TREES)) {
    const d = dice(columns + name.length)
    for (let tick = 0; tick < 12; tick++) {
      const screen = (
        <Box width={columns} height={height} flexDirection="column" overflow={d.is(0.7) ? 'hidden' : 'visible'}>
          {tree(d, columns)}
        </Box>
      )
      console.log(JSON.stringify({ name, columns, tick, text: renderToString(screen, { columns }) }))
    }
  }
}

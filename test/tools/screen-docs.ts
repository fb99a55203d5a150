// The generated part of docs/screen.md: the keys by what they are for, and the words of the command line.

import { type CommandGroup, GROUPS } from '../../src/ui/keys/key-command.ts'
import { listGroupLines } from '../../src/ui/pages/help-page.ts'
import { paletteWords } from '../../src/ui/palette/palette-words.ts'
import { joinGenerated, readGenerated, writeGenerated } from './generated-part.ts'

const DOCUMENT = new URL('../../docs/screen.md', import.meta.url)

const escapeCell = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('|', '\\|')

function formatGroup(group: CommandGroup): readonly string[] {
  const [live, replay] = [listGroupLines(group, 'live'), listGroupLines(group, 'replay')]
  const replayKeys = new Set(replay.map(({ keys, help }) => `${keys} ${help}`))
  const liveKeys = new Set(live.map(({ keys, help }) => `${keys} ${help}`))
  const rows = [...live, ...replay.filter(({ keys, help }) => !liveKeys.has(`${keys} ${help}`))].map(
    ({ keys, help }) => {
      const [isLive, isReplay] = [liveKeys.has(`${keys} ${help}`), replayKeys.has(`${keys} ${help}`)]
      const only = isLive ? 'live' : 'replay'
      const where = isLive && isReplay ? '' : only
      return `| \`${keys.replaceAll('|', '\\|')}\` | ${escapeCell(help)} | ${where} |`
    },
  )
  return [`\n### ${GROUPS[group]}\n`, '| key | | only |\n|---|---|---|', ...rows]
}

/** Formats the generated part. */
export function formatScreenTables(): string {
  const words = paletteWords.map(
    ({ word, argument = '', help }) => `| \`:${word}${argument === '' ? '' : ` ${argument}`}\` | ${escapeCell(help)} |`,
  )
  return joinGenerated([
    '## Keys',
    ...(Object.keys(GROUPS) as CommandGroup[]).flatMap(formatGroup),
    '\n## Commands\n',
    '| command | |\n|---|---|',
    ...words,
  ])
}

/** Returns the generated part of the document as it is on disk. */
export const readScreenTables = (): string => readGenerated(DOCUMENT)

if (import.meta.main) writeGenerated(DOCUMENT, formatScreenTables())

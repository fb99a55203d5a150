// The generated part of docs/memory.md: the terms of the identity of all RAM, and what is left over on captures of real kernels.
import { formatBytes, formatPercent } from '../../src/base/format.ts'
import { RAM_TERMS } from '../../src/collectors/ram-identity.ts'
import { accountForCapture, RAM_CAPTURES } from '../ram-captures.ts'
import { joinGenerated, readGenerated, writeGenerated } from './generated-part.ts'

const DOCUMENT = new URL('../../docs/memory.md', import.meta.url)

/** Formats the generated part. */
export function formatMemoryTables(): string {
  const terms = RAM_TERMS.map(
    ({ name, group, source, kernels, note }) => `| ${name} | ${group} | \`${source}\` | ${kernels} | ${note} |`,
  )
  const captures = RAM_CAPTURES.map(capture => {
    const { total, terms: known, unaccounted, hasCpuLists } = accountForCapture(capture)
    const sum = known.reduce((all, { bytes }) => all + bytes, 0)
    const cells = [capture.kernel, capture.name, formatBytes(total), formatBytes(sum), formatBytes(unaccounted)]
    return `| ${cells.join(' | ')} | ${formatPercent(unaccounted / total)} | ${hasCpuLists ? 'yes' : 'no'} |`
  })
  return joinGenerated([
    '| term | part of | source | kernels | |\n|---|---|---|---|---|',
    ...terms,
    '\nOn captures of real kernels. Where the free lists of each CPU were not captured they are in the rest:\n',
    '| kernel | capture | MemTotal | terms | unaccounted | | CPU lists |\n|---|---|---|---|---|---|---|',
    ...captures,
  ])
}

/** Returns the generated part of the document as it is on disk. */
export const readMemoryTables = (): string => readGenerated(DOCUMENT)

if (import.meta.main) writeGenerated(DOCUMENT, formatMemoryTables())

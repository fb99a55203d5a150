// Cutting: what a recording of a part of a session must hold: the texts that stood at its beginning, the log that explains
// what was wrong then, and its looks.
import { linesOf } from '../base/text.ts'
import { append, emptyHistory, type Reading } from '../history.ts'
import { Texts } from '../sources/kmem/texts.ts'
import { looksOf, partAt } from './looks.ts'
import type { Folder } from './moments.ts'

/** Reports may begin before their kill: so much more of the log is looked at. */
const SLACK = 30_000

/**
 * The texts that were known at `begin`, as keyframe readings; in place of the kernel log's what explains the kills before.
 * @param marked milliseconds that a kill is told
 */
export function keyframeAt(folder: Folder, begin: number, marked: number): readonly Reading[] {
  const texts = new Texts()
  for (const { time, lead, readings } of looksOf(folder, { from: partAt(folder, begin) })) {
    for (const reading of time < begin ? [...lead, ...readings] : lead) texts.take(reading)
    if (time >= begin) break
  }
  const log = logBefore(folder, begin, marked)
  return texts
    .keyframe()
    .map(reading =>
      reading.collector === 'kmsg' && log !== '' ? { ...reading, files: { '/dev/kmsg': log } } : reading,
    )
}

/** The looks from `begin` to `end`, each as its readings; after a loss with what must be known again. */
export function* looksWithin(folder: Folder, begin: number, end: number): Generator<readonly Reading[]> {
  let isFirst = true
  for (const { lead, readings, time } of looksOf(folder, { from: partAt(folder, begin), end })) {
    if (time < begin) continue
    yield isFirst ? readings : [...lead, ...readings]
    isFirst = false
  }
}

// All records from the first line of the oldest kill that is still told, without a gap: none is counted as lost.
function logBefore(folder: Folder, begin: number, marked: number): string {
  const since = begin - marked - SLACK
  let history = emptyHistory(folder.tape.session)
  const kept: string[] = []
  for (const { lead, readings, time } of looksOf(folder, { from: partAt(folder, since) })) {
    for (const reading of time < begin ? [...lead, ...readings] : lead) {
      if (reading.collector !== 'kmsg') continue
      history = append(history, reading)
      if (reading.time >= since || lead.includes(reading)) kept.push(reading.files['/dev/kmsg'] ?? '')
    }
    if (time >= begin) break
  }
  const { oomKills, reports } = history.kmsg
  const told = [...oomKills.filter(kill => kill.time >= begin - marked), ...reports]
  const first = Math.min(...told.map(({ logLines }) => logLines?.first ?? Number.POSITIVE_INFINITY))
  return recordsFrom(kept.join(''), first)
}

// 4,505850,2427010230,-;ctr-b invoked oom-killer: …
function recordsFrom(text: string, first: number): string {
  const lines = linesOf(text)
  const at = lines.findIndex(line => Number(/^\d+,(\d+),/.exec(line)?.[1] ?? -1) >= first)
  return at < 0 ? '' : `${lines.slice(at).join('\n')}\n`
}

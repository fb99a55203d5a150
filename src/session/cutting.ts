// Cutting: what a recording of a part of a session must hold: the texts that stood at its beginning, the log that explains
// what was wrong then, and its looks.
import { splitLines } from '../base/text.ts'
import { isSameBoot } from '../detectors/watch.ts'
import { appendReading, createHistory, type Reading } from '../history.ts'
import { Texts } from '../sources/kmem/texts.ts'
import { looksOf, type TapeLook } from './looks.ts'
import type { Folder } from './moments.ts'

/** Reports may begin before their kill: so much more of the log is looked at. */
const SLACK = 30_000

/**
 * The texts that were known at `begin`, as keyframe readings; in place of the kernel log's what explains the kills before.
 * @param marked milliseconds that a kill is told
 */
export function keyframeAt(folder: Folder, begin: number, marked: number): readonly Reading[] {
  let texts = new Texts()
  let of = folder.sessionOf(folder.partAt(begin))
  for (const { time, session, lead, readings } of looksOf(folder, { from: folder.partAt(begin) })) {
    if (!isSameBoot(of, session)) texts = new Texts()
    of = session
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

/** The looks from `begin` to `end`; after a loss with what must be known again. */
export function* looksWithin(folder: Folder, begin: number, end: number): Generator<TapeLook> {
  let isFirst = true
  for (const look of looksOf(folder, { from: folder.partAt(begin), end })) {
    if (look.time < begin) continue
    yield isFirst ? { ...look, lead: [] } : look
    isFirst = false
  }
}

// All records from the first line of the oldest kill that is still told, without a gap: none is counted as lost.
function logBefore(folder: Folder, begin: number, marked: number): string {
  const since = begin - marked - SLACK
  let history = createHistory(folder.sessionOf(folder.partAt(since)))
  let kept: string[] = []
  for (const { lead, readings, time, session } of looksOf(folder, { from: folder.partAt(since) })) {
    if (!isSameBoot(history.session, session)) [history, kept] = [createHistory(session), []]
    for (const reading of time < begin ? [...lead, ...readings] : lead) {
      if (reading.collector !== 'kmsg') continue
      history = appendReading(history, reading)
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
  const lines = splitLines(text)
  const at = lines.findIndex(line => Number(/^\d+,(\d+),/.exec(line)?.[1] ?? -1) >= first)
  return at < 0 ? '' : `${lines.slice(at).join('\n')}\n`
}

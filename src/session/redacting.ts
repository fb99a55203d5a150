// Redacting: a whole tape with other names, look by look.
import { type Digest, Names } from '../export/redact/names.ts'
import { Redactor } from '../export/redact/readings.ts'
import type { Reading } from '../history.ts'
import { looksOf, type TapeLook } from './looks.ts'
import type { Folder } from './moments.ts'
import type { Content } from './rewrite.ts'

/** What the redacted recording holds. Its looks are read as they are written. */
export function redactedTape(folder: Folder, digest: Digest): Content {
  const redactor = new Redactor(new Names(digest))
  const redacted = (readings: readonly Reading[]): readonly Reading[] =>
    readings.flatMap(reading => redactor.reading(reading) ?? [])
  const [first] = looksOf(folder)
  return {
    session: redactor.session(first?.session ?? folder.tape.session),
    keyframe: redacted(first?.lead ?? []),
    looks: redactedLooks(folder, redactor, redacted),
    dense: false,
  }
}

function* redactedLooks(
  folder: Folder,
  redactor: Redactor,
  redacted: (readings: readonly Reading[]) => readonly Reading[],
): Generator<TapeLook> {
  let isFirst = true
  for (const look of looksOf(folder)) {
    const lead = isFirst ? [] : redacted(look.lead)
    yield { ...look, session: redactor.session(look.session), lead, readings: redacted(look.readings) }
    isFirst = false
  }
}

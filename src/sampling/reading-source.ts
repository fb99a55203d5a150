// Source: a session and its readings, from wherever. Nothing right of this folder knows from where.
import type { RecordingHeader } from '../collectors/collector.ts'
import type { Reading } from '../history.ts'

/** Batches of readings that fell due together, until `stop` is called or there are no more. */
export interface ReadingSource {
  readonly session: RecordingHeader
  readonly batches: AsyncIterable<readonly Reading[]>
  stop(): void
}

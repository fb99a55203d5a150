// Source: a session and its readings, live or recorded. Later folders do not know which.
import type { RecordingHeader } from '../collectors/collector.ts'
import type { Reading } from '../history.ts'

/** Yields batches of readings that fell due together, until `stop` is called or there are no more. */
export interface ReadingSource {
  readonly session: RecordingHeader
  readonly batches: AsyncIterable<readonly Reading[]>
  stop(): void
}

// Source: a session and its readings, live or recorded. Later folders do not know which.
import type { RecordingHeader } from '../collectors/collector.ts'
import type { Reading } from '../history.ts'

/** Readings that fell due together; or the session of another boot of the node, to which the readings after it belong. */
export type SourceBatch = readonly Reading[] | { readonly session: RecordingHeader }

/** Returns the readings of a batch. */
export const listReadings = (batch: SourceBatch): readonly Reading[] => ('session' in batch ? [] : batch)

/** Yields batches, until `stop` is called or there are no more. */
export interface ReadingSource {
  readonly session: RecordingHeader
  readonly batches: AsyncIterable<SourceBatch>
  stop(): void
}

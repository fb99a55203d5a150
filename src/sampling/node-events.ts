// What the main thread and the sampling of a node send each other.
import type { Files, RecordingHeader } from '../collectors/collector.ts'
import type { Reading } from '../history.ts'
import type { FrameSummary } from '../recording/frame-index.ts'
import type { RecorderStatus } from '../recording/recorder.ts'
import type { RetentionPolicy } from '../recording/retention.ts'
import type { LinkStatus } from './via/link/link-status.ts'

/** The session comes first, and again after another boot of a node over a link. `flight`: a recording of the last minutes. */
export type NodeEvent =
  | { readonly session: RecordingHeader }
  | { readonly readings: readonly Reading[] }
  | { readonly status: RecorderStatus }
  | { readonly flight: Uint8Array }
  | { readonly link: LinkStatus }

/** Commands of the main thread. */
export type WorkerCommand =
  | { readonly type: 'record'; readonly target: string; readonly retention: RetentionPolicy }
  | { readonly type: 'stop-recording' }
  | { readonly type: 'flight' }
  | { readonly type: 'mark'; readonly text: string }
  /** counts of application logs, by their name */
  | { readonly type: 'applog'; readonly files: Files }
  /** find out who holds the memory of an alert: once, lazily, beside sampling */
  | { readonly type: 'survey'; readonly reason: string }
  | ({ readonly type: 'note' } & Pick<FrameSummary, 'alerts' | 'minutes'>)

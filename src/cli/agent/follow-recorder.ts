// Follows the recorder of an agent. A recording that cannot go on ends a recorder; an agent that also serves begins again.
import type { Store } from '../../app/store.ts'
import { formatBytes } from '../../base/format.ts'
import { MINUTE } from '../../base/units.ts'
import type { RecorderStatus } from '../../recording/recorder.ts'
import { repeatEvery } from '../../sampling/clock.ts'
import type { LiveSource } from '../../sampling/live-source.ts'
import type { AgentOptions } from '../commands/agent.ts'
import { toRetentionPolicy } from '../live/start-sampling.ts'
import { logToStderr } from '../stderr.ts'

const RETRY_INTERVAL = MINUTE

/** Follows the recorder; `finish` says what was recorded, and returns whether all went well. */
export function followRecorder(options: AgentOptions, source: LiveSource, store: Store): { finish(): boolean } {
  const { output: target, quiet, listen } = options
  let status: RecorderStatus = {}
  source.subscribeStatus(next => {
    store.dispatch({ type: 'recorder', status: next })
    if (!quiet && next.file && next.file.path !== status.file?.path) logToStderr(`recording into ${next.file.path}`)
    if (next.problem !== undefined && next.problem !== status.problem) logToStderr(next.problem)
    status = next
    if (target !== undefined && !next.file && !listen) source.stop() // nothing is written any more
  })
  if (target !== undefined && listen) repeatEvery(RETRY_INTERVAL, () => resumeRecording(target))
  const resumeRecording = (directory: string): void => {
    if (!status.file) source.sendCommand({ type: 'record', target: directory, retention: toRetentionPolicy(options) })
  }
  return {
    finish: () => {
      if (!quiet && status.finished !== undefined) logToStderr(`recorded ${status.finished}${formatSize(status)}`)
      return status.problem === undefined
    },
  }
}

const formatSize = ({ written }: RecorderStatus): string => (written === undefined ? '' : `, ${formatBytes(written)}`)

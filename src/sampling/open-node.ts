// Opens the node that is sampled: this machine, or another one over a command that gives a shell there.
import { UserError } from '../base/errors.ts'
import type { Host, RecordingHeader } from '../collectors/collector.ts'
import { parseUptime } from '../collectors/uptime.ts'
import type { Reading } from '../history.ts'
import { noteReads, type ReadBoard } from './active-read.ts'
import { getMachineTime, type MachineClock } from './clock.ts'
import { createClockWatch } from './clock-watch.ts'
import type { SurveyHost } from './holders/survey-host.ts'
import { createLocalHost } from './local-host.ts'
import { readRecordingHeader } from './recording-header.ts'
import { Link } from './via/link/link.ts'
import { LinkLostError } from './via/link/link-error.ts'
import type { LinkOptions, LinkThread } from './via/link/link-thread.ts'
import { RemoteHost } from './via/remote-host.ts'
import type { Waiting } from './via/waiting.ts'

/** Where the node is. */
export interface NodePlace {
  /** the directory with its /proc and /sys */
  readonly root: string
  /** a command that gives a POSIX shell on the node; undefined: this machine */
  readonly via?: LinkOptions | undefined
}

/** The thread that samples the node. */
export interface NodeThread extends LinkThread {
  readonly readBoard: ReadBoard
  readonly clock: MachineClock
}

/** A node that is sampled: how it is read, and the header of its session. */
export interface OpenNode {
  readonly host: Host & { close(): void }
  /** where a survey of who holds memory is taken */
  readonly surveyHost: SurveyHost
  /** gives a reading after a step of the wall clock; only of this machine, where both clocks can be read at one time */
  readonly checkClock?: () => Reading | undefined
  readonly session: RecordingHeader
  /** begins the session of another boot of a node over a link, after a SessionOverError */
  reopen?(): Waiting<OpenNode>
}

/** Opens the node and reads who it is. @throws UserError if no collector answers over the command */
export function* openNode({ root, via }: NodePlace, interval: number, thread: NodeThread): Waiting<OpenNode> {
  if (via === undefined) return openLocalNode(root, interval, thread)
  const link = yield* connect(via, thread)
  function* openSession(): Waiting<OpenNode> {
    const host = new RemoteHost(link, thread, root)
    yield* host.fetchIdentity()
    const clock = { monotonic: host.monotonic, wallClock: computeWallClock(link.hello.wall, thread.clock) }
    const session = readRecordingHeader(host, clock, interval, host.readMachine())
    return { host, surveyHost: host.createSurveyHost(), session, reopen }
  }
  function* reopen(): Waiting<OpenNode> {
    yield* link.restart()
    return yield* openSession()
  }
  return yield* openSession()
}

function openLocalNode(root: string, interval: number, thread: NodeThread): OpenNode {
  const host = noteReads(createLocalHost(root), thread.readBoard, () => getMachineTime() / 1000)
  const checkClock = createClockWatch(thread.clock, () => readUptime(host))
  return { host, surveyHost: host, checkClock, session: readRecordingHeader(host, thread.clock, interval) }
}

function readUptime(host: Host): number | undefined {
  try {
    return parseUptime(host.readFile('/proc/uptime')) * 1000
  } catch {
    return undefined
  }
}

const SAME_TIME = 2000 // ms: `date` gives whole seconds, so clocks that differ by less are taken for equal

function computeWallClock(wall: number | undefined, clock: MachineClock): number {
  const now = clock.wallClock + clock.now()
  const isSame = wall === undefined || Math.abs(wall * 1000 + 500 - now) < SAME_TIME
  return isSame ? clock.wallClock : wall * 1000 + 500 - clock.now()
}

function* connect(
  options: { readonly command: string; readonly reconnects: boolean },
  thread: LinkThread,
): Waiting<Link> {
  try {
    return yield* Link.open(options, thread)
  } catch (error) {
    if (!(error instanceof LinkLostError)) throw error
    throw new UserError(
      `--via ${JSON.stringify(options.command)}: no kmemtop collector answered: ${error.message}\n` +
        'The command must give a POSIX shell on the node, like: ssh root@node sh',
    )
  }
}

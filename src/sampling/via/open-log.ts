// Opens the kernel log of a node, and waits until what it holds has come: a check that took what was there at once would miss kills.
import type { Answer } from './answer.ts'
import type { Waiting } from './waiting.ts'

/** How far the log of a connection has come. */
export interface LogProgress {
  /** lines of the collector that came between the records */
  readonly marks: number
  /** the far side joins its stderr with its stdout: records would land inside of answers */
  readonly isJoined: boolean
  /** no record came between the last two marks */
  readonly isQuiet: boolean
  /** a record of after the connect has come, or as much as is taken at once */
  readonly isEnough: boolean
}

/** What opening the log needs of the link. */
export interface LogLink {
  exchange(build: () => readonly string[]): Waiting<readonly Answer[]>
  /** undefined without a connection */
  readLogProgress(): LogProgress | undefined
}

const FIRST_MARK_TIME = 3000 // ms for the first mark, which was sent before the hello
const CATCH_UP_TIME = 20_000 // ms for what the log holds
const PAUSE = { first: 1, longest: 50, growth: 1.5 } // ms between two checks

/**
 * Opens the log at `path` over there, and waits for what it holds if `isFirst`. Gives why it cannot be read, as the kernel's code;
 * ENOTCONN: what the far side writes on stderr does not come here.
 */
export function* openLog(
  link: LogLink,
  path: string,
  isFirst: boolean,
  now: () => number,
): Waiting<string | undefined> {
  const hasMarks = yield* waitForMarks(link, 1, isFirst ? FIRST_MARK_TIME : 0, now)
  if (!hasMarks || link.readLogProgress()?.isJoined) return 'ENOTCONN'
  const [answer] = yield* link.exchange(() => [`K # ${path}`])
  const word = answer!.text.trim()
  if (word !== 'STARTED') return word || 'EIO'
  if (isFirst) yield* waitForRecords(link, now)
  return undefined
}

// Nothing is on its way when the program that reads the log sleeps, and no record came between two marks.
function* waitForRecords(link: LogLink, now: () => number): Waiting<void> {
  const end = now() + CATCH_UP_TIME
  for (let pause = PAUSE.first; now() < end; pause = Math.min(PAUSE.longest, pause * PAUSE.growth)) {
    const marks = countMarks(link)
    const [answer] = yield* link.exchange(() => ['S #'])
    yield* waitForMarks(link, marks + 1, end - now(), now)
    const progress = link.readLogProgress()
    if (progress?.isEnough || (progress?.isQuiet && isAsleep(answer!.text))) return
    yield pause
  }
}

// 1234 (cat) S 1 …; without a line it has ended, or cannot be seen
const isAsleep = (stat: string): boolean => !/\) [RD] /.test(stat)

function* waitForMarks(link: LogLink, marks: number, patience: number, now: () => number): Waiting<boolean> {
  const { first, longest, growth } = PAUSE
  const end = now() + patience
  for (let pause = first; countMarks(link) < marks; pause = Math.min(longest, pause * growth)) {
    if (link.readLogProgress()?.isJoined || now() >= end) return false
    yield pause
  }
  return true
}

const countMarks = (link: LogLink): number => link.readLogProgress()?.marks ?? 0

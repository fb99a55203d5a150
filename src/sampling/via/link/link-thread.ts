// What a link needs: the thread that it runs in, and how the node is reached.

import type { Waiting } from '../waiting.ts'
import type { LinkStatus } from './link-status.ts'

/** What the link needs of the thread that it runs in. */
export interface LinkThread {
  /** samples several nodes, so that a node that does not answer must not block it for long */
  readonly isShared: boolean
  now(): number
  /** Blocks the thread for work in the middle of a sample; `usual`: milliseconds that an answer takes at least. @throws StoppedError to end sampling, SampleLostError after a long wait of a shared thread */
  block<Result>(work: Waiting<Result>, usual?: number): Result
  /** Does work between samples. A thread that samples several nodes continues with the others meanwhile. */
  run<Result>(work: Waiting<Result>): Result | Promise<Result>
  postStatus(status: LinkStatus): void
}

/** How a node is reached, and what happens when the connection is lost. */
export interface LinkOptions {
  readonly command: string
  /** false: a lost connection is the end, as for a single sample */
  readonly reconnects: boolean
  /** true: nobody can type a password, because the screen is up already */
  readonly isUnattended?: boolean | undefined
}

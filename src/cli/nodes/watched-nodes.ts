// Several nodes, each with a store of its own: `--via` given repeatedly. They share sampling threads.
import { runEventLoop } from '../../app/event-loop.ts'
import { createInitialState } from '../../app/state.ts'
import { createStore, type Store } from '../../app/store.ts'
import { createHistory } from '../../history.ts'
import { createSystemClock, waitAtMost } from '../../sampling/clock.ts'
import type { LiveSource } from '../../sampling/live-source.ts'
import type { SharedThreads } from '../../sampling/shared-threads.ts'
import type { ListedNode } from '../../ui/nodes/node-list.ts'
import type { LiveOptions } from '../commands/live.ts'
import { type Config, resolveThresholds } from '../config.ts'
import { STOP_TIMEOUT, startSampling } from '../live/start-sampling.ts'

/** Milliseconds of each node that stay in memory, to rewind. */
const FLIGHT_DURATION = 300_000
/** Milliseconds between two attempts to reach a node. */
const RETRY = { first: 5000, longest: 60_000 }

/** A node that is watched: its source and store from when it is reached. */
export class WatchedNode {
  readonly command: string
  source: LiveSource | undefined
  store: Store | undefined
  private readonly threads: SharedThreads
  private readonly stopped = new AbortController()
  private readonly clock = createSystemClock()
  private problem: string | undefined
  private retryAt = 0

  constructor(command: string, threads: SharedThreads) {
    this.command = command
    this.threads = threads
  }

  get listed(): ListedNode {
    const { command, problem } = this
    const retryIn = problem === undefined ? undefined : Math.max(0, this.retryAt - this.clock.now())
    return { command, state: this.store?.get(), problem, retryIn }
  }

  /** Reaches the node and samples it until `stop`. A failure becomes its problem, and the node is tried again. */
  async run(options: LiveOptions, config: Config, onChange: () => void): Promise<void> {
    const { signal } = this.stopped
    for (let pause = RETRY.first; !signal.aborted; pause = Math.min(2 * pause, RETRY.longest)) {
      try {
        await this.sample(options, config, onChange)
      } catch (error) {
        this.setProblem(error as Error, pause)
      }
      onChange()
      await this.clock.sleepUntil(this.clock.now() + pause, signal)
    }
  }

  async stop(): Promise<void> {
    this.stopped.abort()
    this.source?.stop()
    if (this.source) await waitAtMost(STOP_TIMEOUT, this.source.ended)
  }

  private async sample(options: LiveOptions, config: Config, onChange: () => void): Promise<void> {
    const { command, threads, stopped } = this
    const request = { flight: FLIGHT_DURATION, reconnects: true, threads, signal: stopped.signal }
    const source = await startSampling({ ...options, via: [command] }, config, request)
    const store = createStore(createInitialState(createHistory(source.session), resolveThresholds(config)))
    source.subscribeLink(link => store.dispatch({ type: 'link', link }))
    source.subscribeStatus(status => store.dispatch({ type: 'recorder', status }))
    store.subscribe(onChange)
    this.problem = undefined
    this.source = source
    this.store = store
    await runEventLoop(source, store)
  }

  private setProblem(error: Error, pause: number): void {
    // the line of the list names the command already
    const [message = ''] = error.message.split('\n')
    this.problem = message.replace(/^--via ".*": no kmemtop collector answered/, 'not reached')
    this.retryAt = this.clock.now() + pause
  }
}

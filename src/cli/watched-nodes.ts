// Several nodes, each with a store of its own: `--via` given repeatedly. They share sampling threads.
import { runEventLoop } from '../app/event-loop.ts'
import { createInitialState } from '../app/state.ts'
import { createStore, type Store } from '../app/store.ts'
import { createHistory } from '../history.ts'
import { waitAtMost } from '../sampling/clock.ts'
import type { LiveSource } from '../sampling/live-source.ts'
import type { SharedThreads } from '../sampling/shared-threads.ts'
import type { ListedNode } from '../ui/node-list.ts'
import type { LiveOptions } from './commands/live.ts'
import { type Config, resolveThresholds } from './config.ts'
import { STOP_TIMEOUT, startSampling } from './start-sampling.ts'

/** Milliseconds of each node that stay in memory, to rewind. */
const FLIGHT_DURATION = 300_000

/** A node that is watched: its source and store from when it is reached. */
export class WatchedNode {
  readonly command: string
  private readonly threads: SharedThreads
  source: LiveSource | undefined
  store: Store | undefined
  private problem: string | undefined
  private isStopped = false

  constructor(command: string, threads: SharedThreads) {
    this.command = command
    this.threads = threads
  }

  get listed(): ListedNode {
    return { command: this.command, state: this.store?.get(), problem: this.problem }
  }

  /** Reaches the node and samples it until `stop`. A failure becomes its problem. */
  async run(options: LiveOptions, config: Config, onChange: () => void): Promise<void> {
    try {
      const request = { flight: FLIGHT_DURATION, reconnects: true, threads: this.threads }
      const source = await startSampling({ ...options, via: [this.command] }, config, request)
      this.source = source
      if (this.isStopped) return source.stop()
      const store = createStore(createInitialState(createHistory(source.session), resolveThresholds(config)))
      this.store = store
      source.subscribeLink(link => store.dispatch({ type: 'link', link }))
      source.subscribeStatus(status => store.dispatch({ type: 'recorder', status }))
      store.subscribe(onChange)
      await runEventLoop(source, store)
    } catch (error) {
      // the line of the list names the command already
      const [message = ''] = (error as Error).message.split('\n')
      this.problem = message.replace(/^--via ".*": no kmemtop collector answered/, 'not reached')
    }
    onChange()
  }

  async stop(): Promise<void> {
    this.isStopped = true
    this.source?.stop()
    if (this.source) await waitAtMost(STOP_TIMEOUT, this.source.ended)
  }
}

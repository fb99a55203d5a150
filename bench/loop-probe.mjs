// Loaded into a program before its own code (`--import`): writes each second how long its event loop stood at most, in ms.
// 5 ms of it are the probe's: it counts from one of its timers to the next.
import { appendFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

const file = process.env.LOOP_PROBE
if (isMainThread && file) {
  const delays = monitorEventLoopDelay({ resolution: 5 })
  delays.enable()
  const write = () => {
    appendFileSync(file, `${delays.max / 1e6}\n`)
    delays.reset()
  }
  setInterval(write, 1000).unref()
}

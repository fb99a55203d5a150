// The kinds of leaks. Each has the work of one request; `fixed` gives back what the work took.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { startHelper } from './helper.mjs'
import * as kernel from './kernel-kinds.mjs'

const KiB = 1024
const MiB = 1024 * KiB

// Memory of the process: what the garbage collector cannot free, because something still refers to it.
function startHeap(fixed) {
  const kept = []
  return { work: () => void (fixed ? [] : kept).push(Array.from({ length: 500 }, (_, i) => ({ i }))) }
}

const IDLE = 100 // ms without a request

// Each request takes 1 MiB and gives it back; of 200 requests 1 MiB stays. Arrays, because memory of Buffers that was freed stays with
// malloc and takes up a small leak for many minutes: nobody could see it from outside.
function startSlow(fixed, collect = () => {}) {
  const kept = []
  let idle
  return {
    work: () => {
      const churn = new Array(MiB / 8).fill(kept.length)
      if (!fixed) kept.push(churn.slice(0, (5 * KiB + 100) / 8))
      clearTimeout(idle)
      idle = setTimeout(collect, IDLE)
    },
  }
}

// Collects all garbage now, as runtimes do that collect when they are idle.
function createCollector() {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc')
}

// A cache with a bound, which fills up during the first requests; the leaky one has no bound.
function startWarmup(fixed) {
  const cache = new Map()
  let requests = 0
  return {
    work: () => {
      const key = fixed ? Math.floor(Math.random() * 400) : requests++
      if (!cache.has(key)) cache.set(key, Buffer.alloc(64 * KiB, 1))
    },
  }
}

// Garbage that is collected now and then, in one go; the leaky one never is.
function startSawtooth(fixed) {
  let garbage = []
  return {
    work: () => {
      garbage.push(Buffer.alloc(64 * KiB, 1))
      if (fixed && garbage.length > 150 + Math.random() * 150) garbage = []
    },
  }
}

const startDescriptors = call => fixed => {
  const helper = startHelper(`${call} ${fixed ? 'close' : 'keep'}`)
  return { work: () => helper.ask(), end: () => helper.end() }
}

export const kinds = {
  sockets: { about: 'TCP connections that nobody closes', start: kernel.startSockets },
  eventfds: { about: 'eventfds, 10 per request (through perl)', start: startDescriptors('eventfd') },
  pipes: { about: 'pipes, 10 per request (through perl)', start: startDescriptors('pipe') },
  inotify: { about: 'watches of files that are gone', start: kernel.startInotify },
  tmpfs: { about: '16 KiB files in /dev/shm', start: kernel.startTmpfs },
  cgroups: { about: 'memory cgroups kmt-leaky-*, one per 5 requests (as root)', start: kernel.startCgroups },
  pagetables: { about: 'one byte per 2 MiB of address space: page tables', start: kernel.startPageTables },
  heap: { about: 'objects on the heap of JavaScript', start: startHeap },
  slow: {
    about: '5 KiB of each MiB: 1 MiB per 200 requests; garbage is collected when no request comes',
    start: fixed => startSlow(fixed, createCollector()),
  },
  'slow-lazy': {
    about: 'the same, with garbage collected only when there is much of it',
    start: fixed => startSlow(fixed),
  },
  warmup: { about: 'a cache: bounded, or (leaky) without a bound', start: startWarmup },
  sawtooth: { about: 'garbage that is dropped in one go, or (leaky) never', start: startSawtooth },
}

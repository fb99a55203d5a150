// Tests: unit tests, and three groups of tests that start programs. tools/test.mjs runs the groups at the same time, in a
// full run those that measure alone, at the end: what would be in the picture of another test is in the same group.
import { globSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

// Golden frames are written at every size, so `-u` is a full run.
const isFull = process.env.KMEMTOP_FULL === '1' || process.argv.some(word => word === '-u' || word === '--update')
const env = { TZ: 'UTC', FORCE_COLOR: '1', ...(isFull ? { KMEMTOP_FULL: '1' } : {}) }
const PROGRAMS = ['test/e2e/**/*.test.{ts,tsx}', 'test/helpers/**/*.test.{ts,tsx}']
const findFiles = (matches: (path: string, text: string) => boolean): readonly string[] =>
  globSync(PROGRAMS).filter(path => matches(path, readFileSync(path, 'utf8')))
const judgesNode = (path: string): boolean => /\/(run|zombies|via-beside-local)\./.test(path)
/**
 * One after another: they make the kernel kill processes or write its log, take kernel objects by the hundred thousand, or judge what the
 * whole node did meanwhile. What one of them gives back would hide the growth that another waits for.
 */
const KERNEL = findFiles(
  (path, text) => /startLeak\(|triggerOomKill\(|openSync\('\/dev\/kmsg'/.test(text) || judgesNode(path),
)
/** Judge by figures of the whole node what a load leaves behind, or count what a second takes. */
const MEASURES = [...findFiles(path => /\/(leaky-server|budget)\.test/.test(path)), 'test/budget.test.ts']

/** Files of a group that run at the same time: programs mostly wait. */
const WORKERS = { unit: 2, programs: 3, kernel: 1, measures: 1 } as const

const defineGroup = (
  name: keyof typeof WORKERS,
  groupOrder: number,
  include: readonly string[],
  exclude: readonly string[],
) => ({
  extends: true as const,
  test: {
    name,
    include: [...include],
    exclude: [...exclude],
    env,
    setupFiles: ['test/helpers/setup.ts'],
    // only ends a test that hangs: a loaded machine may take many times as long
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    sequence: { groupOrder },
    // Modules keep no state but caches of pure functions, so that files may share them: half of the time was loading. A full run
    // loads them for each file, which shows that no file depends on another; so does what measures memory.
    isolate: isFull || name === 'measures',
    maxWorkers: WORKERS[name],
  },
})

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'react' } },
  test: {
    projects: [
      defineGroup('unit', 0, ['test/**/*.test.{ts,tsx}'], [...PROGRAMS, ...MEASURES]),
      defineGroup('kernel', 1, KERNEL, []),
      defineGroup('programs', 2, PROGRAMS, [...KERNEL, ...MEASURES]),
      defineGroup('measures', 3, MEASURES, []),
    ],
  },
})

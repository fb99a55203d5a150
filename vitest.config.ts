// Tests: units side by side, then those that start programs, one file at a time.
import { defineConfig } from 'vitest/config'

// Golden frames are written at every size, so `-u` is a full run.
const isFull = process.env.KMEMTOP_FULL === '1' || process.argv.some(word => word === '-u' || word === '--update')
const env = { TZ: 'UTC', FORCE_COLOR: '1', ...(isFull ? { KMEMTOP_FULL: '1' } : {}) }
// These watch real terminals, clocks and kernel counters: another one beside them would be in the picture.
const ALONE = ['test/e2e/**/*.test.{ts,tsx}', 'test/helpers/**/*.test.{ts,tsx}']

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'react' } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ALONE,
          env,
          maxWorkers: 2,
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ALONE,
          env,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})

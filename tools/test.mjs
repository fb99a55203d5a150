// Runs the tests: `npm test [-- --full] [vitest's own words]`. --full (or KMEMTOP_FULL=1) runs every case: all sizes of
// the golden frames, all rounds of the property tests, the large scenarios at every point, and the virtual machines.
import { spawnSync } from 'node:child_process'

const words = process.argv.slice(2)
const isFull = words.includes('--full') || process.env.KMEMTOP_FULL === '1'
const env = { ...process.env, ...(isFull ? { KMEMTOP_FULL: '1' } : {}) }
const { status, signal } = spawnSync('vitest', ['run', ...words.filter(word => word !== '--full')], {
  stdio: 'inherit',
  env,
})
if (signal) process.kill(process.pid, signal)
process.exit(status ?? 1)

// A flood of the kernel log while the screen is up: every record is shown or counted as lost, and keys still work.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { expect } from 'vitest'
import { testUnless } from '../helpers/test-unless.ts'
import { NODE, runProgram } from './program.ts'

const RECORDS = 50_000

function noKmsg(): string | undefined {
  try {
    accessSync('/dev/kmsg', constants.R_OK | constants.W_OK)
    return process.getuid?.() === 0 ? undefined : 'writing /dev/kmsg needs root'
  } catch {
    return '/dev/kmsg cannot be read and written here'
  }
}

// The kernel takes ten records of each opening (printk_devkmsg=ratelimit). Each waits for its moment in the second.
const FLOOD = `
const { openSync, writeSync, closeSync } = require('node:fs')
const began = performance.now()
for (let i = 0; i < ${RECORDS}; i += 10) {
  while (performance.now() - began < i / ${RECORDS / 1000}) {}
  const fd = openSync('/dev/kmsg', 'w')
  for (let n = i; n < i + 10; n++) writeSync(fd, '<14>kmt-burst ' + n + '\\n')
  closeSync(fd)
}
const fd = openSync('/dev/kmsg', 'w')
writeSync(fd, '<14>kmt-burst is over\\n')
closeSync(fd)
`

const counts = (screen: string): { read: number; lost: number } => {
  const [, read = '', lost = ''] = /([\d,.]+ ?[kM]?) records read, ([\d,.]+ ?[kM]?) lost/.exec(screen) ?? []
  const value = (text: string): number => Number.parseFloat(text.replaceAll(',', '')) * (text.includes('k') ? 1000 : 1)
  return { read: value(read), lost: value(lost) }
}

testUnless(noKmsg())('50,000 records in a second: none is lost silently, the screen stays alive', async () => {
  await runProgram({ columns: 120, rows: 80 }, async terminal => {
    terminal.write('?')
    const before = counts(await terminal.waitFor(/records read/))
    terminal.write('?')
    terminal.write('4')
    await terminal.waitFor(/Kernel log/)
    const flood = spawn(NODE, ['-e', FLOOD], { stdio: 'inherit' })
    terminal.write('1')
    await terminal.waitFor(/Cgroups/) // a key is answered meanwhile
    terminal.write('4')
    await once(flood, 'close')
    await terminal.waitFor(/kmt-burst is over/)
    terminal.write('?')
    const after = counts(await terminal.waitFor(/records read/))
    const [read, lost] = [after.read - before.read, after.lost - before.lost]
    console.info(`of ${RECORDS} records ${read} were read, ${lost} counted as lost`)
    expect(read + lost).toBeGreaterThanOrEqual(RECORDS)
  })
})

// cgroup v2 announces each change of memory.events: what the reader learns from the notices alone is what the kernel counted.
import { resolve } from 'node:path'
import { expect } from 'vitest'
import { skipUnlessFull } from '../full.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { canRunInVm, runInVm, toVmPath } from '../helpers/trouble.ts'

const KILLS = 200
const SCRIPT = resolve(import.meta.dirname, '../tools/watch-events.ts')

testUnless(skipUnlessFull() ?? canRunInVm())(
  `no event of ${KILLS} kills in 100 cgroups is missed in the sample after it, and the files of the other cgroups are not read`,
  async () => {
    const words = [process.execPath, SCRIPT].map(path => `'${toVmPath(path)}'`)
    const { code, stdout, stderr } = await runInVm(`#!/bin/bash\n${words.join(' ')} ${KILLS}\n`)
    expect(code, stderr).toBe(0)
    const { kills, known, missed, samples, reads, cgroups } = JSON.parse(stdout)
    expect({ kills, known, missed }).toEqual({ kills: KILLS, known: KILLS, missed: 0 })
    expect(reads, 'reads of memory.events').toBeLessThan(samples * cgroups)
  },
)

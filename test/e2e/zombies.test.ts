// Real dying cgroups on cgroup v2: counted exactly, with what they hold, and their end is seen too.

import { expect } from 'vitest'
import { skipUnlessFull } from '../full.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { canRunInVm, runInVm, toVmPath } from '../helpers/trouble.ts'
import { PROGRAM } from './program.ts'

const ZOMBIES = 500

// Each removed cgroup leaves 16 KiB of tmpfs behind that is charged to it.
const SCRIPT = `#!/bin/bash
CG=/sys/fs/cgroup; mkdir -p $CG/kmt-z /dev/shm/leak
echo +memory >$CG/cgroup.subtree_control; echo +memory >$CG/kmt-z/cgroup.subtree_control
sample() { '${toVmPath(PROGRAM)}' -1 --json >/tmp/state; tr -d '\\n' </tmp/state; echo; }
sample
for i in $(seq ${ZOMBIES}); do
  mkdir $CG/kmt-z/g$i; ( echo $BASHPID >$CG/kmt-z/g$i/cgroup.procs; printf %16384s x >/dev/shm/leak/$i ); rmdir $CG/kmt-z/g$i
done
sample
rm -rf /dev/shm/leak; sleep 2; echo 3 >/proc/sys/vm/drop_caches; sleep 2
sample
`

testUnless(skipUnlessFull() ?? canRunInVm())(
  `${ZOMBIES} zombies are counted exactly, and so is their disappearance`,
  async () => {
    const { code, stdout, stderr } = await runInVm(SCRIPT, { mem: '600M' })
    expect(code, stderr).toBe(0)
    const [before, full, after] = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect([before.cgroup.dying, full.cgroup.dying, after.cgroup.dying]).toEqual([0, ZOMBIES, 0])
    expect(full.cgroup.numCgroups).toBe(before.cgroup.numCgroups + ZOMBIES)
    const group = full.cgroups.find(({ path }: { path: string }) => path === '/kmt-z')
    expect(group).toMatchObject({ dying: ZOMBIES, descendants: 0 })
    const [held] = full.cgroup.heldByDeleted
    expect(held.path).toBe('/kmt-z')
    expect(held.bytes).toBeGreaterThanOrEqual(ZOMBIES * 16_384)
    expect(held.bytes).toBeLessThan(ZOMBIES * 16_384 * 3)
  },
)

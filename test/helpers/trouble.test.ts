import { existsSync, readdirSync } from 'node:fs'
import { expect } from 'vitest'
import { skipUnlessFull } from '../full.ts'
import { testUnless } from './test-unless.ts'
import { canMkdirCgroups, canOomKill, canRunInVm, mkdirCgroups, runInVm, toVmPath, triggerOomKill } from './trouble.ts'

testUnless(canOomKill())('the kernel kills a process at the limit of its group', async () => {
  const { pid, comm, oomMemcg, taskMemcg } = await triggerOomKill({ name: 'simple' })
  expect(comm).toBe('tail')
  expect(taskMemcg).toBe(oomMemcg)
  expect(oomMemcg).toMatch(new RegExp(`/kmt-simple-${process.pid}$`))
  expect(existsSync(`/proc/${pid}`)).toBe(false)
})

testUnless(canOomKill())('the kernel kills a process at the limit of the group above its own', async () => {
  const { oomMemcg, taskMemcg } = await triggerOomKill({ name: 'nested', nested: true, limitBytes: 16 * 1024 * 1024 })
  expect(taskMemcg).toBe(`${oomMemcg}/container`)
})

testUnless(canOomKill())('a limit that could hurt the machine is refused', async () => {
  await expect(triggerOomKill({ name: 'huge', limitBytes: 1e9 })).rejects.toThrow('at most 209715200')
})

testUnless(canMkdirCgroups())('many groups are made and removed', async () => {
  const groups = mkdirCgroups(50)
  expect(readdirSync(groups.directory, { withFileTypes: true }).filter(entry => entry.isDirectory())).toHaveLength(50)
  await groups.release()
  expect(existsSync(groups.directory)).toBe(false)
})

const IN_NODE = `
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
const group = '/sys/fs/cgroup/kmt-plain'
mkdirSync(group)
writeFileSync(group + '/memory.max', String(16 << 20))
const { signal } = spawnSync('sh', ['-c', 'echo $$ >' + group + '/cgroup.procs && exec tail /dev/zero'])
console.log(signal, readFileSync(group + '/memory.events', 'utf8'))
const { triggerOomKill } = await import('${toVmPath(import.meta.dirname)}/trouble.ts')
console.log(JSON.stringify(await triggerOomKill({ name: 'vm', nested: true, limitBytes: 16 << 20 })))
`

testUnless(skipUnlessFull() ?? canRunInVm())(
  'node runs in a VM with cgroup v2, and the kernel there kills as well',
  async () => {
    const node = `'${toVmPath(process.execPath)}' --input-type=module`
    const script = `#!/bin/sh\n${node} <<'EOF'\n${IN_NODE}\nEOF\nstatus=$?; echo left: /sys/fs/cgroup/kmt-vm*; exit $status`
    const { code, stdout, stderr } = await runInVm(script, { mem: '512M' })
    expect(stdout + stderr).toMatch(/^SIGKILL low 0$/m)
    expect(stdout).toMatch(/^oom_kill 1$/m)
    expect(stdout).toMatch(/"oomMemcg":"\/kmt-vm-\d+","taskMemcg":"\/kmt-vm-\d+\/container"/)
    expect(stdout).toContain('left: /sys/fs/cgroup/kmt-vm*\n')
    expect(code).toBe(0)
  },
)

testUnless(skipUnlessFull() ?? canRunInVm())(
  'the exit code of a script in the VM is given, and a VM that hangs is ended',
  async () => {
    expect(await runInVm('#!/bin/sh\necho hello; exit 7')).toMatchObject({ code: 7, stdout: 'hello\n' })
    expect(await runInVm('#!/bin/sh\nsleep 100', { timeout: 5 })).toMatchObject({ code: 124 })
  },
)

// The identity of a node: of the node whose files are read, never of the container or the machine that reads them.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readDistribution, readIdentity } from '../../../src/cli/live/host-identity.ts'
import { makeTree } from '../../e2e/tree.ts'

const OS_RELEASE = 'NAME="Red Hat"\nPRETTY_NAME="Red Hat Enterprise Linux 9.4 (Plow)"\n'

function inTree<T>(files: Readonly<Record<string, string>>, run: (root: string) => T): T {
  const tree = makeTree(files)
  try {
    return run(tree.root)
  } finally {
    tree.remove()
  }
}

test('the distribution is that of the root', () => {
  expect(inTree({ '/etc/os-release': OS_RELEASE }, readDistribution)).toBe('Red Hat Enterprise Linux 9.4 (Plow)')
  expect(inTree({ '/usr/lib/os-release': OS_RELEASE }, readDistribution)).toBe('Red Hat Enterprise Linux 9.4 (Plow)')
})

test('a root without os-release has no distribution, and not that of this machine', () => {
  expect(inTree({ '/proc/': '' }, readDistribution)).toBe('')
})

test('a saved tree of another boot has no hardware: that of this machine is not its own', async () => {
  const tree = makeTree({
    '/etc/os-release': OS_RELEASE,
    '/proc/sys/kernel/random/boot_id': '00000000-0000-4000-8000-000000000000\n',
  })
  expect(await readIdentity(tree.root)).toBe('Red Hat Enterprise Linux 9.4 (Plow)')
  tree.remove()
})

test('the root of a container on this machine has the hardware of this machine', async () => {
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')
  const tree = makeTree({ '/etc/os-release': OS_RELEASE, '/proc/sys/kernel/random/boot_id': bootId })
  expect(await readIdentity(tree.root)).toMatch(/^Red Hat Enterprise Linux 9\.4 \(Plow\) · .*\d CPUs$/)
  tree.remove()
})

// Options that ssh gets where the command leaves them open.
import { expect, test } from 'vitest'
import { addSshDefaults } from '../../../../src/sampling/via/link/ssh-defaults.ts'

test('ssh gets compression, keep-alives and a bound for connecting', () => {
  expect(addSshDefaults('ssh root@node7 sh', false)).toBe(
    'ssh -C -o ServerAliveInterval=5 -o ServerAliveCountMax=3 -o ConnectTimeout=20 root@node7 sh',
  )
})

test('on a reconnect it must not ask for a password', () => {
  expect(addSshDefaults('/usr/bin/ssh n sh', true)).toMatch(/^\/usr\/bin\/ssh -C .*-o BatchMode=yes n sh$/)
})

test('what the command says stays', () => {
  const command = 'ssh -o Compression=no -o ServerAliveInterval=60 -o ServerAliveCountMax=1 -oConnectTimeout=3 n sh'
  expect(addSshDefaults(command, false)).toBe(command)
})

test('other commands stay as they are', () => {
  for (const command of ['sh', 'kubectl exec -i pod -- sh', 'docker exec -i c sh', 'sshpass -p x ssh n sh'])
    expect(addSshDefaults(command, true)).toBe(command)
})

test('sudo must not ask either, unless it asks in another way', () => {
  expect(addSshDefaults('sudo sh', true)).toBe('sudo -n sh')
  expect(addSshDefaults('sudo -u root sh', true)).toBe('sudo -n -u root sh')
  expect(addSshDefaults('sudo sh', false)).toBe('sudo sh')
  for (const command of ['sudo -n sh', 'sudo -An sh', 'sudo -u root -S sh', 'sudoedit x'])
    expect(addSshDefaults(command, true)).toBe(command)
})

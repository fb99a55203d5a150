// An sshd of our own on loopback: own port, own keys, nobody else is let in.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { createTemporaryFolder } from '../helpers/temporary.ts'

const SSHD = '/usr/sbin/sshd'

/** Why no sshd can be started; undefined when one can. */
export function canRunSshd(): string | undefined {
  if (!existsSync(SSHD) || spawnSync('ssh', ['-V']).error) return 'no sshd: apt-get install openssh-server'
  if (process.getuid?.() !== 0) return 'an sshd of our own needs root'
  return undefined
}

export interface Sshd {
  /** the command that gives a shell over it */
  readonly command: string
  /** processes of sessions that are open */
  listSessions(): readonly string[]
  stop(): Promise<void>
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

export async function startSshd(): Promise<Sshd> {
  const folder = createTemporaryFolder()
  for (const name of ['host', 'user'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)])
  const port = await findFreePort()
  execFileSync('mkdir', ['-p', '/run/sshd'])
  writeFileSync(join(folder, 'authorized'), readFileSync(join(folder, 'user.pub')), { mode: 0o600 })
  writeFileSync(
    join(folder, 'config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(folder, 'host')}`,
      `AuthorizedKeysFile ${join(folder, 'authorized')}`,
      'StrictModes no',
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      'UsePAM no',
      'PidFile none',
    ].join('\n'),
  )
  const server = spawn(SSHD, ['-D', '-e', '-f', join(folder, 'config')], { stdio: ['ignore', 'ignore', 'pipe'] })
  await waitForListening(server)
  const options = [
    `-F none -p ${port} -i ${join(folder, 'user')} -o IdentitiesOnly=yes`,
    `-o UserKnownHostsFile=${join(folder, 'known')} -o StrictHostKeyChecking=accept-new`,
  ].join(' ')
  return {
    command: `ssh ${options} ${userInfo().username}@127.0.0.1 sh`,
    listSessions: () =>
      spawnSync('ps', ['-o', 'pid=', '--ppid', String(server.pid)], { encoding: 'utf8' })
        .stdout.split('\n')
        .filter(line => line.trim() !== ''),
    stop: () =>
      new Promise(resolve => {
        server.once('exit', () => resolve())
        server.kill()
      }),
  }
}

function waitForListening(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    server.stderr!.on('data', (chunk: Buffer) => {
      text += chunk
      if (text.includes('Server listening')) resolve()
    })
    server.once('exit', code => reject(new Error(`sshd ended with ${code}: ${text}`)))
  })
}

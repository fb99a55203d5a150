// Agents on saved nodes that change: a healthy one, one whose slab grows, and three on which the same workload is killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { hashSync } from 'bcryptjs'
import { writeCertificate } from '../helpers/certificates.ts'
import { createTerminalEnv } from '../helpers/pty.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { findFreePort } from './free-port.ts'
import { PROGRAM } from './program.ts'

const FIXTURE = new URL('../fixtures/6.12', import.meta.url).pathname
const PASSWORD = 'pass:word'
export const AUTH = { username: 'prometheus', password: PASSWORD }

/** A saved node, its agent, and what can happen to it. */
export interface AgentNode {
  readonly name: string
  readonly port: number
  readonly agent: ChildProcess
  /** sets SUnreclaim and kmalloc-64 */
  setSlab(bytes: number): void
  /** appends the report of an OOM kill of the pod to the kernel log */
  kill(): void
}

/** TLS and a password, as the exporters have it. */
export interface WebFiles {
  readonly folder: string
  readonly config: string
  readonly cert: string
}

/** Writes a certificate for 127.0.0.1 and the web-config file. */
export function writeWebFiles(): WebFiles {
  const folder = createTemporaryFolder()
  const { cert } = writeCertificate(folder)
  const config = join(folder, 'web.yml')
  const users = `basic_auth_users: { ${AUTH.username}: '${hashSync(PASSWORD, 4)}' }\n`
  writeFileSync(config, `tls_server_config: { cert_file: cert.pem, key_file: key.pem }\n${users}`)
  return { folder, config, cert }
}

const POD_UID = '3f0c9a51_7c2e_4d1b_9a60_5b8e2d4f7c13'
const POD = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD_UID}.slice`
const CONTAINER = '9d1c6a0be7f24c5a83f0e1d2c3b4a5968778695a4b3c2d1e0f9e8d7c6b5a4938'

// As the kubelet names it: POD_NAMESPACE_CONTAINER-ID.log
const formatLogLink = (podEnding: string): string => `web-7d9f8b6c5d-${podEnding}_shop_web-${CONTAINER}.log`

/** Starts an agent on a copy of the saved node. */
export async function startAgent(name: string, podEnding: string, { config }: WebFiles): Promise<AgentNode> {
  const root = createTemporaryFolder()
  cpSync(FIXTURE, root, { recursive: true })
  const write = (path: string, text: string, flag = 'w'): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text, { flag })
  }
  write('dev/kmsg', '')
  write('proc/sys/kernel/hostname', `${name}\n`)
  write('proc/sys/kernel/osrelease', '6.12.43\n')
  mkdirSync(join(root, 'var/log/containers'), { recursive: true })
  symlinkSync('/nowhere', join(root, 'var/log/containers', formatLogLink(podEnding)))
  const port = await findFreePort()
  const words = ['agent', '--root', root, '--listen', `127.0.0.1:${port}`, '--web-config', config, '-i', '1s', '-q']
  const agent = spawn(PROGRAM, words, { env: createTerminalEnv(), stdio: 'ignore' })
  const [meminfo, slabinfo] = ['proc/meminfo', 'proc/slabinfo'].map(path => readFileSync(join(root, path), 'utf8'))
  let sequence = 0
  return {
    name,
    port,
    agent,
    setSlab: bytes => {
      const objects = Math.round(bytes / 64)
      const slabs = Math.round(bytes / 4096)
      write('proc/meminfo', meminfo!.replace(/^(SUnreclaim: +)\d+/m, `$1${Math.round(bytes / 1024) + 7760}`))
      const row = `kmalloc-64 ${objects} ${objects} 64 64 1 : tunables 0 0 0 : slabdata ${slabs} ${slabs} 0`
      write('proc/slabinfo', slabinfo!.replace(/^kmalloc-64 .*$/m, row))
    },
    kill: () => {
      sequence += 3
      write('dev/kmsg', formatKill(sequence), 'a')
    },
  }
}

function formatKill(sequence: number): string {
  const pid = 4000 + sequence
  const victim = `total-vm:4096kB, anon-rss:65536kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:10kB oom_score_adj:0`
  const task = `${POD}/cri-containerd-${CONTAINER}.scope`
  const lines = [
    `4,java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0`,
    `6,oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=${POD},task_memcg=${task},task=java,pid=${pid},uid=0`,
    `3,Memory cgroup out of memory: Killed process ${pid} (java) ${victim}`,
  ]
  const now = process.hrtime.bigint() / 1000n // CLOCK_MONOTONIC, as the kernel log has it
  return lines
    .map((line, i) => line.replace(/^(\d),(.*)$/, (_, level, text) => `${level},${sequence + i},${now},-;${text}\n`))
    .join('')
}

/** Ends agents that were started. */
export async function stopAgents(nodes: readonly AgentNode[]): Promise<void> {
  const running = nodes.filter(({ agent }) => agent.exitCode === null && agent.signalCode === null)
  const exits = running.map(({ agent }) => once(agent, 'exit'))
  for (const { agent } of running) agent.kill()
  await Promise.all(exits)
}

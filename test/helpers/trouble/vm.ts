// Scripts under a second, real kernel with cgroup v2: the lab's `vm` and User Mode Linux.
import { spawn, spawnSync } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Seconds. It only ends a VM that hangs: beside other tests a VM may take many times as long. */
const TIMEOUT = 240

/** `share`: a folder that the guest sees, writable, as /share. `timeout` in seconds. */
export interface VmOptions {
  readonly mem?: string
  readonly share?: string
  /** size of a disk for swap, like 64M */
  readonly swap?: string
  readonly timeout?: number
}

/** `code` is the script's; 124 timed out, 125 the VM did not start or died. */
export interface VmResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const REPOSITORY = resolve(import.meta.dirname, '../../..')

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The lab's `vm`: in the folder $KMEMTOP_LAB, else in ../shared/lab beside the repository. */
export function findVmLab(): string | undefined {
  const folders = [process.env.KMEMTOP_LAB ?? '', resolve(REPOSITORY, '../shared/lab')].filter(place => place !== '')
  return folders.map(place => join(place, 'vm')).find(isExecutable)
}

/** Why `runInVm` cannot be had; undefined when it can. */
export function canRunInVm(): string | undefined {
  if (findVmLab() === undefined) return 'no lab: set KMEMTOP_LAB to the folder with its `vm`'
  if (process.getuid?.() !== 0) return 'the VM needs root'
  if (spawnSync('linux.uml', ['--version']).error) return 'linux.uml is missing: apt-get install user-mode-linux'
  return undefined
}

/** Where a script in the VM finds a path of this machine, whatever it is: not all are at their own place. */
export function toVmPath(path: string): string {
  return `/host${resolve(path)}`
}

/** The text of all that a stream gives. */
function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString()
}

/**
 * Runs a script (`#!…` and all) as root in a VM. It sees this machine's files, read-only, at `pathInVm`, and
 * most at their own paths as well; /tmp, /run and /dev/shm are its own.
 */
export async function runInVm(
  script: string,
  { mem = '512M', share, swap, timeout = TIMEOUT }: VmOptions = {},
): Promise<VmResult> {
  const vm = findVmLab()
  if (vm === undefined) throw new Error(canRunInVm())
  const folder = mkdtempSync(join(tmpdir(), 'kmt-vm-'))
  const file = join(folder, 'script')
  writeFileSync(file, script, { mode: 0o755 })
  const more = [...(share === undefined ? [] : ['--share', share]), ...(swap === undefined ? [] : ['--swap', swap])]
  const child = spawn(vm, ['run', file, '--mem', mem, '--timeout', String(timeout), ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const kill = () => void child.kill('SIGTERM') // it then ends its VM and removes its files
  process.once('exit', kill)
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
  try {
    const code = await new Promise<number | null>((done, fail) => child.once('close', done).once('error', fail))
    return { code, stdout: stdout(), stderr: stderr() }
  } finally {
    process.off('exit', kill)
    rmSync(folder, { recursive: true })
  }
}

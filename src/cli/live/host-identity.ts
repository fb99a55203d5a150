// Which machine the node is: distribution, hardware, processors. Read after the first frame: systeminformation starts programs.
import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'

/** The first PID namespace: PROC_PID_INIT_INO in include/linux/proc_ns.h. */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]'

const CONTAINER_MARKS = ['.dockerenv', 'run/.containerenv', 'run/secrets/kubernetes.io']

/**
 * Describes the node whose files are below `root`: `Debian GNU/Linux 12 (bookworm) · virtual (KVM) · 8 CPUs`.
 * What is not known of the node (a container sees its own distribution, a saved tree is of other hardware) is left out.
 */
export async function readIdentity(root: string): Promise<string> {
  const hardware = isThisMachine(root) ? await readHardware() : []
  return [readDistribution(root), ...hardware].filter(Boolean).join(' · ')
}

/** Returns the name of the node's distribution from its os-release; empty if the node's file cannot be reached. */
export function readDistribution(root: string): string {
  for (const folder of listSystemRoots(root))
    for (const file of ['etc/os-release', 'usr/lib/os-release']) {
      const name = parseEnv(readOptional(join(folder, file))).PRETTY_NAME
      if (name) return name
    }
  return ''
}

// /proc/1/root is the node's file system where process 1 is the node's: also in a container that shares its processes.
function listSystemRoots(root: string): readonly string[] {
  const isFirstNamespace = readLinkOptional(join(root, 'proc/1/ns/pid')) === FIRST_PID_NAMESPACE
  return [...(isFirstNamespace ? [join(root, 'proc/1/root')] : []), ...(isContainerRoot(root) ? [] : [root])]
}

const isContainerRoot = (root: string): boolean =>
  root === '/' &&
  (readLinkOptional('/proc/self/ns/pid') !== FIRST_PID_NAMESPACE ||
    CONTAINER_MARKS.some(mark => existsSync(join(root, mark))))

/** Whether the files below `root` are those of the machine that kmemtop runs on. */
export function isThisMachine(root: string): boolean {
  const bootId = readOptional('/proc/sys/kernel/random/boot_id')
  return bootId !== '' && readOptional(join(root, 'proc/sys/kernel/random/boot_id')) === bootId
}

async function readHardware(): Promise<readonly string[]> {
  try {
    const { system, cpu } = await import('systeminformation')
    const [machine, processor] = await Promise.all([system(), cpu()])
    const host = machine.virtualHost ? ` (${machine.virtualHost})` : ''
    const model = machine.virtual ? `virtual${host}` : [machine.manufacturer, machine.model].filter(Boolean).join(' ')
    return [model, `${processor.cores} CPUs`]
  } catch {
    return []
  }
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function readLinkOptional(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

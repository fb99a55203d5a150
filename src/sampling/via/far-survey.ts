// A survey of a far node: what it will read is fetched in a few requests, then handed out from memory.
import { KiB } from '../../base/units.ts'
import type { FetchControl, SurveyHost } from '../holders/survey-host.ts'
import { selectSurveyedMounts } from '../holders/tmpfs-mounts.ts'
import { fetchDescriptors } from './far-descriptors.ts'
import { FarReader } from './far-reader.ts'
import type { Link } from './link/link.ts'
import { createHostError } from './link/link-error.ts'

const PROCESSES_PER_REQUEST = 200
const MAX_PROCESSES = 5000
const MAX_NETWORKS = 20 // network namespaces whose tables of sockets are read
const MAX_MOUNT_TABLES = 100
const NETWORKS_PER_REQUEST = 5
const LINES = { locks: 1000, sockets: 7000 } as const // of one table: long ones take the kernel long
const SOCKET_TABLES = ['tcp', 'tcp6', 'udp', 'udp6']
const BEGINNING = 256 * KiB

/** Answers a survey from files that were fetched from the node in few requests. */
export class FarSurveyHost implements SurveyHost {
  private reader: FarReader
  private readonly link: Link
  private readonly root: string

  /** @param root a directory over there that holds the node's /proc; '' for / */
  constructor(link: Link, root: string) {
    this.link = link
    this.root = root
    this.reader = new FarReader(link, root)
  }

  /** Fetches all that a survey reads. Returns the number of processes that were read. @throws LinkLostError */
  async fetch(control: FetchControl): Promise<number> {
    const { isOver, pause } = control
    this.reader = new FarReader(this.link, this.root)
    const { reader } = this
    await reader.checkProcfs()
    const pids = await reader.listPids()
    await pause()
    let read = 0
    for (let at = 0; at < Math.min(pids.length, MAX_PROCESSES) && !isOver(); at += PROCESSES_PER_REQUEST) {
      const slice = pids.slice(at, at + PROCESSES_PER_REQUEST)
      await reader.readFiles(slice.flatMap(pid => [`/proc/${pid}/status`, `/proc/${pid}/cgroup`]))
      await reader.readEntries(slice.flatMap(pid => [`/proc/${pid}/fd`, `/proc/${pid}/ns/net`, `/proc/${pid}/ns/mnt`]))
      read += slice.length
      await pause()
    }
    await fetchDescriptors(reader, pids, control)
    await this.fetchTables(pids, control)
    await this.fetchMounts(pids, control)
    return read
  }

  readOnce(path: string, maxBytes = BEGINNING): string {
    const text = this.reader.files.get(path)
    if (text === undefined) throw createHostError('ENOENT', 'open', path)
    return text.slice(0, maxBytes)
  }

  listDirectory(path: string): readonly string[] {
    const names = this.reader.listings.get(path)
    if (!names) throw createHostError('EACCES', 'scandir', path)
    return names
  }

  readLink(path: string): string | undefined {
    return this.reader.links.get(path)
  }

  getReportedSize(path: string): number {
    return this.reader.getDescriptorCount(path)
  }

  getUsage(path: string): { readonly inodes: number | null; readonly bytes: number | null } {
    const usage = this.reader.usage.get(path)
    if (!usage) throw createHostError('ENOENT', 'statfs', path)
    return usage
  }

  private async fetchTables(pids: readonly string[], { isOver, pause }: FetchControl): Promise<void> {
    await this.reader.readBeginnings(['/proc/sys/fs/file-nr', '/proc/locks'], LINES.locks)
    await pause()
    const users = pids.filter(pid => /^VmSize:/m.test(this.reader.files.get(`/proc/${pid}/status`) ?? ''))
    const first = this.selectNamespaces(users, 'net').slice(0, MAX_NETWORKS)
    for (let at = 0; at < first.length && !isOver(); at += NETWORKS_PER_REQUEST) {
      const paths = first
        .slice(at, at + NETWORKS_PER_REQUEST)
        .flatMap(pid => SOCKET_TABLES.map(table => `/proc/${pid}/net/${table}`))
      await this.reader.readBeginnings(paths, LINES.sockets)
      await pause()
    }
  }

  private async fetchMounts(pids: readonly string[], { isOver, pause }: FetchControl): Promise<void> {
    const first = this.selectNamespaces(pids, 'mnt').slice(0, MAX_MOUNT_TABLES)
    if (isOver()) return
    await this.reader.readFiles(first.map(pid => `/proc/${pid}/mountinfo`))
    await pause()
    const devices = new Set<string>()
    const paths: string[] = []
    for (const pid of first)
      for (const { device, path } of selectSurveyedMounts(this.reader.files.get(`/proc/${pid}/mountinfo`) ?? '')) {
        if (devices.has(device)) continue
        devices.add(device)
        paths.push(`/proc/${pid}/root${path === '/' ? '' : path}`)
      }
    if (!isOver()) await this.reader.readUsage(paths)
  }

  // the first process of each namespace, as a survey takes them
  private selectNamespaces(pids: readonly string[], kind: string): readonly string[] {
    const seen = new Set<string>()
    return pids.filter(pid => {
      const namespace = this.reader.links.get(`/proc/${pid}/ns/${kind}`)
      if (namespace === undefined || seen.has(namespace)) return false
      seen.add(namespace)
      return true
    })
  }
}

// What can hold a slab cache or another part of kernel memory, and how much of it each process has.
import { formatBytes, formatCount } from '../../base/format.ts'
import type { ProcessFacts, Survey } from '../../collectors/holders/survey.ts'
import type { History } from '../../history.ts'
import type { Finding } from '../detector.ts'

/** One thing that processes hold. */
export interface Measure {
  readonly id: string
  /** caches that grow with it, by name; aliases of merged caches count too */
  readonly caches: RegExp
  /** counters of meminfo that grow with it */
  readonly counters?: readonly string[]
  readonly count: (facts: ProcessFacts) => number
  /** false: the alert is about something else */
  readonly isRelevant?: (history: History, finding: Finding) => boolean
  /** how much of it the whole node has; absent: the sum of the processes that were kept */
  readonly total?: (survey: Survey, history: History) => number | null | undefined
  readonly format: (facts: ProcessFacts) => string
}

const getKind =
  (...kinds: readonly string[]) =>
  ({ kinds: held }: ProcessFacts): number =>
    kinds.reduce((sum, kind) => sum + (held[kind] ?? 0), 0)

const MAX_KINDS = 3

/** `48,900 eventfd, 12 socket`; `48,900 open files` where the kinds are not known. */
export function formatKinds({ kinds, files }: ProcessFacts): string {
  const list = Object.entries(kinds)
    .sort(([, a], [, b]) => b - a)
    .slice(0, MAX_KINDS)
    .map(([kind, count]) => `${formatCount(count)} ${kind}`)
  return list.length > 0 ? list.join(', ') : `${formatCount(files ?? 0)} open files`
}

/** The most specific first: a cache belongs to the first measure that names it. */
export const MEASURES: readonly Measure[] = [
  {
    id: 'socket buffers',
    caches: /^skbuff_\w+$/,
    counters: ['TCP memory', 'unaccounted'],
    count: ({ queued }) => queued,
    isRelevant: ({ meminfo, sockstat }, { subject }) =>
      subject !== 'unaccounted' || (sockstat.bytes ?? 0) > (meminfo.values.get('unaccounted') ?? 0) / 2,
    format: ({ queued }) => `${formatBytes(queued)} waiting in its sockets`,
  },
  {
    id: 'sockets',
    caches:
      /^(TCP|TCPv6|UDP|UDPv6|UDP-Lite|UNIX|UNIX-STREAM|PING|RAW|RAWv6|PACKET|NETLINK|sock_inode_cache|request_sock_TCP|tw_sock_TCP|MPTCP\w*)$/,
    count: getKind('socket'),
    format: formatKinds,
  },
  { id: 'epoll', caches: /^(eventpoll_\w+|ep_head)$/, count: getKind('eventpoll'), format: formatKinds },
  {
    id: 'inotify watches',
    caches: /^(inotify_inode_mark|fsnotify_mark\w*|dnotify_mark|fanotify_\w*mark)$/,
    count: ({ watches }) => watches,
    format: ({ watches }) => `${formatCount(watches)} inotify watches`,
  },
  {
    id: 'file locks',
    caches: /^(file_lock_cache|file_lock_ctx|file_lease_cache)$/,
    count: ({ locks }) => locks,
    format: ({ locks }) => `${formatCount(locks)} of the file locks that were read`,
  },
  {
    id: 'threads',
    caches:
      /^(task_struct|thread_stack|signal_cache|sighand_cache|pid|pid_\d+|cred_jar|task_delay_info|task_group|fsverity_info|mm_struct|files_cache|fs_cache|vmap_area)$/,
    counters: ['KernelStack'],
    count: ({ threads }) => threads,
    format: ({ threads }) => `${formatCount(threads)} threads`,
  },
  {
    id: 'page tables',
    caches: /^(vm_area_struct|vma_lock|maple_node|anon_vma|anon_vma_chain|pgtable\w*)$/,
    counters: ['PageTables'],
    count: ({ pageTables }) => pageTables,
    total: (_, { meminfo }) => meminfo.values.get('PageTables'),
    format: ({ pageTables }) => `${formatBytes(pageTables)} of page tables`,
  },
  {
    id: 'shared memory',
    caches: /^shmem_swap$/,
    counters: ['Cached'],
    count: ({ shmem }) => shmem,
    total: (_, { meminfo }) => meminfo.values.get('Shmem'),
    format: ({ shmem }) => `${formatBytes(shmem)} of shared memory mapped`,
  },
  {
    id: 'open files',
    caches: /^(filp|eventfd_ctx|timerfd\w*|pipe\w*|kmalloc-.*|names_cache|proc_inode_cache|bpf_\w+)$/,
    count: ({ files }) => files ?? 0,
    total: ({ openFiles }) => openFiles,
    format: formatKinds,
  },
]

/** Caches of files in tmpfs: their mounts hold them, no process. */
export const TMPFS_CACHES = /^(shmem_inode_cache|simple_xattr)$/

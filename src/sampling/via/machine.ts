// CPUs and page size of a node, from texts that any process may read there.

/** CPUs from /proc/stat, bytes of a page from /proc/self/smaps; where a text does not say it, 1 and 4096. */
export function parseMachine(stat: string, smaps: string): { readonly cpus: number; readonly pageSize: number } {
  const page = /^KernelPageSize: +(\d{1,6}) kB$/m.exec(smaps)?.[1]
  return {
    cpus: Math.max(1, stat.match(/^cpu\d+ /gm)?.length ?? 0),
    pageSize: page === undefined ? 4096 : Number(page) * 1024,
  }
}

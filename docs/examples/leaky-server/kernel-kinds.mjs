// Leaks on the kernel's side: the process looks small, the kernel keeps something for it.
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, unlinkSync, watch, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const KiB = 1024
const MiB = 1024 * KiB

/** Connections to itself: two sockets, two files and their buffers in the kernel. */
export async function startSockets(fixed) {
  const accepted = new Set()
  const server = createServer(socket => {
    accepted.add(socket)
    socket.on('error', () => {}).on('close', () => accepted.delete(socket))
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const kept = []
  const open = () =>
    new Promise((resolve, reject) => {
      const socket = connect(server.address().port, '127.0.0.1')
      socket.once('error', reject).once('connect', () => {
        if (fixed)
          socket.once('close', resolve).resetAndDestroy() // without a reset the kernel keeps TIME_WAIT for a minute
        else resolve(kept.push(socket))
      })
    })
  return { work: () => Promise.all([open(), open()]) }
}

/** A watch pins the inode of its file, also when the file is deleted. */
export function startInotify(fixed) {
  const folder = mkdtempSync(join(tmpdir(), 'kmt-leaky-'))
  const watchers = []
  let count = 0
  const watchOne = () => {
    const path = join(folder, String(count++))
    writeFileSync(path, '')
    const watcher = watch(path, { persistent: false }, () => {})
    if (fixed) watcher.close()
    else watchers.push(watcher)
    if (fixed) unlinkSync(path)
  }
  return {
    work: () => {
      for (let i = 0; i < 5; i++) watchOne()
    },
    end: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Files in memory belong to no process. */
export function startTmpfs(fixed) {
  const folder = mkdtempSync('/dev/shm/kmt-leaky-')
  const bytes = Buffer.alloc(16 * KiB, 1)
  let count = 0
  return {
    work: () => {
      const path = join(folder, String(count++))
      writeFileSync(path, bytes)
      if (fixed) unlinkSync(path)
    },
    end: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** A directory that nobody removes: what a container runtime leaves behind that forgets its pods. */
export function startCgroups(fixed) {
  const top = ['/sys/fs/cgroup/memory', '/sys/fs/cgroup'].find(path => existsSync(join(path, 'cgroup.procs')))
  const made = []
  let requests = 0
  return {
    work: () => {
      if (requests++ % 5 !== 0) return
      const path = join(top, `kmt-leaky-${process.pid}-${requests}`)
      mkdirSync(path)
      if (fixed) rmdirSync(path)
      else made.push(path)
    },
    end: () => {
      for (const path of made) rmdirSync(path)
    },
  }
}

/** Each byte needs a page of its own and a page table of its own. */
export function startPageTables(fixed) {
  const kept = []
  return {
    work: () => {
      const room = Buffer.allocUnsafeSlow(8 * MiB)
      for (let at = 0; at < room.length; at += 2 * MiB) room[at] = 1
      if (!fixed) kept.push(room)
    },
  }
}

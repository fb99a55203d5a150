// Counts the reads of a collector that fail as no healthy kernel lets them. A collector passes over what is absent or gone; if
// most of what it asks for fails with an I/O error, it has seen nothing, and must not look as if there were nothing to see.
import type { Host } from '../collectors/collector.ts'

/** Codes that say that something is absent, gone or forbidden. */
const EXPECTED_CODES: ReadonlySet<string | undefined> = new Set([
  'ENOENT',
  'ENODEV',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'EOPNOTSUPP',
  'EINVAL',
  'ESRCH',
])

/** Without kmem accounting the kernel answers EIO here: that is what the collector wants to know. */
const EIO_IS_AN_ANSWER = /\/memory\.kmem\.slabinfo$/

/** A host whose failed reads are counted, and a check of their share. */
export interface FailureCounter {
  readonly host: Host
  /** runs a read; @throws the first error, if more of its calls failed than succeeded */
  run<Result>(read: () => Result): Result
}

/** Wraps a host so that failed reads are counted. */
export function countFailures(host: Host): FailureCounter {
  let [succeeded, failed] = [0, 0]
  let first: unknown
  const count =
    <Result>(read: (path: string) => Result) =>
    (path: string): Result => {
      try {
        const result = read(path)
        succeeded++
        return result
      } catch (error) {
        const isExpected = EXPECTED_CODES.has((error as { code?: string }).code) || EIO_IS_AN_ANSWER.test(path)
        if (!isExpected && failed++ === 0) first = error
        throw error
      }
    }
  return {
    host: {
      processes: host.processes,
      ...(host.link ? { link: host.link } : {}),
      ...(host.notices ? { notices: host.notices } : {}),
      readFile: count(path => host.readFile(path)),
      listDirectory: count(path => host.listDirectory(path)),
      listSubdirectories: count(path => host.listSubdirectories(path)),
      statFile: path => host.statFile(path),
      readLink: path => host.readLink(path),
      drainDevice: path => host.drainDevice(path),
      watchDirectory: (path, onChange) => host.watchDirectory(path, onChange),
    },
    run: read => {
      ;[succeeded, failed, first] = [0, 0, undefined]
      const result = read()
      if (failed > succeeded) throw first
      return result
    },
  }
}

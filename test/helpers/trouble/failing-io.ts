// Reads and writes that fail or hang, in a program that is started with these variables.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTemporaryFolder } from '../temporary.ts'

const SOURCE = fileURLToPath(new URL('failing-io.c', import.meta.url))
let library: string | undefined

/** Returns why it cannot be had here; undefined if it can. */
export function noFailingIo(): string | undefined {
  library ??= join(createTemporaryFolder(), 'failing-io.so')
  const { status } = spawnSync('cc', ['-shared', '-fPIC', '-o', library, SOURCE, '-ldl'])
  return status === 0 ? undefined : 'there is no C compiler'
}

/** What fails: part of a path each. `rate`: failures in 10,000 calls. `when`: only while that file exists. */
export interface FailingIo {
  readonly failRead?: string
  readonly failWrite?: string
  readonly failSync?: string
  readonly hangRead?: string
  readonly rate?: number
  readonly when?: string
}

/** Returns the environment of a program whose calls fail. */
export function buildFailingEnv({ failRead, failWrite, failSync, hangRead, rate, when }: FailingIo): NodeJS.ProcessEnv {
  return {
    ...process.env,
    LD_PRELOAD: library,
    MALLOC_ARENA_MAX: '1',
    ...(failRead === undefined ? {} : { FAIL_READ: failRead }),
    ...(failWrite === undefined ? {} : { FAIL_WRITE: failWrite }),
    ...(failSync === undefined ? {} : { FAIL_SYNC: failSync }),
    ...(hangRead === undefined ? {} : { HANG_READ: hangRead }),
    ...(rate === undefined ? {} : { FAIL_RATE: String(rate) }),
    ...(when === undefined ? {} : { WHEN: when }),
  }
}

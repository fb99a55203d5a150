// Follows the files of --web-config and --web-token-file while the server runs.
import { getErrorMessage, UserError } from '../../base/errors.ts'
import { SECOND } from '../../base/units.ts'
import { tryStat } from '../../recording/try-stat.ts'
import { repeatEvery } from '../../sampling/clock.ts'
import { logToStderr } from '../stderr.ts'
import { type AccessOptions, createAccess, describeFiles, type WebAccess } from './web-access.ts'

/** The access of now. */
export interface AccessWatch {
  get(): WebAccess
  /** calls back when files were changed and are valid */
  onChange(callback: (access: WebAccess) => void): void
  stop(): void
}

const INTERVAL = 10 * SECOND

/** Reads the files, and again when they change. An error in a changed file is logged, and the earlier settings stay. @throws UserError */
export function watchAccess(options: AccessOptions, interval = INTERVAL): AccessWatch {
  let access = createAccess(options)
  let problem: string | undefined
  const callbacks: ((access: WebAccess) => void)[] = []
  warnOfReaders(access)
  const reload = (): void => {
    if (describeFiles(access.files) === access.version) return
    try {
      access = readChanged(options, access)
      problem = undefined
      for (const callback of callbacks) callback(access)
      logToStderr('--web-config: read again after a change')
    } catch (error) {
      const text = `${getErrorMessage(error)}; the settings of before stay in use`
      if (text !== problem) logToStderr(text)
      problem = text
    }
  }
  return { get: () => access, onChange: callback => callbacks.push(callback), stop: repeatEvery(interval, reload) }
}

function readChanged(options: AccessOptions, access: WebAccess): WebAccess {
  const next = createAccess(options)
  if ((next.tls === undefined) === (access.tls === undefined)) return next
  throw new UserError('--web-config: TLS is switched on or off by a restart only')
}

const READ_BY_OTHERS = 0o004

function warnOfReaders({ secretFiles }: WebAccess): void {
  for (const file of secretFiles) {
    const { mode = 0 } = tryStat(file) ?? {}
    if (mode & READ_BY_OTHERS)
      logToStderr(
        `${file} holds a secret and can be read by every user (mode ${(mode & 0o777).toString(8)}): chmod 600`,
      )
  }
}

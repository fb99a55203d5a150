// Checks passwords against bcrypt hashes. A check takes a tenth of a second of work: the last good one is remembered, and few run at once.
import { hash } from 'node:crypto'

/** Checks base64 of `user:password`; undefined: too many checks are running. */
export type PasswordCheck = (credentials: string) => Promise<boolean | undefined>

const MAX_RUNNING = 4
const MAX_LENGTH = 1000
// of no password: an unknown user takes as long as a wrong password
const NO_USER = '$2b$10$abcdefghijklmnopqrstuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu'

/** @param users bcrypt hashes by user name */
export function createPasswordCheck(users: Readonly<Record<string, string>>): PasswordCheck {
  const known = new Set<string>() // hashes of credentials that were right, at most one for each user
  let running = 0
  return async credentials => {
    if (credentials.length > MAX_LENGTH) return false
    const key = hash('sha256', credentials)
    if (known.has(key)) return true
    if (running >= MAX_RUNNING) return undefined
    running++
    try {
      const isRight = await comparePassword(users, credentials)
      if (isRight && known.size > Object.keys(users).length) known.clear()
      if (isRight) known.add(key)
      return isRight
    } finally {
      running--
    }
  }
}

async function comparePassword(users: Readonly<Record<string, string>>, credentials: string): Promise<boolean> {
  const [, user = '', password = ''] = /^([^:]*):([\s\S]*)$/.exec(Buffer.from(credentials, 'base64').toString()) ?? []
  const expected = Object.hasOwn(users, user) ? users[user]! : undefined
  const { compare } = await import('bcryptjs')
  const isRight = await compare(password, expected ?? NO_USER)
  return expected !== undefined && isRight
}

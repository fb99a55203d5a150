// The cache of compiled code is used only where nobody else can put code into it.
import { chmodSync, mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isOwnOnly } from '../../src/cli/compile-cache.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'

const createFolder = (): string => {
  const folder = join(realpathSync(createTemporaryFolder()), 'kmemtop')
  mkdirSync(folder, { mode: 0o700 })
  return folder
}

test('a folder of this user is its own', () => {
  expect(isOwnOnly(createFolder())).toBe(true)
})

test.each([0o770, 0o702, 0o777])('a folder with mode %o is not', mode => {
  const folder = createFolder()
  chmodSync(folder, mode)
  expect(isOwnOnly(folder)).toBe(false)
})

test('nor is one in a folder that others can write', () => {
  const folder = createFolder()
  chmodSync(join(folder, '..'), 0o777)
  expect(isOwnOnly(folder)).toBe(false)
})

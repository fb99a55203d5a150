// A folder for the time of a test file: what a test leaves in it is removed with it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const made: string[] = []

afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A new empty folder, removed after the tests of the file that asked for it. */
export function createTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kmemtop-test-'))
  made.push(folder)
  return folder
}

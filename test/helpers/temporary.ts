// Folders for the time of a test file: what a test leaves in one is removed with it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const made: string[] = []

/** Creates an empty folder. It is removed after the tests of the file that runs. */
export function createTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kmemtop-test-'))
  made.push(folder)
  return folder
}

/** Removes the folders made so far; test/helpers/setup.ts calls it after each file. */
export function removeTemporaryFolders(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
}

// A text through the whole of `analyze`, for tests.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSavedFiles } from '../../src/postmortem/logs/read-saved-files.ts'
import { buildPostmortem, type Postmortem } from '../../src/postmortem/postmortem.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'

const NOW = Date.UTC(2026, 10, 24)

/** Returns what a saved text says. @param text held as latin1 */
export async function analyzeText(text: string): Promise<Postmortem> {
  const path = join(createTemporaryFolder(), 'text.log')
  writeFileSync(path, text, 'latin1')
  return buildPostmortem(await readSavedFiles([path], NOW))
}

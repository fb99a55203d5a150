// What saved files amount to: kills grouped, boots told apart and put together, JSON, all from files as a node leaves them.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { storyJson } from '../../src/export/story/json.ts'
import { type Story, storyOf } from '../../src/export/story/story.ts'
import { storyText } from '../../src/export/story/text.ts'
import { readSaved } from '../../src/sources/logs/read.ts'
import { needs, testUnless } from '../helpers/needs.ts'
import { logPath, savedLog } from '../sources/logs/told.ts'

const NOW = new Date(2026, 10, 24).getTime()
const folder = mkdtempSync(join(tmpdir(), 'kmemtop-story-'))
afterAll(() => rmSync(folder, { recursive: true }))

let made = 0

/** A new folder with these files. */
function node(files: Readonly<Record<string, string | Buffer>>): string {
  const path = join(folder, String(made++))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), text, 'latin1')
  }
  return path
}

const story = async (...paths: readonly string[]): Promise<Story> => storyOf(await readSaved(paths, NOW))

// kmemtop analyze: what saved logs and kernel files of a node tell, as text or JSON.

import { formatShortBytes } from '../base/format.ts'
import { streamJson, escapeControls } from '../base/text.ts'
import { toPostmortemJson } from '../export/story/json.ts'
import { buildPostmortem } from '../export/story/story.ts'
import { formatPostmortem } from '../export/story/text.ts'
import { createSystemClock } from '../sources/clock.ts'
import { type ProgressCallback, readSavedFiles } from '../sources/logs/read.ts'
import { EXIT, endWithOutput } from './exit.ts'
import type { AnalyzeOptions } from './options.ts'
import { write } from './recordings.ts'

/** Reads, tells, and gives the exit code: nothing found; something found; nothing could be read. @throws UserError for a path that is not there */
export async function analyze(paths: readonly string[], { json }: AnalyzeOptions): Promise<number> {
  endWithOutput()
  const { progress, done } = progressLine()
  const saved = await readSavedFiles(paths, createSystemClock().wallClock, progress).finally(done)
  const story = buildPostmortem(saved)
  for (const piece of json ? streamJson(toPostmortemJson(story)) : [formatPostmortem(story)]) await write(piece)
  if (!saved.inputs.some(({ format }) => format !== null)) return EXIT.usage
  return story.diagnoses.length > 0 ? EXIT.findings : EXIT.fine
}

// One line on a terminal, drawn over itself five times a second.
function progressLine(): { progress: ProgressCallback; done: () => void } {
  if (!process.stderr.isTTY) return { progress: () => {}, done: () => {} }
  const clock = createSystemClock()
  let drawn = 0
  const progress: ProgressCallback = (bytes, total, file) => {
    if (clock.now() - drawn < 200) return
    drawn = clock.now()
    const share = total ? ` of ${formatShortBytes(total)}, ${Math.floor((bytes / total) * 100)} %` : ''
    process.stderr.write(`\r\x1b[K${formatShortBytes(bytes)}${share}  ${escapeControls(file).slice(-40)}`)
  }
  return { progress, done: () => void (drawn > 0 && process.stderr.write('\r\x1b[K')) }
}

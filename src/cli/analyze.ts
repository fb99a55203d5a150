// kmemtop analyze: what saved logs and kernel files of a node tell, as text or JSON.

import { formatShortBytes } from '../base/format.ts'
import { streamJson, escapeControls } from '../base/text.ts'
import { storyJson } from '../export/story/json.ts'
import { storyOf } from '../export/story/story.ts'
import { storyText } from '../export/story/text.ts'
import { createSystemClock } from '../sources/clock.ts'
import { type Progress, readSaved } from '../sources/logs/read.ts'
import { EXIT, endWithOutput } from './exit.ts'
import type { AnalyzeOptions } from './options.ts'
import { write } from './recordings.ts'

/** Reads, tells, and gives the exit code: nothing found; something found; nothing could be read. @throws UserError for a path that is not there */
export async function analyze(paths: readonly string[], { json }: AnalyzeOptions): Promise<number> {
  endWithOutput()
  const { progress, done } = progressLine()
  const saved = await readSaved(paths, createSystemClock().wallClock, progress).finally(done)
  const story = storyOf(saved)
  for (const piece of json ? streamJson(storyJson(story)) : [storyText(story)]) await write(piece)
  if (!saved.inputs.some(({ format }) => format !== null)) return EXIT.usage
  return story.diagnoses.length > 0 ? EXIT.findings : EXIT.fine
}

// One line on a terminal, drawn over itself five times a second.
function progressLine(): { progress: Progress; done: () => void } {
  if (!process.stderr.isTTY) return { progress: () => {}, done: () => {} }
  const clock = createSystemClock()
  let drawn = 0
  const progress: Progress = (bytes, total, file) => {
    if (clock.now() - drawn < 200) return
    drawn = clock.now()
    const share = total ? ` of ${formatShortBytes(total)}, ${Math.floor((bytes / total) * 100)} %` : ''
    process.stderr.write(`\r\x1b[K${formatShortBytes(bytes)}${share}  ${escapeControls(file).slice(-40)}`)
  }
  return { progress, done: () => void (drawn > 0 && process.stderr.write('\r\x1b[K')) }
}

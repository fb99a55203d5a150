// Runs `kmemtop analyze`: a report from saved logs and kernel files of a node, as text or JSON.

import { formatShortBytes } from '../base/format.ts'
import { streamJson } from '../base/json.ts'
import { escapeControls } from '../base/text.ts'
import { MiB } from '../base/units.ts'
import { type ProgressCallback, readSavedFiles } from '../postmortem/logs/read-saved-files.ts'
import { buildPostmortem } from '../postmortem/postmortem.ts'
import { countUnread } from '../postmortem/report/inputs.ts'
import { toPostmortemJson } from '../postmortem/report/json.ts'
import { formatPostmortem } from '../postmortem/report/text.ts'
import { createSystemClock } from '../sampling/clock.ts'
import type { AnalyzeOptions } from './commands/analyze.ts'
import { EXIT, exitWhenOutputCloses } from './exit.ts'
import { writeStdout } from './recordings/recordings.ts'
import { shrinkHeap } from './shrink-heap.ts'
import { writeStderr } from './stderr.ts'

/** Returns the exit code: nothing found, something found, or nothing could be read. @throws UserError if no path exists */
export async function runAnalyze(paths: readonly string[], { json }: AnalyzeOptions): Promise<number> {
  exitWhenOutputCloses()
  const { showProgress, clearLine } = createProgressLine()
  const onProgress = watchHeap(showProgress)
  const saved = await readSavedFiles(paths, createSystemClock().wallClock, onProgress).finally(clearLine)
  const lost = saved.inputs.filter(({ isLost }) => isLost)
  for (const { file, skipped } of lost) writeStderr(`kmemtop: ${escapeControls(file)}: ${skipped}\n`)
  const postmortem = buildPostmortem(saved)
  for (const piece of json ? streamJson(toPostmortemJson(postmortem)) : [formatPostmortem(postmortem)])
    await writeStdout(piece)
  if (!saved.inputs.some(({ format }) => format !== null)) return EXIT.unknown
  if (postmortem.diagnoses.length > 0) return EXIT.findings
  return countUnread(saved) > 0 || lost.length > 0 ? EXIT.unknown : EXIT.ok
}

const LARGE_HEAP = 140 * MiB // 20,000 whole reports: 180 MB instead of 200 to 230 for a fifth more CPU

// A log of nothing but reports: memory is worth more than speed.
function watchHeap(showProgress: ProgressCallback): ProgressCallback {
  let isShrunk = false
  return (...progress) => {
    if (!isShrunk && process.memoryUsage.rss() > LARGE_HEAP) {
      isShrunk = true
      shrinkHeap()
    }
    showProgress(...progress)
  }
}

// One line on a terminal, redrawn at most five times a second.
function createProgressLine(): { showProgress: ProgressCallback; clearLine: () => void } {
  if (!process.stderr.isTTY) return { showProgress: () => {}, clearLine: () => {} }
  const clock = createSystemClock()
  let drawnAt = 0
  let width = 0
  const showProgress: ProgressCallback = (bytes, total, file) => {
    if (clock.now() - drawnAt < 200) return
    drawnAt = clock.now()
    const share = total ? ` of ${formatShortBytes(total)}, ${Math.floor((bytes / total) * 100)} %` : ''
    const line = `${formatShortBytes(bytes)}${share}  ${escapeControls(file).slice(-40)}`
    writeStderr(`\r${line.padEnd(width)}`) // a dumb terminal knows no sequence that erases
    width = line.length
  }
  return { showProgress, clearLine: () => void (width > 0 && writeStderr(`\r${' '.repeat(width)}\r`)) }
}

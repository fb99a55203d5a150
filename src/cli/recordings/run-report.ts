// Runs `kmemtop report`: replays a recording once and writes it as one page.

import { existsSync, writeFileSync } from 'node:fs'
import { getErrorMessage, UserError } from '../../base/errors.ts'
import { appendAll } from '../../base/extremes.ts'
import { formatDateTime } from '../../base/format.ts'
import { toWallTime } from '../../collectors/wall-clock.ts'
import type { MonitorState } from '../../detectors/monitor-state.ts'
import type { ReportEvent } from '../../export/report/chart-data.ts'
import { formatHtml, type PageAssets } from '../../export/report/html.ts'
import { formatReportMarkdown } from '../../export/report/markdown.ts'
import { buildReportData, type ReportData } from '../../export/report/report-data.ts'
import { AlertLog } from '../../playback/alert-log.ts'
import type { RecordingSeeker } from '../../playback/recording-seeker.ts'
import { findRepeatedEvents, type TimelineEvent } from '../../playback/timeline-events.ts'
import { readProgramFile } from '../../sampling/program-files.ts'
import type { ReportOptions } from '../commands/report.ts'
import { EXIT, exitWhenOutputCloses } from '../exit.ts'
import { logToStderr } from '../stderr.ts'
import { getSpan, parseWindow, replayWithProgress, runWithRecording, warnDamage, writeStdout } from './recordings.ts'

/** Writes the report and returns the exit code. @throws UserError */
export async function runReport(file: string, options: ReportOptions): Promise<number> {
  exitWhenOutputCloses()
  const { output } = options
  if (output !== '-' && !/\.(html?|md)$/.test(output))
    throw new UserError(`--output ${output}: expected a name that ends in .html or .md, or - for Markdown on stdout`)
  if (output !== '-' && existsSync(output)) throw new UserError(`${output} exists; name a new file`)
  return runWithRecording(file, options, async seeker => {
    const data = collectReport(seeker, options)
    warnDamage(seeker)
    if (output === '-') await writeStdout(formatReportMarkdown(data))
    else writeReportFile(output, /\.md$/.test(output) ? formatReportMarkdown(data) : formatHtml(data, loadPageAssets()))
    return EXIT.ok
  })
}

function collectReport(seeker: RecordingSeeker, options: ReportOptions): ReportData {
  const { begin, end } = parseWindow(options, getSpan(seeker))
  const log = new AlertLog()
  const events: ReportEvent[] = []
  let last: MonitorState | undefined
  let samples = 0
  for (const { sample, monitor } of replayWithProgress(seeker, log)) {
    if (sample.time > end) break
    if (sample.time >= begin) {
      samples++
      if (last) appendAll(events, findRepeatedEvents(last.alerts, monitor.alerts, sample.time).map(toKillEvent))
    }
    last = monitor
  }
  if (!last || samples === 0) throw new UserError('there is no sample between --begin and --end')
  const { history } = last
  const alerts = log.listAlerts().filter(({ resolvedAt, raisedAt }) => raisedAt <= end && (resolvedAt ?? end) >= begin)
  const raised = alerts.map(
    ({ raisedAt, severity, title }): ReportEvent => ({ time: raisedAt, kind: severity, text: title }),
  )
  const marks = history.mark.map(({ time, text }): ReportEvent => ({ time, kind: 'mark', text }))
  return buildReportData({
    title: options.title ?? `${history.session.host}, ${formatDateTime(toWallTime(history.session, begin))}`,
    history,
    alerts: sortBySeverity(alerts),
    events: [...raised, ...events, ...marks].filter(({ time }) => time >= begin).sort((a, b) => a.time - b.time),
    begin,
    samples,
    damage: seeker.replayer.describeDamage(),
  })
}

const toKillEvent = ({ time, text }: TimelineEvent): ReportEvent => ({ time, kind: 'kill', text })

const sortBySeverity = <T extends { severity: string; raisedAt: number }>(alerts: readonly T[]): readonly T[] => {
  const rank = ['critical', 'warning', 'info']
  return alerts.toSorted((a, b) => rank.indexOf(a.severity) - rank.indexOf(b.severity) || a.raisedAt - b.raisedAt)
}

const loadPageAssets = (): PageAssets => ({
  script: readProgramFile(new URL('./report-page.js', import.meta.url)),
  style: readProgramFile(new URL('./report-page.css', import.meta.url)),
})

function writeReportFile(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' }) // it holds names of the node, as a recording does
  } catch (error) {
    throw new UserError(`cannot write ${path}: ${getErrorMessage(error)}`)
  }
  logToStderr(`wrote ${path}`)
}

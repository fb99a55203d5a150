// --linear: changes as lines, nothing is redrawn. For screen readers, logs and terminals that cannot move the cursor.
import { createInterface } from 'node:readline'
import type { PlaybackControls } from '../../app/playback-controls.ts'
import type { AppState } from '../../app/state.ts'
import type { Store } from '../../app/store.ts'
import { formatBytes, formatPercent } from '../../base/format.ts'
import { escapeControls } from '../../base/text.ts'
import { type Alert, listActiveBySeverity } from '../../detectors/alerts.ts'
import { formatTextBlock } from '../../export/batch-text.ts'
import { addTime, listChangeLines, listThresholdChanges } from '../../export/change-lines.ts'
import { numberedPanels } from '../../panels/index.ts'
import { formatUrgentAlert, formatViewText } from '../../ui/view-text.ts'

/** Where the lines of `--linear` go. */
export interface LinearOutput {
  readonly write: (line: string) => void
}

/** Describes the node in a line, and its memory and alerts in another. */
export function describeStart({ history, alerts, link }: AppState): readonly string[] {
  const { session, meminfo, cgroups } = history
  const place = link ? ` over ${link.command}` : ''
  const cgroupText = cgroups.mode === 'none' ? '' : `, cgroup ${cgroups.mode}`
  const ram = formatBytes(meminfo.values.get('MemTotal'))
  return [
    `kmemtop on ${session.host}${place}: Linux ${session.kernel}, ${ram} of RAM${cgroupText}`,
    describeStatus({ history, alerts }),
  ].map(escapeControls)
}

function describeStatus({ history, alerts }: Pick<AppState, 'history' | 'alerts'>): string {
  const { values } = history.meminfo
  const [available, total] = [values.get('MemAvailable'), values.get('MemTotal')]
  const share = available === undefined || !total ? '' : ` (${formatPercent(available / total)} of RAM)`
  const active = listActiveBySeverity(alerts)
  const titles = [...countTitles(active)].map(([text, count]) => (count === 1 ? text : `${text} ×${count}`)).join(', ')
  return `${formatBytes(available)} available${share}, SUnreclaim ${formatBytes(values.get('SUnreclaim'))}, ${active.length === 0 ? 'no alerts' : `alerts: ${titles}`}`
}

// Four kills are one entry.
function countTitles(alerts: readonly Alert[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { severity, title, count = 1 } of alerts) {
    const text = `${title} (${severity})`
    counts.set(text, (counts.get(text) ?? 0) + count)
  }
  return counts
}

/** Writes the start once the first sample is there, then a line for each change. Returns a function that stops it. */
export function writeChanges(store: Store, { write }: LinearOutput): () => void {
  let last: AppState | undefined
  const handleChange = (): void => {
    const state = store.get()
    if (state.history.meminfo.values.size === 0 && state.history.sources.meminfo?.error === undefined) return
    if (!last) for (const line of [...describeStart(state), '? lists the keys']) write(line)
    for (const line of last ? listChanges(last, state) : []) write(addTime(state.history, line))
    last = state
  }
  return store.subscribe(handleChange)
}

function listChanges(before: AppState, after: AppState): readonly string[] {
  const changes = [...listChangeLines(before, after), ...listThresholdChanges(before.thresholds, after.thresholds)]
  const { notice } = after.ui
  const isNew = notice !== undefined && notice !== before.ui.notice
  const isSaid = changes.some(line => notice?.startsWith(line)) // `acknowledged: …; u takes it back`
  return isNew && !isSaid ? [...changes, escapeControls(notice)] : changes
}

interface LinearCommand {
  readonly help: string
  readonly run: (text: string) => readonly string[]
}

/** Answers lines of keys: `?`, a number of a view, `q`. Returns the lines to print, or undefined to quit. */
export function createLineAnswers(
  store: Store,
  controls: PlaybackControls,
): (line: string) => readonly string[] | undefined {
  const commands = new Map<string, LinearCommand>([
    ['', { help: 'memory and alerts now', run: () => [addTime(store.get().history, describeStatus(store.get()))] }],
    ['1', { help: 'overview', run: () => formatOverview(store.get()) }],
    ...numberedPanels.map(({ key, id, title }): readonly [string, LinearCommand] => [
      key,
      { help: title, run: () => formatViewText(store.get(), id) },
    ]),
    ['d', { help: 'evidence of the most urgent alert, and what to do', run: () => formatUrgentAlert(store.get()) }],
    ['a', { help: 'acknowledge the most urgent alert', run: () => dispatchAcknowledge(store) }],
    [
      'u',
      {
        help: 'undo the last acknowledgement',
        run: () => runSilently(() => store.dispatch({ type: 'undo-acknowledge' })),
      },
    ],
    ['w', { help: 'record, with the last 15 min; again to stop', run: () => runSilently(controls.toggleRecording) }],
    ['m', { help: 'add a mark: m TEXT', run: text => addMark(text, controls) }],
  ])
  return line => {
    const [key = '', ...words] = line.trim().split(/\s+/)
    if (key === 'q') return undefined
    if (key === '?') return listHelp(commands)
    return commands.get(key)?.run(words.join(' ')) ?? [`no key ${escapeControls(key.slice(0, 20))}; ? lists the keys`]
  }
}

const formatOverview = ({ history, alerts }: AppState): readonly string[] =>
  formatTextBlock(history, alerts)
    .trimEnd()
    .split('\n')
    .map(line => line.replaceAll(/ {2,}/g, '  '))

const listHelp = (commands: ReadonlyMap<string, LinearCommand>): readonly string[] => [
  'type a key, then Enter:',
  ...[...commands].map(([key, { help }]) => `${key === '' ? 'Enter' : key}: ${help}`),
  'q: quit',
]

function dispatchAcknowledge(store: Store): readonly string[] {
  if (listActiveBySeverity(store.get().alerts).length === 0) return ['no active alert']
  store.dispatch({ type: 'acknowledge' })
  return []
}

function runSilently(run: () => void): readonly string[] {
  run()
  return []
}

function addMark(text: string, controls: PlaybackControls): readonly string[] {
  if (text === '') return ['a mark needs a text: m TEXT']
  controls.addMark(text)
  return []
}

/**
 * Reads lines of keys from standard input until `q`. The end of the input is `q` on a terminal (Ctrl-D); where keys come
 * from a file or a pipe, the program goes on.
 */
export function readKeyLines(
  answer: (line: string) => readonly string[] | undefined,
  { write }: LinearOutput,
  onQuit: () => void,
): () => void {
  const lines = createInterface({ input: process.stdin, terminal: false, crlfDelay: Number.POSITIVE_INFINITY })
  lines.on('line', line => {
    const printed = answer(line.slice(0, 1000))
    if (printed) for (const text of printed) write(text)
    else onQuit()
  })
  lines.on('close', () => process.stdin.isTTY && onQuit())
  return () => {
    lines.close()
    process.stdin.pause()
  }
}

// What a live screen does beside drawing: it remembers alerts, and signals them through the terminal.
import type { Store } from '../../app/store.ts'
import type { RecordingHeader } from '../../collectors/collector.ts'
import type { Alert } from '../../detectors/alerts.ts'
import type { LiveOptions } from '../commands/live.ts'
import type { Config } from '../config.ts'
import { createStateFolder, getStateFolder } from '../state-folder.ts'
import { buildPen } from '../terminal/pen.ts'
import { needsAsciiTerminal } from '../terminal/terminal-type.ts'
import { getAlertFile, loadAlerts, rememberAlerts } from './alert-memory.ts'
import { signalAlerts } from './alert-signals.ts'

/** The alerts of earlier runs. */
export interface AlertMemory {
  readonly alerts: readonly Alert[]
  /** this user has not run kmemtop before */
  readonly isFirstRun: boolean
  /** keeps the alerts of the store. Returns a function that ends it */
  follow(store: Store): () => void
}

/** Opens the memory of a node; undefined where none is wanted or the node has no boot id. */
export function openAlertMemory(
  session: RecordingHeader,
  { remember }: LiveOptions,
  config: Config,
): AlertMemory | undefined {
  const folder = getStateFolder(process.env)
  const path = getAlertFile(folder, session)
  if (path === undefined || !remember || config.remember === false) return undefined
  const isFirstRun = createStateFolder(folder)
  return { alerts: loadAlerts(path, session), isFirstRun, follow: store => rememberAlerts(path, store) }
}

/** Signals the alerts of the store as options and config want it. Returns a function that ends it. */
export function followWithSignals(store: Store, options: LiveOptions, config: Config): () => void {
  const { title, bell = config.bell ?? false, notify = config.notify ?? false } = options
  const wanted = { title: title && config.title !== false && !needsAsciiTerminal(process.env), bell, notify }
  const { encodeLine } = buildPen(options, config)
  return signalAlerts(store, wanted, sequence => process.stdout.write(encodeLine(sequence)), process.env)
}

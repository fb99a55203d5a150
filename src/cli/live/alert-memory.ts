// Alerts of earlier runs of the same boot of the same node: what was acknowledged stays so, what has ended is still listed.
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from '../../app/store.ts'
import { MINUTE, MiB } from '../../base/units.ts'
import type { RecordingHeader } from '../../collectors/collector.ts'
import type { Alert } from '../../detectors/alerts.ts'
import type { AlertRecord } from '../../recording/frame-index.ts'
import { selectAlerts, toAlertRecord } from '../../recording/summary-alerts.ts'
import { repeatEvery } from '../../sampling/clock.ts'
import { isInOwnFolder, readStateFile, writeStateFile } from '../state-folder.ts'

const MAX_ALERTS = 100
const MAX_BYTES = MiB
const MAX_FILES = 20
const WRITE_INTERVAL = 10_000 // ms

/** Returns the file of a boot of a node; undefined where the node has no boot id. */
export function getAlertFile(folder: string, { host, bootId }: RecordingHeader): string | undefined {
  const clean = (text: string): string => text.replace(/[^\w.-]/g, '_').slice(0, 80)
  return bootId === '' ? undefined : join(folder, `alerts-${clean(host)}-${clean(bootId)}.json`)
}

/** Returns the alerts of earlier runs in the time of this session. A damaged file has none. */
export function loadAlerts(path: string, session: RecordingHeader): readonly Alert[] {
  try {
    const { host, bootId, alerts, ...clocks } = JSON.parse(readStateFile(path, MAX_BYTES) ?? '{}')
    if (host !== session.host || bootId !== session.bootId || !Array.isArray(alerts)) return []
    const shift = computeShift(clocks, session)
    return shift === undefined ? [] : selectAlerts(alerts.slice(-MAX_ALERTS)).map(alert => moveAlert(alert, shift))
  } catch {
    return [] // not JSON
  }
}

type Clocks = Pick<RecordingHeader, 'monotonic' | 'wallClock'>

// The clock of the kernel since boot, else the wall clock.
function computeShift(old: Readonly<Record<keyof Clocks, unknown>>, session: Clocks): number | undefined {
  const { monotonic, wallClock } = old
  const isMonotonic = typeof monotonic === 'number' && session.monotonic !== undefined
  const shift = isMonotonic ? monotonic - session.monotonic! : Number(wallClock) - session.wallClock
  return Number.isFinite(shift) && shift <= 0 ? shift : undefined
}

// An open condition is over, since it was last found, until this run finds it again: within half a minute or, if acknowledged, within the
// grace. One that was over already is not waited for.
function moveAlert(alert: Alert, shift: number): Alert {
  const move = (time: number | undefined): number | undefined => (time === undefined ? undefined : time + shift)
  const isHeld = alert.resolvedAt === undefined && alert.kind === 'condition' && alert.overAt === undefined
  const times = {
    criticalAt: move(alert.criticalAt),
    acknowledgedAt: move(alert.acknowledgedAt),
    resolvedAt: move(alert.resolvedAt),
    overAt: move(isHeld ? alert.seenAt : alert.overAt),
  }
  const known = Object.fromEntries(Object.entries(times).filter(([, time]) => time !== undefined))
  const { criticalAt: _, acknowledgedAt: __, resolvedAt: ___, overAt: ____, ...rest } = alert
  const waitsUntil = alert.acknowledgedAt === undefined ? 0 : GRACE
  return {
    ...rest,
    since: alert.since + shift,
    at: alert.at + shift + ROUNDING,
    raisedAt: alert.raisedAt + shift,
    seenAt: isHeld ? waitsUntil : alert.seenAt + shift,
    ...known,
  }
}

const GRACE = 15 * MINUTE // a trend takes minutes to be found again: so long an acknowledged alert waits for it
const ROUNDING = 1 // ms: the same kill has the same time again, up to rounding

/** Writes the alerts of a session when they have changed, and at the end. Returns a function that ends it. */
export function rememberAlerts(path: string, store: Store): () => void {
  let written = store.get().alerts
  const write = (): void => {
    const { alerts, history } = store.get()
    if (alerts === written) return
    written = alerts
    writeStateFile(path, formatAlerts(alerts, history.session))
  }
  const stop = repeatEvery(WRITE_INTERVAL, write)
  return () => {
    stop()
    write()
    if (isInOwnFolder(path)) dropOldFiles(path)
  }
}

function formatAlerts(alerts: readonly Alert[], { host, bootId, wallClock, monotonic }: RecordingHeader): string {
  const head = { version: 1, host, bootId, wallClock, monotonic }
  let records: readonly AlertRecord[] = alerts.slice(-MAX_ALERTS).map(toAlertRecord)
  let text = JSON.stringify({ ...head, alerts: records })
  while (Buffer.byteLength(text) > MAX_BYTES && records.length > 0) {
    records = records.slice(Math.ceil(records.length / 2))
    text = JSON.stringify({ ...head, alerts: records })
  }
  return text
}

// Each boot has a file: the oldest are deleted.
function dropOldFiles(path: string): void {
  const folder = join(path, '..')
  try {
    const files = readdirSync(folder).filter(name => /^alerts-.*\.json$/.test(name))
    const dated = files.map(name => ({ name, time: statSync(join(folder, name)).mtimeMs }))
    const old = dated.sort((a, b) => b.time - a.time).slice(MAX_FILES)
    for (const { name } of old) rmSync(join(folder, name), { force: true })
  } catch {
    // the folder cannot be read, or another run deletes the same
  }
}

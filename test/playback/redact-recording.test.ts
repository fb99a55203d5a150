// Redacting: on every recorded session. It must detect the same, and nothing may be in it that the node was called.
import { createHmac } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { OomKill } from '../../src/collectors/kmsg/oom/oom-kill.ts'
import type { Alert } from '../../src/detectors/alerts.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { createMonitorState, type MonitorState } from '../../src/detectors/monitor-state.ts'
import type { Reading } from '../../src/history.ts'
import { AlertLog } from '../../src/playback/alert-log.ts'
import { readSamples } from '../../src/playback/recorded-samples.ts'
import { Pseudonyms } from '../../src/playback/redact/pseudonyms.ts'
import { redactRecording } from '../../src/playback/redact-recording.ts'
import { Replayer } from '../../src/playback/replayer.ts'
import { writeRecording } from '../../src/playback/write-recording.ts'
import { openRecording } from '../../src/recording/open-recording.ts'
import { pickCases, pickScenarios } from '../full.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'

const SNAPSHOTS = new URL('../../snapshots/', import.meta.url).pathname
const scenarios = readdirSync(SNAPSHOTS, { withFileTypes: true }).flatMap(one => (one.isDirectory() ? one.name : []))
/** Without those of a minute in which nobody is named: they take the longest. */
const WITH_NAMES = pickScenarios(scenarios).filter(name => !/quiet|file-reading|slab-growth/.test(name))
const digest = (text: string): string => createHmac('sha256', 'key').update(text).digest('hex')
const names = new Pseudonyms(digest)
const folderOf = (path: string): Replayer => new Replayer(openRecording(path).recording, defaultThresholds)

const outputs = new Map<string, Promise<string>>()

/** Redacts a recording once, for all tests. */
function redacted(path: string): Promise<string> {
  const known = outputs.get(path) ?? writeRedacted(path)
  outputs.set(path, known)
  return known
}

async function writeRedacted(path: string): Promise<string> {
  const output = join(createTemporaryFolder(), 'r.kmem')
  await writeRecording(output, redactRecording(folderOf(path), digest), defaultThresholds)
  return output
}

const plays = new Map<string, Played>()

/** Plays a recording once, for all tests. */
function played(path: string): Played {
  const known = plays.get(path) ?? play(path)
  plays.set(path, known)
  return known
}

interface Played {
  readonly watch: MonitorState
  readonly alerts: readonly Alert[]
  readonly readings: readonly Reading[]
}

function play(path: string): Played {
  const folder = folderOf(path)
  const log = new AlertLog()
  const readings: Reading[] = []
  let watch = createMonitorState(folder.recording.session)
  for (const sample of readSamples(folder)) {
    const came = [...sample.preamble, ...sample.readings]
    readings.push(...came)
    watch = log.applySample(watch, sample, defaultThresholds)
  }
  return { watch, alerts: log.listAlerts(), readings }
}

const lifeOf = ({ detector, severity, kind, title, count, since, at, raisedAt, resolvedAt }: Alert) => ({
  detector,
  severity,
  kind,
  title,
  count,
  since,
  at,
  raisedAt,
  resolvedAt,
})

/** A kill with other names by the rules of `Names`. */
function renamed(kill: OomKill): OomKill {
  const comm = <T extends { readonly comm: string }>(one: T): T => ({ ...one, comm: names.redactComm(one.comm) })
  const path = (one: string | null): string | null => (one === null ? null : names.redactPath(one))
  return {
    ...kill,
    invoker: kill.invoker && comm(kill.invoker),
    victim: comm(kill.victim),
    alsoKilled: kill.alsoKilled.map(comm),
    tasks: kill.tasks.map(comm),
    oomMemcg: path(kill.oomMemcg),
    taskMemcg: path(kill.taskMemcg),
    oomGroup: path(kill.oomGroup),
  }
}

/** What the node, its pods, cgroups and processes are called. Words that stay, or that the kernel has too, are none. */
function originalNames({ watch }: ReturnType<typeof played>): ReadonlySet<string> {
  const { history } = watch
  const kills = history.kmsg.oomKills
  const comms = kills.flatMap(({ victim, invoker, alsoKilled, tasks }) =>
    [victim, invoker, ...alsoKilled, ...tasks].map(one => one?.comm ?? ''),
  )
  const paths = [
    ...history.cgroups.cgroups.keys(),
    ...kills.flatMap(({ oomMemcg, taskMemcg }) => [oomMemcg ?? '', taskMemcg ?? '']),
  ]
  const owners = [...history.names.pods.values(), ...history.names.containers.values()].flatMap(
    one => Object.values(one) as (string | null)[],
  )
  const all = [
    history.session.host,
    history.session.bootId,
    ...comms,
    ...paths.flatMap(path => path.split('/')),
    ...owners,
  ]
  const changed = all.filter(name => name && name !== 'unknown' && names.redactComponent(name) !== name) as string[]
  return new Set(changed.filter(name => names.redactComm(name) !== name))
}

describe.each(pickCases(WITH_NAMES, scenarios))('%s', scenario => {
  const path = `${SNAPSHOTS}${scenario}/session.kmem`

  afterAll(() => {
    plays.clear()
    outputs.clear()
  })

  test('detects the same at the same times, with the names exchanged', async () => {
    const [before, after] = [played(path), played(await redacted(path))]
    expect(after.alerts.map(lifeOf)).toEqual(before.alerts.map(lifeOf))
    expect(after.watch.history.kmsg.oomKills).toEqual(before.watch.history.kmsg.oomKills.map(renamed))
    const counts = ({ watch: { history } }: typeof before) => ({
      values: history.meminfo.values,
      counters: history.vmstat.counters,
      log: [
        history.kmsg.read,
        history.kmsg.lost,
        history.kmsg.suppressed,
        history.kmsg.events.map(({ kind, time }) => [kind, time]),
      ],
      cgroups: [
        history.cgroups.directories,
        history.cgroups.numCgroups,
        history.cgroups.dying,
        history.cgroups.kills.map(({ count, time }) => [count, time]),
      ],
      caches: history.slabinfo.caches.map(({ name, bytes }) => [name, bytes]),
      reclaimable: history.slab.reclaimable.size,
      sources: history.sources,
    })
    expect(counts(after)).toEqual(counts(before))
    const trees = [before, after].map(({ watch }) =>
      [...watch.history.cgroups.cgroups].map(([name, { current }]) => [name, current]),
    )
    expect(trees[1]).toEqual(trees[0]!.map(([name, current]) => [names.redactPath(String(name)), current]))
  })

  test('holds no name of the node', async () => {
    const before = played(path)
    const folder = folderOf(await redacted(path))
    const { session, parts } = folder.recording
    // remedies are the program's own words
    const notes = parts.flatMap(({ summary }) => summary?.alerts.map(alert => ({ ...alert, remedy: [] })) ?? [])
    const text = JSON.stringify([session, notes, ...readSamples(folder)])
    const found = [...originalNames(before)].filter(name => {
      const written = JSON.stringify(name)
        .slice(1, -1)
        .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      return new RegExp(`(?<![\\w-])${written}(?![\\w-])`).test(text)
    })
    expect(found).toEqual([])
  })
})

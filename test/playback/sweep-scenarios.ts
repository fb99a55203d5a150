// What the sweep plays: each scenario in several forms, and what the whole recording says of each time.
import { readdirSync } from 'node:fs'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { createMonitorState, type MonitorState } from '../../src/detectors/monitor-state.ts'
import { applySample, readSamples } from '../../src/playback/recorded-samples.ts'
import { RecordingSeeker } from '../../src/playback/recording-seeker.ts'
import type { TimelineEvent } from '../../src/playback/timeline-events.ts'
import { encodeHeader, encodeReading } from '../../src/recording/line-codec.ts'
import { openBuffer, openRecording, type RecordingFile } from '../../src/recording/open-recording.ts'
import { SummaryBuilder } from '../../src/recording/summary-builder.ts'
import { pickCases } from '../full.ts'
import { encodeRecording } from '../recording/recordings.ts'

const FOLDER = new URL('../../snapshots/', import.meta.url).pathname
const STEPS = pickCases(5, 20)
/** Scenarios with so many cgroups that they are swept only as they were recorded, and at every quarter; nightly at every twentieth. */
export const LARGE: ReadonlySet<string> = new Set(['v1-incident-310', 'v2-id-exhaustion'])
const LARGE_STEPS = process.env.KMEMTOP_NIGHTLY === '1' ? STEPS : 4
/** Parts of a short scenario: a jump into it starts at a keyframe, as in a recording of hours. */
const PARTS = 6
/** Samples that are replayed at once: as few as this, a jump in a short scenario is as far as one in a recording of days. */
const FORWARD_SAMPLES = 3
const SHARES = [0, 0.5, 1]

const all = readdirSync(FOLDER, { withFileTypes: true }).flatMap(entry => (entry.isDirectory() ? entry.name : []))
/** The scenario that is swept in every form by default. */
const WITH_KILLS = 'v2-memcg-oom'
export const scenarios = pickCases(['v1-slab-growth', WITH_KILLS, 'v2-quiet'], all)

/** A form of a scenario, and the shares of it that are indexed when it is played. */
export interface SweptForm {
  readonly form: string
  readonly shares: readonly number[]
  readonly open: () => Promise<RecordingFile>
}

export const openScenarioFile = (scenario: string): RecordingFile => openRecording(`${FOLDER}${scenario}/session.kmem`)

/** Lists the forms of a scenario: as it was recorded, in short parts, and as plain lines, of which nothing is known before they are read. */
export function listForms(scenario: string): readonly SweptForm[] {
  if (LARGE.has(scenario))
    return [{ form: 'as recorded', shares: SHARES, open: async () => openScenarioFile(scenario) }]
  const inParts = openOnce('in parts', () => encodeInParts(scenario))
  const asLines = openOnce('as lines', async () => encodeAsLines(scenario))
  return [
    { form: 'in short parts', shares: pickCases(scenario === WITH_KILLS ? SHARES : [0], SHARES), open: inParts },
    ...(pickCases(scenario === WITH_KILLS, true) ? [{ form: 'as plain lines', shares: [0], open: asLines }] : []),
  ]
}

function openOnce(name: string, encode: () => Promise<Buffer>): () => Promise<RecordingFile> {
  let bytes: Promise<Buffer> | undefined
  return async () => {
    bytes ??= encode()
    return openBuffer(name, await bytes)
  }
}

const readReadings = (seeker: RecordingSeeker) =>
  [...readSamples(seeker.replayer)].map(sample => ({ sample, readings: [...sample.preamble, ...sample.readings] }))

async function encodeInParts(scenario: string): Promise<Buffer> {
  const seeker = new RecordingSeeker(openScenarioFile(scenario), defaultThresholds)
  const samples = readReadings(seeker)
  const builder = new SummaryBuilder([])
  let monitor = createMonitorState(seeker.session)
  return encodeRecording(
    samples.map(({ readings }) => readings),
    {
      frame: (seeker.end - seeker.begin) / PARTS,
      of: seeker.session,
      summarize: i => {
        monitor = applySample(monitor, samples[i]!.sample, defaultThresholds)
        return builder.collectChanges(monitor)
      },
    },
  )
}

function encodeAsLines(scenario: string): Buffer {
  const seeker = new RecordingSeeker(openScenarioFile(scenario), defaultThresholds)
  const lines = readReadings(seeker).flatMap(({ readings }) => readings.map(encodeReading))
  return Buffer.from([encodeHeader(seeker.session, seeker.begin), ...lines].join(''))
}

/** Opens a recording of which a share was read in the background. */
export function openSeeker(file: RecordingFile, share: number): RecordingSeeker {
  const seeker = new RecordingSeeker(file, defaultThresholds, FORWARD_SAMPLES)
  const goal = seeker.begin + share * (seeker.end - seeker.begin)
  seeker.replayInBackground(() => share >= 1 || seeker.progress * (seeker.end - seeker.begin) + seeker.begin < goal)
  return seeker
}

/** What the whole recording says: its events, and its state at each time. */
export interface Truth {
  readonly seeker: RecordingSeeker
  readonly events: readonly TimelineEvent[]
  readonly at: readonly { readonly time: number; readonly monitor: MonitorState }[]
}

export function readTruth(file: RecordingFile, scenario: string): Truth {
  const steps = LARGE.has(scenario) ? LARGE_STEPS : STEPS
  const seeker = new RecordingSeeker(file, defaultThresholds)
  seeker.replayInBackground(() => true)
  const times = Array.from({ length: steps + 1 }, (_, i) => seeker.begin + (i / steps) * (seeker.end - seeker.begin))
  return {
    seeker,
    events: seeker.listEvents(),
    at: times.map(time => ({ time, monitor: seeker.seekExact(Math.max(time, seeker.firstSampleTime)).monitor })),
  }
}

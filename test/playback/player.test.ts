// The player: any moment, in any order, is what playing through comes to; keys move it as they say.
import { beforeAll, describe, expect, test } from 'vitest'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState, type MonitorState } from '../../src/detectors/monitor-state.ts'
import { Player, type PlayerCommand, type PlayerStatus } from '../../src/playback/player.ts'
import { RecordingSeeker } from '../../src/playback/recording-seeker.ts'
import { openBuffer, type RecordingFile } from '../../src/recording/open-recording.ts'
import { createLogReading, formatReport } from '../detectors/kills.ts'
import { session } from '../fixtures.ts'
import { toPlainValues } from '../helpers/plain-values.ts'
import { encodeRecording, generateSamples, insertKill } from '../recording/recordings.ts'
import { createRandom } from '../seeded-random.ts'

const samples = insertKill(generateSamples(60), 33)
let bytes: Buffer

beforeAll(async () => {
  bytes = await encodeRecording(samples)
})

const open = (buffer = bytes): RecordingFile => openBuffer('test', buffer)
const reelOf = (buffer = bytes): RecordingSeeker => new RecordingSeeker(open(buffer), defaultThresholds)

/** What playing through came to, sample by sample. */
function playedThrough(): readonly MonitorState[] {
  let watch = createMonitorState(session)
  return samples.map(sample => {
    watch = sample.reduce((seen, reading) => applyReading(seen, reading, defaultThresholds), watch)
    return watch
  })
}

const expectedAt = (time: number): MonitorState => playedThrough().findLast(({ history }) => history.time <= time)!

/** That folds few samples at once: most moments are far. */
const slowReel = (): RecordingSeeker => new RecordingSeeker(open(), defaultThresholds, 5)

describe('the seeker', () => {
  test('gives at random times, in random order, exactly the state of playing through', () => {
    const all = playedThrough()
    const seeker = reelOf()
    const random = createRandom(3)
    for (let i = 0; i < 60; i++) {
      if (random() < 0.3) seeker.replayInBackground(() => random() < 0.9)
      const time = random() * 60_000
      const moment = seeker.seek(time)
      if (!moment.exact) continue
      const expected = all.findLast(({ history }) => history.time <= time) ?? createMonitorState(session)
      expect(toPlainValues(moment.monitor), `at ${time}`).toEqual(toPlainValues(expected))
    }
    seeker.replayInBackground(() => true)
    for (const time of [500, 33_500, 59_900, 20_000, 41_234])
      expect(toPlainValues(seeker.seek(time).monitor)).toEqual(
        toPlainValues(all.findLast(({ history }) => history.time <= time)),
      )
  })

  test('gives the same state after seeking back and playing on', () => {
    const all = playedThrough()
    const seeker = reelOf()
    seeker.replayInBackground(() => true)
    const back = seeker.seek(12_500)
    expect(toPlainValues(seeker.replayUntil(back, 59_999).monitor)).toEqual(toPlainValues(all.at(-1)))
  })

  test('gives an inexact state at a time far from what was replayed: its numbers are right, it says so, and the exact one follows', () => {
    const seeker = slowReel()
    const time = 38_500
    const moment = seeker.seek(time)
    expect(moment.exact).toBe(false)
    const expected = expectedAt(time)
    expect(moment.monitor.history.meminfo.values).toEqual(expected.history.meminfo.values)
    expect(toPlainValues(moment.monitor.history.cgroups.cgroups)).not.toEqual([])
    expect([...moment.monitor.history.cgroups.cgroups.keys()]).toEqual([...expected.history.cgroups.cgroups.keys()])
    seeker.replayInBackground(() => true)
    let slices = 1
    let exact = seeker.seekTowards(time, () => false)
    for (; !exact; slices++) exact = seeker.seekTowards(time, () => false)
    expect(slices).toBeGreaterThan(1)
    expect(exact.exact).toBe(true)
    expect(toPlainValues(exact.monitor)).toEqual(toPlainValues(expected))
    expect(toPlainValues(seeker.seek(time + 2000, exact).monitor)).toEqual(toPlainValues(expectedAt(time + 2000)))
    expect(seeker.progress).toBe(1)
  })

  test('shows the exact state as soon as it is known', () => {
    const seeker = slowReel()
    let shown: MonitorState | undefined
    const it = new Player(seeker, watch => (shown = watch), { playing: false })
    it.execute({ type: 'go', time: 38_500 })
    expect(it.status.exact).toBe(false)
    for (let more = true; more; ) more = it.workInBackground(() => true)
    expect(it.status.exact).toBe(true)
    expect(toPlainValues(shown)).toEqual(toPlainValues(expectedAt(38_500)))
  })

  test('the first samples of a session that began before its recording are inexact, and nothing waits for exact ones', () => {
    const all = playedThrough()
    const later = new RecordingSeeker(open(), defaultThresholds)
    const before: MonitorState = { ...all[0]!, history: { ...all[0]!.history, time: -60_000 } }
    later.loadStates([before, all[20]!, all[40]!, all.at(-1)!], all.at(-1)!.alerts)
    const it = new Player(later, () => {}, { playing: false, rewound: true })
    it.execute({ type: 'go', time: 10_500 })
    expect(it.status.exact).toBe(false)
    expect(it.isApproaching).toBe(false)
    it.execute({ type: 'go', time: 30_500 })
    expect(it.status.exact).toBe(true)
    expect(toPlainValues(later.seek(30_500).monitor)).toEqual(toPlainValues(expectedAt(30_500)))
  })

  test('a recording of which only the last samples are new shows what happened in those too', () => {
    const known = playedThrough().slice(0, 30)
    const seeker = reelOf()
    seeker.loadStates(known, known.at(-1)!.alerts)
    seeker.replayInBackground(() => true)
    expect(seeker.listEvents().map(({ kind }) => kind)).toContain('critical')
    expect(seeker.progress).toBe(1)
  })

  test('knows the marks, and the alert with its time, and a part that is lost', () => {
    const seeker = reelOf()
    seeker.replayInBackground(() => true)
    const events = seeker.listEvents()
    expect(events.filter(({ kind }) => kind === 'mark').map(({ text }) => text)).toEqual(
      [5, 16, 27, 38, 49].map(n => `mark ${n}`),
    )
    const kill = events.find(({ kind }) => kind === 'critical')
    expect(kill?.text).toContain('OOM KILL')
    const [alert] = playedThrough().at(-1)!.alerts
    expect(kill?.time).toBe(alert!.raisedAt)
  })

  test('knows every kill of an alert that is open, not only the one that raised it, and a player goes to each', async () => {
    const killed = generateSamples(60).map((sample, i) => {
      const { time } = sample[0]!
      return i === 33 || i === 45
        ? [createLogReading(time - 1, formatReport(time - 900, { pid: 100 + i })), ...sample]
        : sample
    })
    const seeker = reelOf(await encodeRecording(killed))
    seeker.replayInBackground(() => true)
    const kills = seeker.listEvents().filter(({ kind }) => kind === 'critical')
    expect(kills.map(({ text }) => /^OOM KILL( ×2)? /.exec(text)?.[0])).toEqual(['OOM KILL ', 'OOM KILL ×2 '])
    const it = new Player(seeker, () => {}, { playing: false, begin: kills[0]!.time + 1000 })
    it.execute({ type: 'event', by: 1 })
    while (it.event?.kind === 'mark') it.execute({ type: 'event', by: 1 })
    expect(it.event).toEqual(kills[1])
    expect(seeker.seek(it.status.at).monitor.alerts[0]!.count).toBe(2)
    expect(seeker.seek(it.status.at - 1).monitor.alerts[0]!.count).toBe(1)
  })

  test('continues after a lost part from the next keyframe', () => {
    const damaged = Buffer.from(bytes)
    let at = 0
    for (let i = 0; i < 2; i++) at = bytes.indexOf(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), at + 4)
    for (let i = 20; i < 400; i++) damaged[at + i] = 0
    const seeker = reelOf(damaged)
    seeker.replayInBackground(() => true)
    const last = playedThrough().at(-1)!
    const { history } = seeker.seek(60_000).monitor
    expect([...history.cgroups.cgroups.keys()]).toEqual([...last.history.cgroups.cgroups.keys()])
    expect(history.meminfo.values).toEqual(last.history.meminfo.values)
    expect(seeker.problems.join()).toMatch(/damaged|lost|left out/)
  })
})

describe('a player', () => {
  const player = (): { player: Player; seen: PlayerStatus[]; press(command: PlayerCommand): PlayerStatus } => {
    const seen: PlayerStatus[] = []
    const made = new Player(reelOf(), (_, state) => seen.push(state), { playing: false })
    return {
      player: made,
      seen,
      press: command => {
        made.execute(command)
        return seen.at(-1)!
      },
    }
  }

  test('plays at its speed by the time that passes, and stops at the end', () => {
    const { player: it, seen, press } = player()
    press({ type: 'play' })
    it.advance(1500)
    const first = seen.at(-1)!.at
    press({ type: 'speed', by: 1 })
    it.advance(1500)
    expect(seen.at(-1)!.at - first).toBe(3000)
    it.advance(600_000)
    expect(seen.at(-1)).toMatchObject({ playing: false, at: seen.at(-1)!.end })
    expect(press({ type: 'play' })).toMatchObject({ playing: true }) // and from the beginning again
    expect(seen.at(-1)!.at).toBeLessThan(10)
  })

  test.each([false, true])(
    'stops where it should, and plays on from there or from after it; following: %s',
    following => {
      const it = new Player(reelOf(), () => {}, { stopAt: 20_000, begin: 18_000, following })
      it.advance(5000)
      expect([it.status.at, it.status.playing]).toEqual([20_000, false])
      it.execute({ type: 'play' })
      it.advance(1000)
      expect([it.status.at, it.status.playing]).toEqual([21_000, true])
      it.execute({ type: 'go', time: 30_000 })
      it.advance(1000)
      expect([it.status.at, it.status.playing]).toEqual([31_000, true])
    },
  )

  test('goes by seconds, shares, tenths, times, and never over the ends', () => {
    const { press } = player()
    expect(press({ type: 'go', time: 30_000 }).at).toBe(30_000)
    expect(press({ type: 'seek', by: -5000 }).at).toBe(25_000)
    const { begin, end } = press({ type: 'tenth', tenth: 5 })
    expect(press({ type: 'tenth', tenth: 5 }).at).toBeCloseTo(begin + (end - begin) / 2)
    expect(press({ type: 'seek-share', by: 0.9 }).at).toBe(end)
    expect(press({ type: 'seek-share', by: -1.5 }).at).toBeLessThan(10)
  })

  test('goes sample by sample', () => {
    const { press } = player()
    press({ type: 'go', time: 20_500 })
    const on = press({ type: 'step', by: 1 })
    expect(on.at).toBe(21_002)
    expect(press({ type: 'step', by: 1 }).at).toBe(22_002)
    expect(press({ type: 'step', by: -1 }).at).toBe(21_002)
  })

  test('goes from event to event, and shows each when it has happened', () => {
    let watch: MonitorState | undefined
    const seeker = reelOf()
    seeker.replayInBackground(() => true)
    const it = new Player(seeker, seen => (watch = seen), { playing: false })
    const texts = ['mark 5', 'mark 16', 'mark 27', 'OOM KILL', 'mark 38']
    for (const text of texts) {
      it.execute({ type: 'event', by: 1 })
      expect(it.event?.text).toContain(text)
      if (text === 'OOM KILL') expect(watch!.alerts).toHaveLength(1)
      else expect(watch!.history.mark.at(-1)?.text).toBe(text)
    }
    for (const text of texts.toReversed().slice(1)) {
      it.execute({ type: 'event', by: -1 })
      expect(it.event?.text).toContain(text)
    }
  })

  test('rewound from the sample that showed an event, goes to that event first', () => {
    const seeker = reelOf()
    seeker.replayInBackground(() => true)
    const kill = seeker.listEvents().findLast(({ text }) => text.startsWith('OOM KILL'))!
    const it = new Player(seeker, () => {}, { rewound: true, playing: false, begin: kill.time })
    it.execute({ type: 'event', by: -1 })
    expect(it.event).toEqual(kill)
    it.execute({ type: 'event', by: -1 })
    expect(it.event?.text).toContain('mark 27')
  })
})

// A saved log as a recording: what is played, of which boot, and how its time is reported.
import { execFileSync } from 'node:child_process'
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { formatDateTime } from '../../../src/base/format.ts'
import { collectorIds } from '../../../src/collectors/index.ts'
import { appendReading, createHistory, type History } from '../../../src/history.ts'
import { loadPlayableLog, type PlayableLog } from '../../../src/postmortem/logs/playable-log.ts'
import { findKills, parseCapture } from '../../collectors/kmsg/captures.ts'
import { createTemporaryFolder } from '../../helpers/temporary.ts'
import { formatLog, getLogPath, readSavedLog } from './log-formats.ts'

const folder = createTemporaryFolder()

const play = async (text: string): Promise<{ log: PlayableLog; history: History }> => {
  const path = join(folder, 'log')
  writeFileSync(path, text, 'latin1')
  const log = await loadPlayableLog(path, 0)
  return { log, history: log.readings.reduce(appendReading, createHistory(log.session)) }
}

test.each(['dmesg', 'dmesg -T', 'syslog', 'journal short-iso', 'journal json'])(
  '%s plays the same kills',
  async format => {
    const { history } = await play(formatLog(parseCapture('oom-utf8name.v1-6.18'), format))
    expect(history.kmsg.oomKills.map(({ victim }) => victim)).toEqual(
      findKills(parseCapture('oom-utf8name.v1-6.18')).map(({ victim }) => victim),
    )
  },
)

test('time since boot where the log has no dates, the wall clock where it has', async () => {
  const { log } = await play(readSavedLog('oom-memcg.5.4.dmesg'))
  expect(formatDateTime(log.session.wallClock)).toBe('boot +  0d 05:16:40')
  const dated = await play(formatLog(parseCapture('oom-nested.v1-6.18'), 'syslog iso'))
  expect(formatDateTime(dated.log.session.wallClock)).toMatch(/^2026-11-23 /)
})

test('the boot with the trouble is played, and the others are counted', async () => {
  const quiet = '[    0.000000] Linux version 6.1.0 (a@b)\n[    5.100000] eth0: up\n'
  const { log, history } = await play(`${quiet}${readSavedLog('oom-memcg.5.4.dmesg')}${quiet}`)
  expect(log.boots).toBe(2)
  expect(history.kmsg.oomKills).toHaveLength(1)
})

test('of several machines, line by line between each other, the last one with trouble is played, by its name', async () => {
  const names = ['oom-memcg.5.4', 'oom-global.6.6']
  const logs = names.map((name, i) =>
    readSavedLog(`${name}.dmesg`)
      .trimEnd()
      .split('\n')
      .map(line => `Nov 20 10:00:0${i} node-${i} kernel: ${line}`),
  )
  const mixed = Array.from({ length: 100 }, (_, i) => logs.flatMap(lines => lines[i] ?? [])).flat()
  const { log, history } = await play(`${mixed.join('\n')}\nNov 20 10:00:09 node-2 kernel: [    5.100000] eth0: up\n`)
  expect(log).toMatchObject({ machines: 3, host: 'node-1', boots: 1, session: { host: 'node-1' } })
  expect(history.kmsg.oomKills.map(({ complete, victim }) => [complete, victim.comm])).toEqual([[true, 'prometheus']])
})

test('facts that a log cannot contain are absent, which is no problem', async () => {
  const { history } = await play(readSavedLog('oom-memcg.5.4.dmesg'))
  const others = collectorIds.filter(id => id !== 'kmsg').map(id => history.sources[id])
  expect(others.every(source => source?.absent && source.error === 'not in a saved log')).toBe(true)
})

test('what is no log is refused', async () => {
  await expect(loadPlayableLog(getLogPath('el7-leak/meminfo'), 0)).rejects.toThrow(/neither a recording nor a log/)
})

test('of a terabyte without a line of a log only the beginning is read', async () => {
  const path = join(folder, 'sparse')
  writeFileSync(path, '')
  truncateSync(path, 2 ** 40)
  await expect(loadPlayableLog(path, 0)).rejects.toThrow(/neither a recording nor a log/)
})

test('what programs say between the kernel’s lines has its own time, whatever steps the wall clock takes', async () => {
  const line = (wall: string, text: string): string => `2026-11-23T${wall}+00:00 node-7 ${text}\n`
  const { history } = await play(
    [
      line('10:00:00', 'kernel: [  100.000000] a'),
      line('10:00:05', 'kubelet[1]: b'),
      line('11:00:07', 'kubelet[1]: stepped'),
      line('11:00:10', 'kernel: [  110.000000] c'),
      line('11:00:12', 'kubelet[1]: d'),
    ].join(''),
  )
  expect(history.kmsg.records.map(({ time }) => time)).toEqual([0, 5000, 10_000, 10_000, 12_000])
})

test('of a tarball the first log is played, by its name', async () => {
  const tarball = join(folder, 'logs.tgz')
  const names = ['oom-memcg.5.4.dmesg', 'oom-global.6.6.dmesg']
  execFileSync('tar', ['czf', tarball, '-C', join(getLogPath(names[0]!), '..'), ...names])
  expect((await loadPlayableLog(tarball, 0)).name).toBe(`${tarball}:${names[0]}`)
  expect((await play(readSavedLog(names[0]!))).log.name).toBe(join(folder, 'log'))
})

// The OOM page of a saved log: limit, victim, why it was chosen, memory, remedies.
import { expect, test } from 'vitest'
import { MINUTE } from '../../../src/base/units.ts'
import { appendReading, createHistory, type Reading } from '../../../src/history.ts'
import { buildKillDetail } from '../../../src/panels/oom/detail.ts'
import type { Detail } from '../../../src/panels/panel.ts'
import { loadPlayableLog } from '../../../src/postmortem/logs/playable-log.ts'
import { createLogReading, formatReport } from '../../detectors/kills.ts'
import { buildHistory } from '../../fixtures.ts'
import { getLogPath } from '../../postmortem/logs/log-formats.ts'

async function detailOf(
  name: string,
): Promise<Detail & { readonly fact: (name: string) => string | undefined; readonly killed: string | undefined }> {
  const log = await loadPlayableLog(getLogPath(`${name}.dmesg`), 0)
  const history = log.readings.reduce(appendReading, createHistory(log.session))
  const detail = buildKillDetail(history, history.kmsg.oomKills[0]!.sequence!)!
  const killed = detail.listing?.lines.map(([part]) => part!.text).find(text => /^ killed/.test(text))
  return { ...detail, killed, fact: of => detail.facts.find(([title]) => title === of)?.[1] }
}

test('a container at its limit', async () => {
  const { introduction: lead, fact, killed, listing, remedies: remedy } = await detailOf('oom-memcg.3.10.0-957')
  expect(lead[0]).toMatch(/^GC Thread#0 requested memory when .* was at its limit; the kernel killed java\[4321\] of /)
  expect(fact('memory')).toBe('1.00 GiB of 1.00 GiB, limit hit 189 times')
  expect(fact('kernel memory')).toMatch(/^16\.2 MiB, no limit/)
  expect(fact('allocation')).toMatch(/a page, order 0, 0xd0\(GFP_KERNEL\)$/)
  expect(killed).toMatch(/973 MiB +95 % .*java\[4321\]/)
  expect(listing?.title).toContain('share of the limit')
  expect(remedy.length).toBeGreaterThan(0)
  expect(remedy.some(({ text }) => /\bview \d/.test(text))).toBe(false) // its other views are empty
})

test('the first remedy is about the tmpfs that filled the memory', async () => {
  const { fact, remedies: remedy } = await detailOf('oom-tmpfs.5.15')
  expect(fact('memory at the kill')).toMatch(/^shared \(tmpfs\) 684 MiB \(67 %\), anonymous/)
  expect(remedy[0]?.text).toMatch(/^delete tmpfs files .* fill the limit/)
})

test.each([
  ['oom-global.5.15', '2.00 GiB, of which the kernel reserved 44.9 MiB at boot', '47 %'],
  ['oom-global.5.10-64k', '2.00 GiB, of which the kernel reserved 718 MiB at boot', '47 %'],
])('a global kill shows RAM, swap, zones, and tasks by their share of RAM: %s', async (name, ram, share) => {
  const { introduction: lead, fact, killed, listing } = await detailOf(name)
  expect(lead[0]).toMatch(/^kworker\/u8:3\+fl requested memory when the whole node had no memory left; .* prometheus/)
  expect(fact('RAM')).toBe(ram)
  expect(fact('swap')).toBe('512 MiB, 0 B free')
  expect(fact('zone DMA32 of node 0')).toMatch(
    /^free 43\.7 MiB, reserved \(min watermark\) 43\.7 MiB, largest block order \d+$/,
  )
  expect(killed).toMatch(new RegExp(`973 MiB +${share}`))
  expect(listing?.title).toContain('share of RAM')
})

test('a kill long before the session has no empty charts, and says why', () => {
  const meminfo = { '/proc/meminfo': 'MemTotal: 100 kB\nMemAvailable: 50 kB\n' }
  const readings: readonly Reading[] = [
    { time: 0, collector: 'meminfo', files: meminfo },
    createLogReading(0, formatReport(-20 * MINUTE)),
    createLogReading(1000, formatReport(1000, { pid: 8 })),
    { time: 2000, collector: 'meminfo', files: meminfo },
  ]
  const history = buildHistory(readings)
  const [before, during] = history.kmsg.oomKills.map(({ sequence }) => buildKillDetail(history, sequence!)!)
  const findCharts = ({ facts }: Detail): string | undefined => facts.find(([name]) => name === 'charts')?.[1]
  expect([before!.graphs.length, findCharts(before!)]).toEqual([0, 'none: this session began 20 min after the kill'])
  expect([during!.graphs.length, findCharts(during!)]).toEqual([1, undefined])
})

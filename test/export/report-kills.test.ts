// OOM kills in a report: names, limits and sizes are those that the kernel gave, and nothing is said that it did not.
import { expect, test } from 'vitest'
import { buildKills } from '../../src/export/report/report-kills.ts'
import {
  createLaterReading,
  createLogReading,
  createV2Events,
  createV2Tree,
  createVmstatReading,
  formatBareKill,
  formatReport,
} from '../detectors/kills.ts'
import { buildHistory } from '../fixtures.ts'

const start = [createLogReading(0, ''), createVmstatReading(0, 42), createV2Tree(0, '/pod', '/pod/c1')]

test('the limit is that of the cgroup in the report', () => {
  const history = buildHistory([...start, createLogReading(1500, formatReport(1400)), createLaterReading(9000)])
  expect(buildKills(history, 0)).toMatchObject([
    { victim: 'java[4121]', rss: 2048 * 1024, limitSetOn: '/pod', cgroup: '/pod/c1', confirmedBy: ['kmsg'] },
  ])
})

test('of a kill that only a counter saw neither victim nor limit is claimed', () => {
  const history = buildHistory([...start, createV2Events(1600, { '/pod/c1': 1, '/pod': 1 }), createLaterReading(9000)])
  expect(buildKills(history, 0)).toMatchObject([{ count: 1, cgroup: '/pod/c1', tasks: [] }])
  expect(buildKills(history, 0)[0]?.limitSetOn).toBeUndefined()
})

test('a lone line does not say whose limit it was', () => {
  const history = buildHistory([...start, createLogReading(1500, formatBareKill(1400)), createLaterReading(9000)])
  expect(buildKills(history, 0)[0]?.limitSetOn).toBeUndefined()
})

test('sizes of tasks are pages of the node', () => {
  const history = buildHistory([...start, createLogReading(1500, formatReport(1400)), createLaterReading(9000)])
  const [kill] = history.kmsg.oomKills
  const tasks = [{ ...kill!.victim, pid: 4121, comm: 'java', columns: { rss: 90, oom_score_adj: 0 } }]
  const large = {
    ...history,
    session: { ...history.session, pageSize: 65_536 },
    kmsg: { ...history.kmsg, oomKills: [{ ...kill!, tasks }] },
  }
  expect(buildKills(large, 0)[0]?.tasks).toEqual([{ name: 'java[4121]', rss: 90 * 65_536, oomScoreAdj: 0 }])
})

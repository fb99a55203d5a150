// Surveys, swap areas and clock steps with other names: numbers stay, names of processes, cgroups, files and mounts go.
import { expect, test } from 'vitest'
import { formatSurvey, parseSurvey } from '../../../src/collectors/holders/survey.ts'
import { parseSwaps } from '../../../src/collectors/swap.ts'
import type { Reading } from '../../../src/history.ts'
import { Pseudonyms } from '../../../src/playback/redact/pseudonyms.ts'
import { ReadingRedactor } from '../../../src/playback/redact/redact-readings.ts'

const digest = (text: string): string =>
  [...text]
    .reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 0xffffff, 7)
    .toString(16)
    .padStart(64, '0')
const redact = (collector: Reading['collector'], files: Reading['files']): Reading['files'] =>
  new ReadingRedactor(new Pseudonyms(digest)).redactReading({ time: 0, collector, files })!.files

test('a survey keeps its numbers and loses its names', () => {
  const text = formatSurvey([
    {
      fact: 'coverage',
      reason: 'slab-growth SUnreclaim',
      processes: 9,
      processesRead: 9,
      refused: 0,
      openFiles: 7,
      cost: 3,
    },
    {
      fact: 'process',
      pid: 7,
      name: 'secret-app',
      cgroup: '/kubepods/secret',
      files: 9,
      kinds: { socket: 8 },
      threads: 1,
      pageTables: 4096,
      shmem: 0,
      watches: 0,
      locks: 0,
      queued: 0,
    },
    { fact: 'tmpfs', path: '/srv/secret', device: '0:31', inodes: 12, bytes: 0, pid: 7, cgroup: '/secret' },
  ])
  const redacted = redact('holders', { '/survey': text })['/survey']!
  expect(redacted).not.toContain('secret')
  const survey = parseSurvey(redacted)
  expect(survey).toMatchObject({ reason: 'slab-growth SUnreclaim', processes: 9 })
  expect(survey.byProcess[0]).toMatchObject({ pid: 7, files: 9, kinds: { socket: 8 } })
  expect(survey.tmpfs[0]).toMatchObject({ inodes: 12, device: '0:31' })
})

test('a survey that is none, and a reason that is none, are left out', () => {
  expect(redact('holders', { '/survey': '{"secret":1}\n' })['/survey']).toBe('?\n')
  const odd = formatSurvey([
    {
      fact: 'coverage',
      reason: 'x /secret/path',
      processes: 0,
      processesRead: 0,
      refused: 0,
      openFiles: null,
      cost: 0,
    },
  ])
  expect(redact('holders', { '/survey': odd })['/survey']).not.toContain('secret')
})

test('swap areas keep their sizes; a file loses its name', () => {
  const text = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/srv/secret\\040swap  file\t\t1024\t\t12\t\t-2\n'
  const redacted = redact('swap', { '/proc/swaps': text, '/etc/secret': 'x', '/sys/block/zram0/mm_stat': '1 2 3\n' })
  expect(Object.keys(redacted)).toEqual(['/proc/swaps', '/sys/block/zram0/mm_stat'])
  expect(redacted['/proc/swaps']).not.toContain('secret')
  expect(parseSwaps(redacted['/proc/swaps']!)).toMatchObject([{ type: 'file', size: 1024 * 1024, used: 12 * 1024 }])
})

test('clock steps stay, and nothing else of their text', () => {
  const redacted = redact('clock', { '/clock': 'step 1000 1795452000000 9000000\nsecret\n' })
  expect(redacted).toEqual({ '/clock': 'step 1000 1795452000000 9000000\n' })
})

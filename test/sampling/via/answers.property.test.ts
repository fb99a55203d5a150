// Property: whatever another node answers, what was asked for is taken or nothing, and no answer throws or takes long.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { appendReading, createHistory } from '../../../src/history.ts'
import { HELLO } from '../../../src/sampling/via/collector-script.ts'
import { parseHello } from '../../../src/sampling/via/link/hello.ts'
import { parseNodeFile } from '../../../src/sampling/via/node-file.ts'
import { parseFiles, parseListing, parseTree } from '../../../src/sampling/via/parse-answers.ts'
import { checkProperty, PROPERTY_TIMEOUT } from '../../helpers/check-property.ts'

const ASKED = ['/proc/meminfo', '/proc/vmstat', '/sys/fs/cgroup/a/memory.current']
const bytes = fc.string({ unit: 'binary-ascii', maxLength: 80 })
const piece = fc.oneof(
  fc.constantFrom(
    ...ASKED.map(path => `==> ${path} <==`),
    '==> ',
    ' <==',
    '12 3 /sys/fs/cgroup/a',
    '/sys/fs/cgroup/../etc',
  ),
  fc.constantFrom(
    'B 1',
    'T 2 /sys/fs/cgroup',
    'K 3 /dev/kmsg',
    'E 1 0',
    'E 2 0',
    'E 3 0',
    'MemTotal: 1 kB',
    '4,1,1,-;x',
    '1.0',
  ),
  bytes,
)
const answer = fc.array(piece, { maxLength: 40 }).map(pieces => pieces.join('\n'))

test(
  'files, directories, names and the greeting',
  () => {
    checkProperty(answer, text => {
      const files = parseFiles(text, ASKED)
      for (const path of files.keys()) expect(ASKED).toContain(path)
      expect([...files.values()].join('').length).toBeLessThanOrEqual(text.length)
      for (const path of parseTree(text, '/sys/fs/cgroup').keys())
        expect(path).toMatch(/^\/sys\/fs\/cgroup(\/(?!\.\.?(\/|$)).*)?$/s)
      for (const hasLs of [true, false])
        expect(parseListing(text, hasLs).size).toBeLessThanOrEqual(text.split('\n').length)
      expect(parseHello(text)).toBeTypeOf('object')
    })
  },
  PROPERTY_TIMEOUT,
)

test(
  'a file of the collector script',
  () => {
    checkProperty(answer, text => {
      const parsed = parseNodeFile(`${HELLO} file ${text}`)
      if (parsed) parsed.readings.reduce(appendReading, createHistory(parsed.session))
    })
  },
  PROPERTY_TIMEOUT,
)

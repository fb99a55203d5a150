// Kernel records from the far side's stderr, between words of the transport.
import { expect, test } from 'vitest'
import { FarLog } from '../../../src/sampling/via/far-log.ts'

const record = (sequence: number, text = 'text'): string => `6,${sequence},1000,-;${text}\n SUBSYSTEM=memory\n`

test('records come whole whatever pieces they came in', () => {
  const log = new FarLog()
  const text = record(1) + record(2)
  const taken = [...text].map(character => log.take(character)).join('')
  expect(taken).toBe(text)
})

test('words of the transport are no records, and are kept to explain a failure', () => {
  const log = new FarLog()
  expect(log.take(`Warning: added node7 to known hosts\n${record(5)}Connection closed\n`)).toBe(record(5))
  expect(log.words).toBe('Warning: added node7 to known hosts\nConnection closed\n')
})

test('after a reconnect the ring comes again: each record is given once', () => {
  const log = new FarLog()
  log.take(`${record(1)}${record(2)}6,3,10`)
  log.startConnection('two')
  expect(log.take(record(1) + record(2) + record(3) + record(4))).toBe(record(3) + record(4))
})

test('a mark is no record, wherever it lands, and says whether records came before it', () => {
  const log = new FarLog()
  log.startConnection('abc')
  const mark = 'kmemtop-collector log abc\n'
  const text = `# # \n${mark}6,1,10,-;o${mark}ne\n${mark}${mark}6,2,10,-;kmemtop-collector log def\n`
  const taken = [...text].map(character => {
    const records = log.take(character)
    return `${records}${log.marks}${log.isQuiet ? ' quiet' : ''}`
  })
  expect(taken.filter((state, i) => state !== taken[i - 1])).toEqual([
    '0',
    '1 quiet',
    '2 quiet',
    '6,1,10,-;one\n2 quiet',
    '2 quiet',
    '3',
    '4 quiet',
    '6,2,10,-;kmemtop-collector log def\n4 quiet',
  ])
})

test('a line without an end is bounded', () => {
  const log = new FarLog()
  for (let i = 0; i < 100; i++) expect(log.take('x'.repeat(10_000))).toBe('')
  expect(log.take(`\n${record(1)}`)).toBe(record(1))
  expect(log.words.length).toBeLessThanOrEqual(2000)
})

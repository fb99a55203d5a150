// Fields: paths into the state, and the error for an unknown one.
import { expect, test } from 'vitest'
import { createUnknownFieldError, getValue, listLeaves, parseFields } from '../../src/export/fields.ts'

const state = {
  memory: { SUnreclaim: 5, 'Active(anon)': 1 },
  pressure: { some: null },
  slab: { caches: [{ name: 'kmalloc-64', bytes: 7 }] },
  cgroups: [
    { path: '/', memory: { current: 9 } },
    { path: '/a,b.c/[x]', memory: { current: 10, max: 'max' } },
  ],
}
const at = (text: string): unknown => getValue(state, parseFields(text)[0]!)

test.each([
  ['memory.SUnreclaim', 5],
  ['memory.Active(anon)', 1],
  ['slab.caches[kmalloc-64].bytes', 7],
  ['cgroups[/].memory.current', 9],
  ['cgroups[/a,b.c/[x]].memory.max', 'max'],
  ['pressure.some.avg10', null],
  ['memory.nothing', undefined],
  ['cgroups[/none].memory.current', undefined],
  ['memory.toString', undefined],
])('%s finds its value', (text, value) => expect(at(text)).toEqual(value))

test('several fields are split at commas that are not part of a name', () => {
  const fields = parseFields('memory.SUnreclaim,cgroups[/a,b.c/[x]].memory.current,pressure')
  expect(fields.map(({ text }) => text)).toEqual([
    'memory.SUnreclaim',
    'cgroups[/a,b.c/[x]].memory.current',
    'pressure',
  ])
})

test.each(['', ',', 'memory.', 'a,,b', 'cgroups[/a'])('%j is rejected', text =>
  expect(() => parseFields(text)).toThrow(/--fields/),
)

test('every value has a path that leads to it', () => {
  for (const [path, value] of listLeaves(state)) expect(at(path), path).toEqual(value)
})

test('the error for an unknown field names the nearest one', () => {
  expect(createUnknownFieldError(parseFields('memory.SUnreclam')[0]!, state).message).toContain(
    'did you mean memory.SUnreclaim?',
  )
  expect(createUnknownFieldError(parseFields('slab.caches[kmaloc-64].bytes')[0]!, state).message).toContain(
    'slab.caches[kmalloc-64].bytes?',
  )
})

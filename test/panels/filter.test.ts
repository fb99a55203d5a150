// The filter language: words, regular expressions, negation, comparisons.
import { describe, expect, test } from 'vitest'
import { compileFilter, describeNoMatch, type FilterSubject, findFilterProblem } from '../../src/panels/filter.ts'

const rows: readonly FilterSubject[] = [
  { text: 'kmalloc-64', values: { size: 3 * 2 ** 30, growth: 20 * 2 ** 20, fill: 0.95, oom: 0 } },
  { text: 'kmalloc-1024', values: { size: 2 ** 20, growth: 0, fill: 0.2, oom: 3 } },
  { text: 'dentry', values: { size: 2 ** 30, growth: null, fill: undefined } },
]
const matches = (filter: string): readonly string[] =>
  rows.filter(row => compileFilter(filter)(row)).map(({ text }) => text)

describe('a filter', () => {
  test('without terms matches everything', () => {
    expect(matches('')).toHaveLength(3)
    expect(matches('   ')).toHaveLength(3)
  })

  test('of words matches rows that contain all of them, in any case', () => {
    expect(matches('KMALLOC')).toEqual(['kmalloc-64', 'kmalloc-1024'])
    expect(matches('kmalloc 64')).toEqual(['kmalloc-64'])
  })

  test('between slashes is a regular expression', () => {
    expect(matches('/kmalloc.*6/')).toEqual(['kmalloc-64'])
    expect(matches('/^(dentry|kmalloc-1024)$/')).toEqual(['kmalloc-1024', 'dentry'])
    expect(matches('/(/')).toEqual([]) // no regular expression: a word
  })

  test('after ! is negated', () => {
    expect(matches('!kmalloc')).toEqual(['dentry'])
    expect(matches('kmalloc !/64$/')).toEqual(['kmalloc-1024'])
    expect(matches('!oom>0')).toEqual(['kmalloc-64', 'dentry'])
  })

  test('compares values with units; a row without the value does not match', () => {
    expect(matches('size>1G')).toEqual(['kmalloc-64'])
    expect(matches('size>=1GiB')).toEqual(['kmalloc-64', 'dentry'])
    expect(matches('growth>10M/h')).toEqual(['kmalloc-64'])
    expect(matches('fill<90%')).toEqual(['kmalloc-1024'])
    expect(matches('oom=3')).toEqual(['kmalloc-1024'])
    expect(matches('nothing>0')).toEqual([])
  })

  test('is bounded in length, and never takes exponential time', () => {
    expect(matches(`/${'(a+)+'.repeat(100)}/`)).toEqual([])
    const subject = { text: 'a'.repeat(60) }
    expect(compileFilter('/(a+)+$!/')(subject)).toBe(false)
    expect(compileFilter('/^(a*)*b$/')(subject)).toBe(false)
  })
})

describe('a regular expression', () => {
  test.each([
    '(a+)+$',
    '(a|aa)+$',
    '(a?){30}a{30}',
    '((ab)*c|d)*e',
    '(.*,)*x',
    '(a)\\1',
    'a*a*a*a*b',
    '(?=a+)+',
    'a{',
    '[',
  ])('%s may take too long, or is none: it is searched as text, and the footer says so', source => {
    const text = `/${source}/`
    if (source !== 'a{') expect(findFilterProblem(text, [])).toContain(`${text} is searched as text: `)
    expect(compileFilter(text)({ text: `x ${text} y` }) || source === 'a{').toBe(true)
    compileFilter(text)({ text: `${'a'.repeat(4000)}!` })
  })

  test.each([
    ['^/pod/c[0-9]+$', '/pod/c12'],
    ['oom|kill', 'it was killed'],
    ['(foo|bar)/.*baz', 'a/bar/x/baz'],
    ['colou?r', 'COLOR'],
    ['\\d{2,3}', 'a123'],
    ['[+*]', 'a+b'],
    ['(?:ab)+c', 'ababc'],
  ])('%s finds %s', (source, text) => {
    expect(findFilterProblem(`/${source}/`, [])).toBeUndefined()
    expect(compileFilter(`/${source}/`)({ text })).toBe(true)
  })

  // each repeat may multiply the steps by the length of the text: 100 ** 3 are a million
  test.each([
    ['/b/', 4096],
    ['/c*b/', 1000],
    ['/c*d*b/', 300],
    ['/c*d*e*b/', 100],
  ])('%s searches the first %d characters', (source, most) => {
    const matches = compileFilter(source)
    expect(matches({ text: `${'a'.repeat(most - 1)}b` })).toBe(true)
    expect(matches({ text: `${'a'.repeat(most)}b` })).toBe(false)
  })
})

test('a term that cannot be read is named, with what was expected', () => {
  const names = ['size', 'growth']
  expect(findFilterProblem('weight>3', names)).toBe('weight>3 is searched as text: the numbers here are size, growth')
  expect(findFilterProblem('size>', names)).toBe('size> needs a number')
  expect(findFilterProblem('size>10X', names)).toMatch(/expected a number, as in size>10M$/)
  expect(findFilterProblem('!size>x', names)).toMatch(/^size>x is searched as text/)
  expect(findFilterProblem('oom>0', [])).toMatch(/this list has no numbers to compare$/)
  expect(findFilterProblem('dentry !filp size>=10M growth>1M/h', names)).toBeUndefined()
})

test('a list without a match says what is wrong with its filter', () => {
  expect(describeNoMatch('cgroup', 'web', ['limit'])).toBe('no cgroup matches “web”')
  expect(describeNoMatch('cgroup', 'limit>>90', ['limit'])).toBe(
    'no cgroup matches: limit>>90 is searched as text: expected a number, as in limit>10M',
  )
})

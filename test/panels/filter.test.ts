// The filter language: words, regular expressions, negation, comparisons.
import { describe, expect, test } from 'vitest'
import { compileFilter, type FilterSubject } from '../../src/panels/filter.ts'

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

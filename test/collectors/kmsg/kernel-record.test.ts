// Records of /dev/kmsg: the prefix, escapes and dictionary lines, from real captures and KERNEL.md 1.1.
import { describe, expect, test } from 'vitest'
import { parseRecord, parseRecords } from '../../../src/collectors/kmsg/kernel-record.ts'
import { readCapture } from './captures.ts'

describe('a record', () => {
  test('has priority, number and time before the first semicolon, and a text that may hold more of them', () => {
    expect(parseRecord('4,505456,2424568737,-;memhog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL); order=0')).toEqual(
      {
        sequence: 505456,
        microseconds: 2424568737,
        level: 4,
        facility: 0,
        text: 'memhog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL); order=0',
      },
    )
  })

  test('keeps the blank that a text begins or ends with', () => {
    expect(parseRecord('4,505853,2427010252,-; <TASK> ')?.text).toBe(' <TASK> ')
  })

  test('may have an empty text', () => {
    expect(parseRecord('14,500437,2232114407,-;')?.text).toBe('')
  })

  test('has a level and a facility, even one that syslog does not know', () => {
    expect(parseRecord('14,1,1,-;a')).toMatchObject({ level: 6, facility: 1 })
    expect(parseRecord('2047,1,1,-;a')).toMatchObject({ level: 7, facility: 255 })
  })

  test('may be a fragment, and may have come from before the clock ran', () => {
    expect(parseRecord('4,110,13410000,c; 606944ba')?.text).toBe(' 606944ba')
    expect(parseRecord('6,0,-5,-;early')?.microseconds).toBe(-5)
  })

  test('names its caller if the kernel prints it, among unknown fields', () => {
    expect(parseRecord('6,1,0,-,caller=T1234;x')?.caller).toBe('T1234')
    expect(parseRecord('6,1,0,-,later=9,caller=C3,more=1;x')?.caller).toBe('C3')
    expect(parseRecord('6,1,0,-;caller=T1')).not.toHaveProperty('caller')
  })

  test('gets its tabs, newlines, backslashes and UTF-8 back', () => {
    const line = String.raw`14,1,1,-;tab\x09here back\x5cslash bell\x07 del\x7f utf8 \xc3\xa9\xe2\x82\xac nl\x0asecond line`
    expect(parseRecord(line)?.text).toBe('tab\there back\\slash bell\x07 del\x7f utf8 é€ nl\nsecond line')
  })

  test('does not unescape twice', () => {
    expect(parseRecord(String.raw`14,1,1,-;\x5cx41`)?.text).toBe(String.raw`\x41`)
  })

  test('is not a record if the prefix is incomplete, or counts further than a kernel can', () => {
    for (const line of [
      '',
      'x',
      '4,5',
      '4,5,6',
      '4,5,6,-',
      ' SUBSYSTEM=acpi',
      'a,1,1,-;x',
      `4,${2 ** 53},1,-;x`,
      `4,1,${2 ** 64},-;x`,
    ]) {
      expect(parseRecord(line)).toBeUndefined()
    }
  })
})

describe('a dump', () => {
  test('has its records in order, without dictionary lines', () => {
    const records = parseRecords(readCapture('boot.v2-6.12'))
    expect(records.map(({ sequence }) => sequence)).toEqual(Array.from(records, (_, i) => records[0]!.sequence + i))
    expect(records.filter(({ text }) => /SUBSYSTEM|DEVICE/.test(text))).toEqual([])
    expect(records[1]!.text).toBe('rcu: \tRCU restricting CPUs from NR_CPUS=8192 to nr_cpu_ids=1.')
  })

  test('has the stats block of one printk as one record of many lines', () => {
    const stats = parseRecords(readCapture('oom-group.v2-6.1')).find(({ text }) => text.startsWith('anon '))
    expect(stats?.text.split('\n').slice(0, 3)).toEqual(['anon 100380672', 'file 0', 'kernel 282624'])
  })

  test('may be empty, or end without a newline', () => {
    expect(parseRecords('')).toEqual([])
    expect(parseRecords('6,1,1,-;a\n6,2,2,-;b')).toHaveLength(2)
  })
})

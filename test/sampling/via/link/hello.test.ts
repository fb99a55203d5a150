// The hello of a node: what it says of its clocks is taken only if it can be a time.
import { expect, test } from 'vitest'
import { parseHello } from '../../../../src/sampling/via/link/hello.ts'

test('times and tools', () => {
  expect(parseHello('head=busybox head|stat=|ls=ls|find=find|cat=cat|uptime=3285.32|wall=1795804219|pid=7')).toEqual({
    ...{ head: 'busybox head', stat: '', ls: 'ls', find: 'find', cat: 'cat' },
    ...{ uptime: 3285.32, wall: 1795804219 },
  })
})

test.each(['', '-5', 'nan', '1e15', '99999999999999999', '0', '12,5', '0x10'])('a time of "%s" is unknown', text => {
  const { uptime, wall } = parseHello(`uptime=${text}|wall=${text}`)
  expect({ uptime, wall }).toEqual({ uptime: Number.NaN, wall: undefined })
})

test('a clock that would have booted before 1970 is unknown', () => {
  expect(parseHello('uptime=3285.32|wall=3285').wall).toBeUndefined()
  expect(parseHello('uptime=3285.32|wall=3286').wall).toBe(3286)
})

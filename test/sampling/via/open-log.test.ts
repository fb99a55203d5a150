// The kernel log of a far node: what it held has come when the first sample is taken, or it says why not.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { catchCode, makeNode } from './same-as-local.ts'
import { withRemoteHost } from './shells.ts'

const RECORDS = 20_000

/** A node whose log holds many records. */
function makeNodeWithLog(): string {
  const root = makeNode()
  const records = Array.from({ length: RECORDS }, (_, i) => `6,${i},${i},-;record ${i}\n`)
  writeFileSync(join(root, 'dev/kmsg'), records.join(''))
  return root
}

test.each([
  ['sh', 'sh'],
  ['a late stderr', '{ sh 2>&1 >&3 | { sleep 0.5; cat; } >&2; } 3>&1'],
  ['an interactive shell, with prompts before the records', 'sh -i'],
])('over %s the first sample has all records', (_, command) => {
  withRemoteHost({ command, root: makeNodeWithLog() }, host => {
    void host.link.rehearse(far => void far.drainDevice('/dev/kmsg'))
    const sequences = [...host.drainDevice('/dev/kmsg').matchAll(/^6,(\d+),/gm)].map(match => Number(match[1]))
    expect(sequences).toEqual(Array.from({ length: RECORDS }, (_, i) => i))
  })
})

test('stderr that is joined with stdout is no log, and nothing of it gets into files', () => {
  withRemoteHost({ command: 'sh 2>&1', root: makeNodeWithLog() }, host => {
    void host.link.rehearse(far => void far.drainDevice('/dev/kmsg'))
    expect(catchCode(() => host.drainDevice('/dev/kmsg'))).toBe('ENOTCONN')
    host.link.beginSample(['/proc/meminfo'])
    expect(host.readFile('/proc/meminfo')).toBe('MemTotal: 8 kB\n')
  })
})

test('stderr that goes elsewhere is an error, and waited for once', () => {
  withRemoteHost({ command: 'sh 2>/dev/null', root: makeNodeWithLog() }, (host, { now }) => {
    void host.link.rehearse(far => void far.drainDevice('/dev/kmsg'))
    const begun = now()
    for (let i = 0; i < 3; i++) expect(catchCode(() => host.drainDevice('/dev/kmsg'))).toBe('ENOTCONN')
    expect(now() - begun).toBeLessThan(3000)
  })
})

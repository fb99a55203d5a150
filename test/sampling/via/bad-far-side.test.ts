// What is no collector, or one that dies, lies, floods or stalls: clear words, bounded, and never a wrong number.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { linkScript } from '../../../src/sampling/via/collector-script.ts'
import { mayRunTwice } from '../../../src/sampling/via/link/end-probe.ts'
import { Link } from '../../../src/sampling/via/link/link.ts'
import { RemoteHost } from '../../../src/sampling/via/remote-host.ts'
import { createTemporaryFolder } from '../../helpers/temporary.ts'
import { createThread, shells, withRemoteHost } from './shells.ts'

/** A command that runs this shell text, with the collector as `$1`. */
function makeCommand(text: string): string {
  const folder = createTemporaryFolder()
  writeFileSync(join(folder, 'collector'), linkScript)
  writeFileSync(join(folder, 'far'), text)
  return `sh ${join(folder, 'far')} ${join(folder, 'collector')}`
}

/** The end of a pipe that lets so many bytes through and then ends the command. */
const dieAfter = (bytes: number): string => `{ dd bs=1 count=${bytes} 2>/dev/null; kill -9 $$; }`

const connect = (command: string): void => withRemoteHost({ command }, () => {})
const MEMINFO = '/proc/meminfo'

describe('no collector answers', () => {
  test.each([
    ['a command that is not there', 'no-such-command-here', /the command ended: .*no-such-command-here/],
    ['a command that ends at once', 'true', /the command ended/],
    [
      'its own words explain it',
      "echo 'Permission denied (publickey).' >&2; exit 255",
      /Permission denied \(publickey\)/,
    ],
    ['a shell that is no POSIX shell', "echo 'fish: Unknown command' >&2; exit 127", /fish: Unknown command/],
    [
      'a login shell that is not a POSIX shell',
      'read -r line; echo "$line: Command not found." >&2; exec sleep 100',
      /not a POSIX shell: add sh to the command: kmemtop_nonce/,
    ],
    ['a flood of other output', 'yes', /other output, and no shell/],
  ])('%s is reported', (_, command, words) => {
    expect(() => connect(command)).toThrow(words)
  })

  test('a terminal in between is named', () => {
    expect(() => connect(`sh | while read -r line; do printf '%s\\r\\n' "$line"; done`)).toThrow(
      /terminal.*leave out -t/,
    )
  })
})

test('noise before the hello, and an echo of the script, are skipped', () => {
  withRemoteHost({ command: makeCommand('echo "Welcome to node7"; cat "$1"; echo; exec sh') }, host => {
    expect(host.readFile(MEMINFO)).toMatch(/^MemTotal: +\d+ kB\n/)
  })
})

test.each(['sh -eu', 'sh -x', 'bash -eux', 'sh -v', ...shells.filter(shell => shell === 'mksh').map(() => 'mksh -x')])(
  '%s: options of a profile change nothing',
  command => {
    withRemoteHost({ command }, host => {
      expect(host.readFile(MEMINFO)).toMatch(/^MemTotal: +\d+ kB\n/)
      expect(() => host.readFile('/proc/not-there')).toThrow(/ENOENT/)
    })
  },
)

test('words between two answers are skipped', () => {
  const noisy =
    'sh | while IFS= read -r line; do case $line in "B "*) echo "broadcast message";; esac; printf "%s\\n" "$line"; done'
  withRemoteHost({ command: makeCommand(noisy) }, host => {
    for (let i = 0; i < 3; i++) {
      host.link.beginSample([MEMINFO])
      expect(host.readFile(MEMINFO)).toMatch(/^MemTotal: +\d+ kB\n/)
    }
  })
})

describe('a link that is not made again', () => {
  test.each([1, 2, 40, 200, 600, 1000, 1500, 2500])('cut after %i bytes gives an error, and no text', bytes => {
    const cut = `sh | ${dieAfter(bytes)}`
    expect(() =>
      withRemoteHost({ command: makeCommand(cut) }, host => {
        for (let i = 0; i < 10; i++) {
          host.link.beginSample([MEMINFO, '/proc/vmstat'])
          expect(host.readFile(MEMINFO)).toMatch(/^MemTotal:[\s\S]*DirectMap\w+: +\d+ kB\n$/)
        }
      }),
    ).toThrow(/the command ended|the link to the node was lost/)
  })

  test('cut after any number of bytes, each sample is whole or an error', () => {
    const lengths = Array.from({ length: 30 }, (_, i) => 300 + i * 231)
    const whole = /^MemTotal:[\s\S]*DirectMap\w+: +\d+ kB\n$/
    const results = lengths.map(length => {
      let samples = 0
      try {
        withRemoteHost({ command: makeCommand(`sh | ${dieAfter(length)}`) }, host => {
          for (; samples < 100; samples++) {
            host.link.beginSample([MEMINFO, '/proc/vmstat'])
            expect(host.readFile(MEMINFO)).toMatch(whole)
            expect(host.readFile('/proc/vmstat')).toMatch(/^nr_free_pages \d+\n[\s\S]*\n\w+ \d+\n$/)
          }
        })
      } catch (error) {
        expect(String(error)).toMatch(/the command ended|the link to the node was lost/)
      }
      return samples
    })
    expect(results).toEqual(results.toSorted((a, b) => a - b)) // the more bytes, the more samples
    expect(results.at(-1)).toBeGreaterThan(0)
  })

  test('more than 32 MiB for one request is no answer', () => {
    const flood = `sh | { dd bs=1 count=900 2>/dev/null; exec yes '==> /proc/meminfo <=='; }`
    expect(() =>
      withRemoteHost({ command: makeCommand(flood) }, host => {
        for (let i = 0; i < 3; i++) host.link.beginSample([MEMINFO])
      }),
    ).toThrow(/more than 32 MiB/)
  })

  test('after it, each call says so at once', () => {
    withRemoteHost({ command: makeCommand(`sh | ${dieAfter(900)}`) }, host => {
      expect(() => {
        for (;;) host.link.beginSample([MEMINFO])
      }).toThrow(/lost/)
      expect(host.link.failure).toBeInstanceOf(Error)
      expect(() => host.readFile('/proc/vmstat')).toThrow(/lost/)
    })
  })
})

describe('a link that is made again', () => {
  test('a request is repeated over the new connection, and the log goes on without records twice', () => {
    const root = createTemporaryFolder()
    // the first connection dies after some answers, the next ones stay
    const far = `if [ -e ${root}/second ]; then exec sh; fi; : >${root}/second; sh | ${dieAfter(2500)}`
    withRemoteHost({ command: makeCommand(far), reconnects: true }, (host, { statuses, now }) => {
      let log = host.drainDevice('/dev/kmsg')
      const isReconnected = (): boolean => statuses.some(({ reconnects }) => reconnects > 0)
      for (const begun = now(); !isReconnected() && now() - begun < 20_000; ) {
        host.link.beginSample([MEMINFO])
        expect(host.readFile(MEMINFO)).toMatch(/^MemTotal:[\s\S]*DirectMap\w+: +\d+ kB\n$/)
        log += host.drainDevice('/dev/kmsg')
      }
      expect(isReconnected()).toBe(true)
      expect(statuses.some(({ state, problem }) => state === 'down' && /command ended/.test(problem ?? ''))).toBe(true)
      const sequences = [...log.matchAll(/^\d+,(\d+),/gm)].map(match => Number(match[1]))
      expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b))
    })
  })

  test('another boot at the other end is the end of the session, and another one can begin', () => {
    const root = createTemporaryFolder()
    const far = `if [ -e ${root}/second ]; then sh | sed -u 's/^[0-9a-f]\\{8\\}-.*/another-boot/'; else : >${root}/second; sh | ${dieAfter(1500)}; fi`
    withRemoteHost({ command: makeCommand(far), reconnects: true }, (host, thread) => {
      host.drainDevice('/dev/kmsg')
      const sample = (): void => {
        for (;;) host.link.beginSample([MEMINFO])
      }
      expect(sample).toThrow(/rebooted, or another node answers now \(boot ID another-boot\)/)
      expect(sample).toThrow(host.link.failure!)
      thread.block(host.connection.restart())
      const next = new RemoteHost(host.connection, thread, '')
      next.link.beginSample([MEMINFO])
      expect(next.readFile(MEMINFO)).toMatch(/^MemTotal:/)

      expect(thread.statuses.at(-1)).toMatchObject({ state: 'up', rebootedAt: expect.any(Number) })
    })
  })
})

test('a stall is reported, and the answer is used when it arrives', () => {
  const far = 'sh | { dd bs=1 count=1400 2>/dev/null; sleep 3; cat; }'
  withRemoteHost({ command: makeCommand(far) }, (host, { statuses }) => {
    for (let i = 0; i < 3; i++) {
      host.link.beginSample([MEMINFO])
      expect(host.readFile(MEMINFO)).toMatch(/^MemTotal:[\s\S]*DirectMap\w+: +\d+ kB\n$/)
    }
    expect(statuses.some(({ state, lasted }) => state === 'waiting' && lasted >= 2000)).toBe(true)
  })
})

describe('a slow node', () => {
  /** A host for which a hundred times as much time passes. */
  const withHurriedHost = <Result>(command: string, run: (host: RemoteHost) => Result): Result => {
    const thread = createThread()
    const hurried = { ...thread, now: () => thread.now() * 100 }
    const link = thread.block(Link.open({ command: makeCommand(command), reconnects: false }, hurried))
    const host = new RemoteHost(link, hurried, '')
    try {
      return run(host)
    } finally {
      host.close()
    }
  }
  const sample = (host: RemoteHost): string => {
    host.link.beginSample([MEMINFO])
    return host.readFile(MEMINFO)
  }

  test('is waited for as long as some of an answer comes', () => {
    const trickle = 'for i in 1 2 3 4; do sleep 0.2; dd bs=1 count=100 2>/dev/null; done'
    withHurriedHost(`sh | { dd bs=1 count=600 2>/dev/null; ${trickle}; cat; }`, host => {
      expect(sample(host)).toMatch(/^MemTotal:[\s\S]*DirectMap\w+: +\d+ kB\n$/)
    })
  })

  test('is given up when nothing comes any more', () => {
    expect(() => withHurriedHost('sh | { dd bs=1 count=600 2>/dev/null; sleep 5; cat; }', sample)).toThrow(
      /no answer for 30 s/,
    )
  })

  test.each([
    ['a program that prints what it gets', 'exec cat', /prints what it gets, and is no shell/],
    ['a program that prints some of it', 'exec sed -n p', /prints what it gets, and is no shell/],
    ['a terminal', 'exec script -qec "cat >/dev/null" /dev/null', /terminal in between/],
    ['a menu that waits', "printf 'Choose: '; read -r line; exec sleep 60", /no answer for 60 s.*: Choose:$/],
  ])('does not run the collector: %s', (_, command, words) => {
    expect(() => withHurriedHost(command, sample)).toThrow(words)
  })

  test.each([
    ['a shell that reads all before it runs anything', 'sh ALL', /before its input ends: fish/],
    ['a shell that only checks', 'exec sh -n', /does not run what it gets, and is no shell/],
    ['a menu', 'sh MENU', /another program answers, and no shell: Choose: invalid Choose:$/],
    ['a shell that is refused the second time', 'sh ONCE', /no answer for 60 s/],
  ])('a second run shows what it is: %s', (_, command, words) => {
    const folder = createTemporaryFolder()
    writeFileSync(join(folder, 'MENU'), "while printf 'Choose: '; read -r line; do echo invalid; done")
    writeFileSync(join(folder, 'ALL'), 'all=$(cat); eval "$all"')
    writeFileSync(join(folder, 'ONCE'), `[ -e ${folder}/run ] && exit 1; : >${folder}/run; exec sleep 10`)
    const thread = createThread()
    const hurried = { ...thread, now: () => thread.now() * 25 }
    const placed = command.replace(/[A-Z]+$/, name => join(folder, name))
    expect(() => thread.block(Link.open({ command: placed, reconnects: false }, hurried))).toThrow(words)
  })

  test.each([
    ['ssh root@node7', true],
    ['/usr/bin/fish', true],
    ['exec cat', true],
    ['ssh node7 sudo su -', false],
    ['ssh bastion kubectl debug node/a -i --image=busybox -- sh', false],
    ['kubectl run -i --rm a --image=busybox -- sh', false],
    ['docker run -i busybox sh', false],
    ['./make-a-machine --and-log-in', false],
  ])('%s may run twice: %j', (command, may) => expect(mayRunTwice(command)).toBe(may))

  test('may take long to log in', () => {
    expect(withHurriedHost('sleep 0.3; exec sh', sample)).toMatch(/^MemTotal:/)
  })

  test('may have a shell that prints what it reads', () => {
    expect(withHurriedHost('exec sh -v 2>&1', sample)).toMatch(/^MemTotal:/)
  })

  test('may look for its tools for more than a minute', () => {
    const slow = 'sh | { IFS= read -r line; printf "%s\\n" "$line"; sleep 0.8; cat; }'
    expect(withHurriedHost(slow, sample)).toMatch(/^MemTotal:/)
  })
})

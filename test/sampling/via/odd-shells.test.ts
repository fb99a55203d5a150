// Shells with a profile that changes programs, and shells that cannot run the collector.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createTemporaryFolder } from '../../helpers/temporary.ts'
import { expectSameAsLocal } from './same-as-local.ts'
import { withRemoteHost } from './shells.ts'

const ALIASES = `alias head='head -c 5' ls='ls -F --color=always' stat='echo no'
shopt -s expand_aliases nullglob failglob
set -o noclobber`

function createProfile(text: string): string {
  const file = join(createTemporaryFolder(), 'profile')
  writeFileSync(file, text)
  return file
}

test.each([
  ['another style of ls', 'TIME_STYLE=full-iso QUOTING_STYLE=shell-always LS_COLORS=di=31 sh'],
  ['another time of ls', 'TIME_STYLE=+%s POSIXLY_CORRECT=1 BLOCK_SIZE=1M sh'],
  ['aliases', `BASH_ENV=${createProfile(ALIASES)} bash`],
  ['exported functions', `bash -c 'head() { echo no; }; ls() { echo no; }; export -f head ls; exec bash'`],
  ['functions like builtins', `bash -c 'cd() { builtin cd "$@" && ls; }; echo() { :; }; export -f cd echo; exec bash'`],
  ['a trap before each command', `{ echo "set -T; trap 'echo debug' DEBUG"; cat; } | bash`],
  ['an interactive shell', 'sh -i'],
  ['an empty PATH, another IFS and CDPATH', 'PATH= IFS=/ CDPATH=/proc /bin/sh'],
])('%s changes nothing', (_, command) => expectSameAsLocal(command))

test('TMOUT of a profile does not end the collector between two samples', () => {
  withRemoteHost({ command: 'TMOUT=1 bash' }, (host, { nap }) => {
    nap(1100)
    host.link.beginSample(['/proc/meminfo'])
    expect(host.readFile('/proc/meminfo')).toMatch(/^MemTotal:/)
  })
})

test('requests are comments to a shell that gives up the script', () => {
  const log = join(createTemporaryFolder(), 'input')
  withRemoteHost({ command: `tee ${log} | sh` }, host => {
    host.link.beginSample(['/proc/meminfo', '/proc/$(reboot)', '/proc/; reboot'])
    expect(host.readFile('/proc/meminfo')).toMatch(/^MemTotal:/)
    expect(() => host.readFile('/proc/$(reboot)')).toThrow(/ENOENT/)
  })
  const [, requests] = readFileSync(log, 'utf8').split('\nmain\n')
  expect(requests).toMatch(/reboot/)
  expect(requests).toMatch(/^(?:#.*\n)+$/)
})

describe('a shell that cannot run the collector says so at once', () => {
  test.each([
    ['bash -r', /this shell is restricted/],
    ['bash -c "ulimit -n 10; exec dash"', /too few files \(ulimit -n\): it needs 16/],
    [`BASH_ENV=${createProfile('readonly HEAD rest')} bash`, /read-only that it needs: HEAD rest$/],
    ["{ echo 'readonly line'; cat; } | dash", /read-only that it needs: line$/],
    [`ENV=${createProfile('readonly HEAD rest')} dash -i`, /read-only that it needs: HEAD rest$/],
  ])('%s is refused with the reason', (command, reason) => {
    expect(() => withRemoteHost({ command }, () => {})).toThrow(reason)
  })

  test('a soft limit of files is raised', () => {
    withRemoteHost({ command: 'bash -c "ulimit -Sn 10; exec dash"' }, host => {
      host.link.beginSample(['/proc/meminfo'])
      expect(host.readFile('/proc/meminfo')).toMatch(/^MemTotal:/)
    })
  })
})

// A password that is asked for where nobody can type it: named at once, with what to do.
import { describe, expect, test } from 'vitest'
import { explainRefusal, findPasswordPrompt } from '../../../../src/sampling/via/link/password-prompt.ts'
import { withRemoteHost } from '../shells.ts'

test.each([
  '[sudo] password for bob: ',
  '[sudo] Passwort für bob: ',
  'Welcome to node7\nPassword: ',
  "Enter passphrase for key '/root/.ssh/id_ed25519': ",
  'doas (bob@node7) password: ',
  'Verification code: ',
])('a prompt: %j', text => {
  expect(findPasswordPrompt(text)).toBe(text.split('\n').at(-1)!.trim())
})

test.each(['', 'Your password expires in 5 days.\n', 'password:\n', 'Last login: ', `${'x'.repeat(1000)} password:`])(
  'no prompt: %j',
  text => {
    expect(findPasswordPrompt(text)).toBeUndefined()
  },
)

test('only words of a refusal get the advice', () => {
  expect(explainRefusal('sudo: a password is required')).toMatch(/NOPASSWD/)
  expect(explainRefusal('Permission denied (publickey).')).toBe('')
})

// sudo -S asks on stderr and reads the script; ssh -tt asks on stdout
describe.each([
  ['on stderr', '>&2'],
  ['on stdout', ''],
])('asked for %s', (_, redirection) => {
  test('the prompt and the way out are named, and nothing hangs', () => {
    const command = `printf '[sudo] password for bob: ' ${redirection}; exec sleep 60`
    expect(() => withRemoteHost({ command }, () => {})).toThrow(
      /asks for a password \(\[sudo\] password for bob:\)\. kmemtop cannot type .*sudo -n.*NOPASSWD/,
    )
  })
})

test.each([
  ["printf 'Change your password: '", 'on stdout'],
  ["printf 'Password policy:\\n' >&2; sleep 0.7", 'on stderr, as sshd sends it before a slow login'],
])('a banner about passwords before the shell is no prompt: %s %s', banner => {
  withRemoteHost({ command: `${banner}; exec sh` }, host => {
    expect(host.readFile('/proc/meminfo')).toMatch(/^MemTotal:/)
  })
})

test('what the command printed is quoted when it ends, also from stdout', () => {
  expect(() => withRemoteHost({ command: "echo 'account locked'; exit 1" }, () => {})).toThrow(
    /the command ended: account locked/,
  )
})

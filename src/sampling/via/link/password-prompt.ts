// A password that a command asks for over its pipes, where nobody can type it: sudo, su, doas behind ssh or in a script.

const MAX_PROMPT = 300 // characters of a line that can be a prompt
const ASKING = /password|passphrase|passcode|verification code|one-time/i
const REFUSALS: readonly string[] = [
  'sudo: a terminal is required',
  'sudo: a password is required',
  'sudo: no tty present',
  'sudo: no password was provided',
  'incorrect password attempt',
  'is not in the sudoers file',
  'must be run from a terminal',
]

const ADVICE =
  'kmemtop cannot type a password for it. Log in as root, or use sudo -n and allow sh without a password there (NOPASSWD in sudoers)'

/** The prompt at the end of what a command printed; undefined if it does not ask for a password. */
export function findPasswordPrompt(text: string): string | undefined {
  const line = text.slice(text.lastIndexOf('\n') + 1).trim()
  if (line.length > MAX_PROMPT || !line.endsWith(':')) return undefined
  return line.startsWith('[sudo] ') || ASKING.test(line) ? line : undefined
}

/** What to do about a prompt. */
export const describePrompt = (prompt: string): string => `the command asks for a password (${prompt}). ${ADVICE}`

/** What to do about the last words of a command, to be put after them; empty if they are not about a password. */
export const explainRefusal = (words: string): string =>
  REFUSALS.some(refusal => words.includes(refusal)) ? `. ${ADVICE}` : ''

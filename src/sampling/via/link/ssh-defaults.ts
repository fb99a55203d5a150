// What is added to a command that is ssh: compression, and keep-alives that end a dead connection. And to sudo: no prompt while the screen is up.

const DEFAULTS: readonly (readonly [isGiven: RegExp, option: string])[] = [
  [/(^|\s)-\w*C|Compression/i, '-C'],
  [/ServerAliveInterval/i, '-o ServerAliveInterval=5'],
  [/ServerAliveCountMax/i, '-o ServerAliveCountMax=3'],
  [/ConnectTimeout/i, '-o ConnectTimeout=20'],
]
/** While the screen is up nobody can type a password. */
const NO_PROMPT: readonly [RegExp, string] = [/BatchMode/i, '-o BatchMode=yes']

const SSH = /^\s*((?:\S*\/)?ssh)\s+/
/** Options that answer the prompt in another way stay. */
const SUDO = /^\s*((?:\S*\/)?sudo)\s+(?!.*\s-\w*[nSA])(?!-\w*[nSA])/

/** The command with options that it leaves open; a command that is neither ssh nor sudo stays as it is. */
export function addSshDefaults(command: string, isUnattended: boolean): string {
  const match = SSH.exec(command)
  if (!match) return isUnattended ? command.replace(SUDO, '$1 -n ') : command
  const rest = command.slice(match[0].length)
  const options = [...DEFAULTS, ...(isUnattended ? [NO_PROMPT] : [])]
    .filter(([isGiven]) => !isGiven.test(command))
    .map(([, option]) => option)
  return [match[1], ...options, rest].join(' ')
}

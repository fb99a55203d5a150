// What is added to a command that is ssh: compression, and keep-alives that end a dead connection.

const DEFAULTS: readonly (readonly [isGiven: RegExp, option: string])[] = [
  [/(^|\s)-\w*C|Compression/i, '-C'],
  [/ServerAliveInterval/i, '-o ServerAliveInterval=5'],
  [/ServerAliveCountMax/i, '-o ServerAliveCountMax=3'],
  [/ConnectTimeout/i, '-o ConnectTimeout=20'],
]
/** While the screen is up nobody can type a password. */
const NO_PROMPT: readonly [RegExp, string] = [/BatchMode/i, '-o BatchMode=yes']

const SSH = /^\s*((?:\S*\/)?ssh)\s+/

/** The command with options that it leaves open; a command that is not ssh stays as it is. */
export function addSshDefaults(command: string, isUnattended: boolean): string {
  const match = SSH.exec(command)
  if (!match) return command
  const rest = command.slice(match[0].length)
  const options = [...DEFAULTS, ...(isUnattended ? [NO_PROMPT] : [])]
    .filter(([isGiven]) => !isGiven.test(command))
    .map(([, option]) => option)
  return [match[1], ...options, rest].join(' ')
}

// Names of facilities and levels, as dmesg -x, busybox and journals write them.

const FACILITIES = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
]
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug']

const LEVEL_ALIASES: Readonly<Record<string, string>> = { warning: 'warn', error: 'err', panic: 'emerg' }

/** Returns the level of a name, 0 the most severe; -1 if it is not one. */
export const parseLevel = (name: string): number =>
  LEVELS.indexOf(Object.hasOwn(LEVEL_ALIASES, name) ? LEVEL_ALIASES[name]! : name)

/** True for the name of a facility. */
export const isFacility = (name: string): boolean => FACILITIES.includes(name) || /^local\d$/.test(name)

/** The number of a facility: 0 is the kernel. */
export function parseFacility(name: string): number {
  const known = FACILITIES.indexOf(name)
  return known >= 0 ? known : 16 + Number(/^local(\d)$/.exec(name)?.[1] ?? 0)
}

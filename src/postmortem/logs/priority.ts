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

/** The level of a name, 0 the worst; -1 when it is none. */
export const parseLevel = (name: string): number =>
  LEVELS.indexOf(name === 'warning' ? 'warn' : name === 'error' ? 'err' : name === 'panic' ? 'emerg' : name)

/** The number of a facility: 0 is the kernel. */
export function parseFacility(name: string): number {
  const known = FACILITIES.indexOf(name)
  return known >= 0 ? known : 16 + Number(/^local(\d)$/.exec(name)?.[1] ?? 0)
}

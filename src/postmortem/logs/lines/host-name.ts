// Names of machines in the lines of a log. Pure.

// Names of a machine before it has one.
const NO_NAME = /^(?:localhost|unknown)$/
// A level may be where other formats have the host.
const LEVEL = /^(?:trace|debug|info|notice|warn|warning|err|error|severe|crit|critical|fatal|std(?:out|err)|kernel)$/
const HOST = /^(?=.*[a-z\d])[\w.:-]{1,253}$/i
const ADDRESS = /^[\d.]+$|:/

/** The host name up to the first dot, in lower case; null if a line has none. */
export function toHostName(host: string | undefined): string | null {
  if (host === undefined || !HOST.test(host)) return null
  const name = (ADDRESS.test(host) ? host : host.split('.')[0]!).toLowerCase()
  return NO_NAME.test(name) || LEVEL.test(name) ? null : name
}

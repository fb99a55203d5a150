// What can go wrong between here and the node, as errors.

/** The connection ended, or what came over it cannot be an answer. The request can be repeated over a new one. */
export class LinkLostError extends Error {
  override readonly name = 'LinkLostError'
}

/** The session cannot continue: the node was rebooted. Another session can begin over the link. */
export class SessionOverError extends Error {
  override readonly name = 'SessionOverError'
}

/** The rest of a sample was given up, because other nodes wait for the thread. For a collector it is an error that may pass. */
export class SampleLostError extends Error {
  override readonly name = 'SampleLostError'
  readonly code = 'EIO'
}

/** Sampling was stopped while it waited for an answer. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError'
  constructor() {
    super('stopped')
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EIO: 'input/output error',
  ENOSYS: 'no program there can read it (head, cat, or busybox)',
  ENODEV: 'no such device',
  ENOTCONN: 'its stderr does not come here',
}

/** The error that the local host would give, with the kernel's code. */
export function createHostError(code: string, call: string, path: string): Error {
  const known = Object.hasOwn(REASONS, code) ? code : 'EIO'
  return Object.assign(new Error(`${known}: ${REASONS[known]}, ${call} '${path}'`), { code: known })
}

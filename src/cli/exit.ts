// Exit codes, and what a command does when nobody reads its output any more.

export const EXIT = { fine: 0, findings: 1, usage: 2 } as const

/** `kmemtop … | head` ends without a word; an output that cannot be written is said. */
export function exitWhenOutputCloses(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.fine)
    process.stderr.write(`kmemtop: cannot write: ${error.message}\n`)
    process.exit(EXIT.usage)
  })
}

/** Calls back at the first request to end. */
export function handleStopSignals(callback: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, callback)
}

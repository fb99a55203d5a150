// The clipboard of the terminal: OSC 52, through tmux where the program runs in it. No terminal says whether it took the text.
import type { Clipboard } from '../../ui/run-effect.ts'

/** Bytes of a text: xterm takes 74,994 of base64 at most, many terminals 100,000. */
const MAX_BYTES = 56_000
const MAX_NAMED = 60 // characters of a name in the message

type Environment = Readonly<Record<string, string | undefined>>

/** Returns the sequence that puts a text on the clipboard. */
export function encodeClipboard(text: string, env: Environment): string {
  const sequence = `\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`
  if (!env.TMUX) return sequence
  // plain for set-clipboard on, wrapped for allow-passthrough on
  return `${sequence}\x1bPtmux;${sequence.replaceAll('\x1b', '\x1b\x1b')}\x1b\\`
}

/** Creates the clipboard of the terminal that `write` writes to. */
export function createClipboard(write: (sequence: string) => void, env: Environment): Clipboard {
  return {
    copy: (text, what) => {
      const bytes = Buffer.byteLength(text)
      if (bytes > MAX_BYTES) return `not copied: ${bytes} bytes are more than the ${MAX_BYTES} that a terminal takes`
      write(encodeClipboard(text, env))
      const named = what.length > MAX_NAMED ? `${what.slice(0, MAX_NAMED - 1)}…` : what
      return `sent to the clipboard: ${named}${env.TMUX ? '; tmux needs set-clipboard on' : ''}`
    },
  }
}

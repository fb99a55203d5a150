// The background of the terminal, asked for with OSC 11. The answer is taken out of the keys, whenever it comes.
import type { Readable } from 'node:stream'
import { sleep } from '../../sampling/clock.ts'
import { isDumbTerminal, needsAscii } from './terminal-type.ts'

/** Whether the terminal is dark or light. */
export type Background = 'dark' | 'light'

/** What asks a terminal for its background: OSC 11 with `?`. */
export const BACKGROUND_QUERY = '\x1b]11;?\x1b\\'

const MAX_WAIT = 2000 // ms: a later answer is not followed, a screen that changes then would be a surprise
const ESCAPE_WAIT = 30 // ms that a lone ESC may be the start of the answer
const ANSWER_WAIT = 1000 // ms that the rest of an answer may take: nobody types ESC ]

/** Whether the terminal can be asked: not one that shows what it does not understand. */
export const canAnswerQueries = (env: NodeJS.ProcessEnv): boolean =>
  !isDumbTerminal(env) && !needsAscii({ TERM: env.TERM })

// ESC ] 11 ; … BEL or ESC \, and what may yet become one.
const ANSWER = /\x1b\]11;([\x20-\x7e]{0,60})(?:\x07|\x1b\\)/g
const UNFINISHED = /\x1b(?:\](?:1(?:1(?:;[\x20-\x7e]{0,60}\x1b?)?)?)?)?$/

const MIDDLE_LUMINANCE = 0.179 // black and white text are read equally well on it

/** Returns the kind of a color as a terminal writes it, `rgb:ffff/ffff/ffff` or `#ffffff`; undefined if it is none. */
export function classifyColor(text: string): Background | undefined {
  const parts =
    /^rgba?:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})/i.exec(text) ??
    /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(text)
  if (!parts) return undefined
  const [red, green, blue] = parts.slice(1).map(part => toLinear(Number.parseInt(part, 16) / (16 ** part.length - 1)))
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue! > MIDDLE_LUMINANCE ? 'light' : 'dark'
}

const toLinear = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)

/** Takes answers out of pieces of input. */
export interface AnswerFilter {
  /** returns what are keys; what may be the start of an answer is held back, a lone ESC only while `isWaiting` */
  takeKeys(piece: string, isWaiting: boolean): string
  /** ms that what is held back may wait for its rest */
  getWait(): number
  /** returns what was held back: these are keys after all */
  release(): string
}

/** Creates a filter that calls back with the color of each answer. */
export function createAnswerFilter(onAnswer: (color: string) => void): AnswerFilter {
  let held = ''
  return {
    takeKeys: (piece, isWaiting) => {
      const keys = (held + piece).replaceAll(ANSWER, (_, color: string) => {
        onAnswer(color)
        return ''
      })
      const begin = UNFINISHED.exec(keys)?.index ?? keys.length
      const isKey = !isWaiting && keys.length - begin === 1
      held = isKey ? '' : keys.slice(begin)
      return isKey ? keys : keys.slice(0, begin)
    },
    getWait: () => (held.length > 1 ? ANSWER_WAIT : ESCAPE_WAIT),
    release: () => {
      const text = held
      held = ''
      return text
    },
  }
}

/** The part of a stream of keys that is needed: Ink reads it, and so its `read` is replaced. */
export type KeyStream = Pick<Readable, 'unshift' | 'destroyed'> & { read(size?: number): string | Buffer | null }

/**
 * Asks the terminal for its background, and calls back when it answers in time. From then on answers are taken out of
 * what is read from `keys`, also late ones.
 */
export function watchBackground(
  keys: KeyStream,
  write: (text: string) => void,
  onBackground: (background: Background) => void,
): void {
  let isWaiting = true
  let released = ''
  const filter = createAnswerFilter(color => {
    const background = isWaiting ? classifyColor(color) : undefined
    isWaiting = false
    if (background) onBackground(background)
  })
  const takeKeys = (piece: string): string => {
    const begin = piece.startsWith(released) ? released.length : 0
    released = ''
    return piece.slice(0, begin) + filter.takeKeys(piece.slice(begin), isWaiting)
  }
  // Put back, it is read again and then passed on.
  const releaseKeys = (): void => {
    released = filter.release()
    if (released !== '' && !keys.destroyed) keys.unshift(Buffer.from(released))
  }
  let pieces = 0
  const releaseUnlessContinued = async (): Promise<void> => {
    const read = ++pieces
    await sleep(filter.getWait())
    if (read === pieces) releaseKeys()
  }
  const readPiece = keys.read.bind(keys)
  keys.read = size => {
    for (let piece = readPiece(size); piece !== null; piece = readPiece(size)) {
      const taken = takeKeys(piece.toString())
      void releaseUnlessContinued()
      if (taken !== '') return taken
    }
    return null
  }
  write(BACKGROUND_QUERY)
  void sleep(MAX_WAIT).then(() => {
    isWaiting = false
  })
}

// What came of a command instead of a collector's hello, in words.
import { NAME, STARTS } from '../collector-script.ts'
import { describePrompt, explainRefusal, findPasswordPrompt } from './password-prompt.ts'

/** Milliseconds to the hello of a collector of which nothing has come. */
export const HELLO_TIMEOUT = 60_000
/** Milliseconds that an answer may take as long as some of it comes, or the hello of a collector that runs. */
export const SLOW_TIMEOUT = 300_000
/** Milliseconds after which what looks like a prompt is one. */
const PROMPT_PATIENCE = 500
/** Milliseconds after which a program that has printed so many characters of what it got will do nothing else. */
const ECHO_PATIENCE = 3000
const ECHO_LENGTH = 2048
/** Says why the answers of a node arrive damaged: the command asked for a terminal. */
export const TERMINAL = 'there is a terminal in between, which changes line ends: leave out -t (ssh -t, docker exec -t)'
const ECHO = 'the command prints what it gets, and is no shell'
const MAX_QUOTED = 300 // characters of other output

/** What came: the last words on stderr, and of them those of a line without an end; the last piece of stdout; the nonce that was sent. */
export interface OtherOutput {
  readonly words: string
  readonly partialWords: string
  readonly lastPiece: string
  readonly nonce: string
}

/** Why no hello will come; undefined if one may. `waited`: milliseconds since the start. */
export function findRefusal(
  { words, partialWords, lastPiece, nonce }: OtherOutput,
  waited: number,
): string | undefined {
  // kmemtop_nonce=76d9685bfdb3559b: Command not found. With sh -v and -x the line ends after the nonce, or with a blank.
  if (new RegExp(`${nonce}\\S`).test(words))
    return `the login shell is not a POSIX shell: add sh to the command${quote(words)}`
  const reason = findOwnReason(`${lastPiece}\n${words}`) // something in between may hold the command open
  if (reason !== undefined) return reason
  const prompt = findPasswordPrompt(partialWords) ?? findPasswordPrompt(lastPiece)
  return prompt !== undefined && waited > PROMPT_PATIENCE ? describePrompt(prompt) : undefined
}

/**
 * Why no hello will come of a command that prints what it gets; undefined if it does not. A terminal does so too: a shell may still
 * begin behind it, but its hello would be refused. `getOutput`: all of stdout; `input`: all that the command gets.
 */
export function findEcho(getOutput: () => string, input: string, waited: number): string | undefined {
  if (waited < ECHO_PATIENCE) return undefined
  const output = getOutput()
  if (output.includes(`${input.slice(0, input.indexOf('\n'))}\r\n`)) return TERMINAL
  return output.includes(input.slice(0, ECHO_LENGTH)) ? ECHO : undefined
}

/** Returns whether a collector has begun: it looks for its tools before its hello. */
export const hasBegun = (output: string, nonce: string): boolean => output.includes(`${STARTS} ${nonce}`)

/** Why no hello came in time. `output`: all of stdout. */
export function describeSilence({ words, lastPiece, nonce }: OtherOutput, output: string): string {
  if (hasBegun(output, nonce))
    return `the collector has looked for its tools for ${SLOW_TIMEOUT / 1000} s: the node is too slow, or its shell has given up${quote(words)}`
  if (output.includes(nonce)) return ECHO
  const hint = 'if the login shell is fish, add sh to the command'
  return `${describeTimeout(HELLO_TIMEOUT)}; ${hint}${quote(words || trimEnd(lastPiece))}`
}

/** The words of a command, to be put after a sentence: the collector's own reason, or the last ones; before a hello also of stdout. */
export function quoteLastWords(words: string, output = ''): string {
  return quote(findOwnReason(`${output}\n${words}`) ?? (words || trimEnd(output)))
}

/** The line in which a collector says why it cannot run. */
const findOwnReason = (text: string): string | undefined => new RegExp(`^${NAME}: .{1,200}`, 'm').exec(text)?.[0]

const quote = (words: string): string => (words === '' ? '' : `: ${words}${explainRefusal(words)}`)

/** No answer in so many milliseconds. */
export const describeTimeout = (ms: number): string => `no answer for ${Math.round(ms / 1000)} s`

const trimEnd = (output: string): string => output.slice(-MAX_QUOTED).trim()

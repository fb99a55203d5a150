// Shows the screen of a program: starts it in a terminal, types keys, writes a picture.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { renderPng } from '../test/helpers/png.ts'
import { openTerminal, type Terminal } from '../test/helpers/terminal.ts'

const USAGE = `usage: node bench/screenshot.ts --out FILE.png [options] -- COMMAND [ARGUMENT…]

  --size 120x40       columns x rows
  --wait REGEXP       type and take the picture only when this is on the screen (10 s)
  --keys 'jj\\t\\e[B'   typed one by one; \\e \\t \\r \\n \\b \\xNN and \\\\ are understood
  --until REGEXP      take the picture only when this is on the screen after the keys (10 s)
  --text              print the screen's text as well

Without REGEXP the picture is taken when the screen has been still for 0.3 s, at most 3 s long.`

const ESCAPES: Readonly<Record<string, string>> = { e: '\x1b', t: '\t', r: '\r', n: '\n', b: '\x7f', '\\': '\\' }

/** The keys of a command line: one string per key press; an escape sequence is one key. */
function parseKeys(text: string): readonly string[] {
  const plain = text.replace(/\\(x[0-9a-fA-F]{2}|.)/g, (all, name: string) =>
    name[0] === 'x' && name.length === 3
      ? String.fromCharCode(Number.parseInt(name.slice(1), 16))
      : (ESCAPES[name] ?? all),
  )
  return plain.match(/\x1b(?:\[[0-9;]*[A-Za-z~]|O[A-Za-z])|[\s\S]/gu) ?? []
}

async function waitForScreen(terminal: Terminal, pattern: string | undefined): Promise<void> {
  if (pattern === undefined) return terminal.waitUntilQuiet(300, 3000)
  await terminal.waitFor(new RegExp(pattern, 'm'), 10_000)
  await terminal.waitUntilQuiet(100, 1000) // a program may still be in the middle of its frame
}

function parseSize(text: string): { columns: number; rows: number } {
  const [, columns, rows] = /^(\d+)x(\d+)$/.exec(text) ?? []
  if (!columns || !rows) throw new Error(`--size: expected COLUMNSxROWS, such as 120x40, came ${text}`)
  return { columns: Number(columns), rows: Number(rows) }
}

async function captureScreen(): Promise<void> {
  const string = { type: 'string' } as const
  const options = { size: { ...string, default: '120x40' }, out: string, keys: string, wait: string, until: string }
  const { values, positionals } = parseArgs({
    options: { ...options, text: { type: 'boolean' }, help: { type: 'boolean' } },
    allowPositionals: true,
  })
  const [command, ...args] = positionals
  if (values.help || command === undefined || (values.out === undefined && !values.text)) throw new Error(USAGE)
  const terminal = await openTerminal({ command, args, ...parseSize(values.size) })
  try {
    await waitForScreen(terminal, values.wait)
    for (const key of parseKeys(values.keys ?? '')) {
      terminal.write(key)
      await terminal.waitUntilQuiet(80, 400) // keys that arrive together are one paste to many programs
    }
    if (values.keys !== undefined || values.until !== undefined) await waitForScreen(terminal, values.until)
    if (values.text) console.log(terminal.screen().join('\n'))
    if (values.out !== undefined) writeFileSync(values.out, await renderPng(terminal))
  } finally {
    await terminal.close()
  }
}

try {
  await captureScreen()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}

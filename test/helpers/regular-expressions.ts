// Every regular expression of the source: literals by parsing it, and those that are built when a module is loaded.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'vite'
import { vi } from 'vitest'

const SRC = new URL('../../src/', import.meta.url).pathname

export interface Expression {
  readonly source: string
  readonly flags: string
  /** `file:line` */
  readonly place: string
}

/** Returns the literals of all files. */
export function findLiterals(): readonly Expression[] {
  return globSync('**/*.{ts,tsx}', { cwd: SRC })
    .toSorted()
    .flatMap(path => findInFile(path, readFileSync(join(SRC, path), 'utf8')))
}

function findInFile(path: string, text: string): readonly Expression[] {
  const found: Expression[] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    const { type, regex, start } = node as {
      type?: unknown
      regex?: { pattern: string; flags: string }
      start?: number
    }
    if (type === 'Literal' && regex) {
      const line = text.slice(0, start).split('\n').length
      found.push({ source: regex.pattern, flags: regex.flags, place: `${path}:${line}` })
    }
    for (const child of Object.values(node)) visit(child)
  }
  visit(parseSync(path, text).program)
  return found
}

/** Returns the expressions that are built from pieces while the modules of collectors, logs and texts are loaded. */
export async function findBuilt(): Promise<readonly Expression[]> {
  vi.resetModules() // other test files may have loaded them
  const found: Expression[] = []
  const Original = globalThis.RegExp
  globalThis.RegExp = new Proxy(Original, {
    construct(target, args, newTarget) {
      const expression = Reflect.construct(target, args, newTarget) as RegExp
      found.push({ source: expression.source, flags: expression.flags, place: 'built' })
      return expression
    },
  })
  try {
    for (const path of globSync('{base,collectors,postmortem,playback,detectors,ink}/**/*.ts', { cwd: SRC }))
      await import(join(SRC, path))
  } finally {
    globalThis.RegExp = Original
  }
  return found
}

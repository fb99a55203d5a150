// Fields: dotted paths into the state JSON. `memory.SUnreclaim`, `cgroups[/kubepods].memory.current`, `slab.caches[dentry].bytes`.
import { UserError } from '../base/errors.ts'
import { findNearestName } from '../base/nearest-name.ts'

/** A path as the user wrote it, and its steps: a key, or the name of a list item. */
export interface Field {
  readonly text: string
  readonly steps: readonly FieldStep[]
}

type FieldStep = { readonly key: string } | { readonly item: string }

/** Keys that name a list item: the first of these that it has. */
const NAME_KEYS = ['path', 'name', 'id'] as const

/** Parses fields separated by commas. @throws UserError for an empty field, or a bracket that is not closed */
export function parseFields(text: string): readonly Field[] {
  return splitFields(text).map(part => ({ text: part.trim(), steps: parseSteps(part.trim()) }))
}

// The name of a cgroup may contain commas, dots and brackets: an item ends at a bracket before a dot, a comma or the end.
function splitFields(text: string): readonly string[] {
  const fields = text.match(/(?:\[.*?\](?=[.,[]|$)|[^,[])+/gs) ?? []
  if (text === '' || fields.join(',') !== text)
    throw new UserError(`--fields ${text}: expected names separated by commas`)
  return fields
}

function parseSteps(text: string): readonly FieldStep[] {
  const steps: FieldStep[] = []
  for (const match of text.matchAll(/\[(.*?)\](?=[.[]|$)|\.?([^.[\]]+)/gs))
    steps.push(match[1] === undefined ? { key: match[2]! } : { item: match[1] })
  if (steps.length === 0 || formatSteps(steps) !== text)
    throw new UserError(`--fields ${text}: expected a name like memory.SUnreclaim or cgroups[/kubepods].memory.current`)
  return steps
}

const formatSteps = (steps: readonly FieldStep[]): string =>
  steps.map((step, i) => ('item' in step ? `[${step.item}]` : `${i > 0 ? '.' : ''}${step.key}`)).join('')

/** Returns the section of the state that a field begins in. */
export const getSection = ({ steps: [first] }: Field): string => (first && 'key' in first ? first.key : '')

/** Returns the value of a field: null if it is unknown, undefined if there is no such field. */
export function getValue(state: unknown, { steps }: Field): unknown {
  let value = state
  for (const step of steps) {
    if (value === null) return null
    if (typeof value !== 'object' || value === undefined) return undefined
    if ('item' in step) value = Array.isArray(value) ? value.find(one => getItemName(one) === step.item) : undefined
    else value = Object.hasOwn(value, step.key) ? (value as Record<string, unknown>)[step.key] : undefined
  }
  return value
}

const getItemName = (one: unknown): string | undefined => {
  const key = NAME_KEYS.find(name => typeof (one as Record<string, unknown> | null)?.[name] === 'string')
  return key && ((one as Record<string, unknown>)[key] as string)
}

/** Yields every value of a state that is not an object or list, with its path. */
export function* listLeaves(value: unknown, path = ''): Generator<readonly [path: string, value: unknown]> {
  if (Array.isArray(value)) {
    for (const one of value) {
      const name = getItemName(one)
      if (name !== undefined) yield* listLeaves(one, `${path}[${name}]`)
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) yield* listLeaves(one, path === '' ? key : `${path}.${key}`)
  } else yield [path, value]
}

/** Creates the error for a field that no state has; it names the nearest one. */
export function createUnknownFieldError({ text }: Field, state: unknown): UserError {
  const known = Array.from(listLeaves(state), ([path]) => path)
  const parents = known.map(path => path.replace(/[.[][^.[]*$/, ''))
  const nearest = findNearestName(text, [...new Set([...known, ...parents])])
  const advice = nearest === undefined ? '--format json lists all' : `did you mean ${nearest}?`
  return new UserError(`--fields ${text}: the recording has no such field; ${advice}`)
}

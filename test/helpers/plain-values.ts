// Values as they read: a Series shares its buffers with later ones, so two that say the same may hold different buffers.

import { SnapshotMap } from '../../src/base/snapshot-map.ts'

/**
 * A copy in which every Series holds its own points only. Maps become lists of pairs; of a map with
 * versions the order is nobody’s business.
 */
export function toPlainValues(value: unknown): unknown {
  if (value instanceof SnapshotMap)
    return [...value].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)).map(toPlainValues)
  if (value instanceof Map) return [...value].map(toPlainValues)
  if (value instanceof Set || Array.isArray(value)) return [...value].map(toPlainValues)
  if (typeof value !== 'object' || value === null) return value
  const { times, values, length } = value as { times?: unknown; values?: unknown; length?: unknown }
  if (Array.isArray(times) && Array.isArray(values) && typeof length === 'number')
    return { times: times.slice(0, length), values: values.slice(0, length) }
  return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, toPlainValues(own)]))
}

// The config file: JSON, validated. An unknown key is an error that names the nearest known one.
import { homedir } from 'node:os'
import * as v from 'valibot'
import { MAX_CONFIG_BYTES, MAX_INTERVAL } from '../base/bounds.ts'
import { getErrorCode, getErrorMessage, UserError } from '../base/errors.ts'
import { findNearestName } from '../base/nearest-name.ts'
import { SECOND } from '../base/units.ts'
import { type DetectorId, defaultThresholds, detectorIds, type Thresholds } from '../detectors/index.ts'
import { themeNames } from '../widgets/themes.ts'
import { readSmallFile } from './read-small-file.ts'

// strictObject alone accepts a list
const buildObjectSchema = <Entries extends v.ObjectEntries>(entries: Entries) =>
  v.pipe(
    v.custom<object>(value => !Array.isArray(value), 'expected an object, got a list'),
    v.strictObject(entries),
  )

// JSON has 1e400: a limit that nothing reaches, and no longer a number when it is written again
const number = v.pipe(v.number(), v.finite(), v.minValue(0))

/** Former names of thresholds, by detector: a config file may still have them. */
const FORMER_NAMES: Readonly<Partial<Record<DetectorId, Readonly<Record<string, string>>>>> = {
  'pinned-cache': { told: 'share' },
}

const listThresholdNames = (id: DetectorId): readonly string[] => [
  ...Object.keys(defaultThresholds[id]),
  ...Object.keys(FORMER_NAMES[id] ?? {}),
]

const detectorEntries = Object.fromEntries(
  detectorIds.map(id => [
    id,
    v.optional(buildObjectSchema(Object.fromEntries(listThresholdNames(id).map(name => [name, v.optional(number)])))),
  ]),
)

const entries = {
  interval: v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(MAX_INTERVAL / SECOND))),
  theme: v.optional(v.picklist(themeNames)),
  ascii: v.optional(v.boolean()),
  recordings: v.optional(v.pipe(v.string(), v.nonEmpty())),
  title: v.optional(v.boolean()),
  bell: v.optional(v.boolean()),
  notify: v.optional(v.boolean()),
  remember: v.optional(v.boolean()),
  detectors: v.optional(buildObjectSchema(detectorEntries)),
}

const schema = buildObjectSchema(entries)

/** The settings of a config file; `interval` is in seconds. */
export type Config = v.InferOutput<typeof schema>

/** Lists the paths where the config file may be: the one that was named, else the usual ones in order. */
export function listConfigPaths(explicitPath: string | undefined, env: NodeJS.ProcessEnv): readonly string[] {
  if (explicitPath !== undefined) return [explicitPath]
  return [`${env.XDG_CONFIG_HOME || `${homedir()}/.config`}/kmemtop/config.json`, '/etc/kmemtop/config.json']
}

// EACCES: somebody else's home, as under sudo -u
const MISSING_CODES: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EACCES'])

/** Reads the first file that exists; no file is an empty config, unless it was named. @throws UserError */
export function readConfig(
  paths: readonly string[],
  isExplicit: boolean,
): { readonly config: Config; readonly path: string | undefined } {
  for (const path of paths) {
    try {
      return { config: parseConfig(readSmallFile(path, MAX_CONFIG_BYTES).toString('utf8'), path), path }
    } catch (error) {
      if (error instanceof UserError) throw error
      if (isExplicit || !MISSING_CODES.has(getErrorCode(error) ?? ''))
        throw new UserError(`cannot read the config file ${path}: ${getErrorMessage(error)}`)
    }
  }
  return { config: {}, path: undefined }
}

/** Parses a config file. @throws UserError that names the key, what was expected, and for an unknown key the nearest one */
export function parseConfig(text: string, path: string): Config {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\ufeff/, '')) // some editors put a byte order mark before it
  } catch (error) {
    throw new UserError(`${path} is not valid JSON: ${getErrorMessage(error)}`)
  }
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  throw new UserError(`${path}: ${result.issues.map(issue => formatIssue(issue)).join('; ')}`)
}

function formatIssue(issue: v.BaseIssue<unknown>): string {
  const keys = (issue.path ?? []).map(({ key }) => String(key))
  const keyPath = keys.join('.') || 'the file'
  if (issue.type === 'non_empty') return `${keyPath}: expected a text, got an empty one`
  if (issue.type !== 'strict_object' || issue.expected !== 'never')
    return `${keyPath}: expected ${issue.type === 'custom' ? 'Object' : issue.expected}, got ${issue.received}`
  const known = listKnownKeys(keys.slice(0, -1))
  const nearest = findNearestName(keys.at(-1) ?? '', known)
  return nearest === undefined
    ? `unknown key ${keyPath}; expected ${known.join(', ')}`
    : `unknown key ${keyPath}; did you mean ${[...keys.slice(0, -1), nearest].join('.')}?`
}

function listKnownKeys(path: readonly string[]): readonly string[] {
  if (path.length === 0) return Object.keys(entries)
  return path.length === 1 ? detectorIds : Object.keys(defaultThresholds[path[1] as DetectorId] ?? {})
}

/** Returns all thresholds: the defaults, changed by the config. */
export function resolveThresholds(config: Config): Thresholds {
  const overrides = (config.detectors ?? {}) as Partial<
    Record<DetectorId, Readonly<Record<string, number | undefined>>>
  >
  const rename = (id: DetectorId): object =>
    Object.fromEntries(
      Object.entries(overrides[id] ?? {}).map(([name, value]) => [FORMER_NAMES[id]?.[name] ?? name, value]),
    )
  return Object.fromEntries(
    detectorIds.map(id => [id, { ...defaultThresholds[id], ...rename(id) }]),
  ) as unknown as Thresholds
}

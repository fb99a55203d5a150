// Thresholds of a detector as a table: default, unit and meaning of each. The config file and docs/configuration.md follow from it.

/** Default value, unit and meaning. */
export type Threshold = readonly [value: number, unit: string, meaning: string]

/** Thresholds by name. A name is the key of the config file and stays. */
export type ThresholdTable = Readonly<Record<string, Threshold>>

/** The values that a detector is called with. */
export type ThresholdValues<Table extends ThresholdTable> = { readonly [Name in keyof Table]: number }

/** Returns the default of each threshold. */
export const getDefaults = <Table extends ThresholdTable>(table: Table): ThresholdValues<Table> =>
  Object.fromEntries(Object.entries(table).map(([name, [value]]) => [name, value])) as ThresholdValues<Table>

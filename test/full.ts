// How much of a test runs: some cases by default, all of them with `npm test -- --full` and in .ci/run.

/** Whether every case is to run. */
export const isFull = process.env.KMEMTOP_FULL === '1'

/** Returns the cases to run. The default ones must be enough to see the property fail. */
export const pickCases = <T>(byDefault: T, all: T): T => (isFull ? all : byDefault)

/** The recordings of many cgroups or hours: together they take half of the time of all unit tests. */
const LARGE = /^(v2-id-exhaustion|v1-incident-310)$/

/**
 * Returns the recorded scenarios to apply several times. By default without the large ones; their frames and alerts are
 * compared always.
 */
export const pickScenarios = (all: readonly string[]): readonly string[] =>
  pickCases(
    all.filter(name => !LARGE.test(name)),
    all,
  )

/** Why a test of a virtual machine is skipped by default; undefined in a full run. */
export const skipUnlessFull = (): string | undefined => (isFull ? undefined : 'takes long: npm test -- --full runs it')

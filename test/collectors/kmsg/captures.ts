// Captures of real kernel logs (test/fixtures/kmsg, read from /dev/kmsg), and records made up from their lines.
import { readFileSync } from 'node:fs'
import { emptyOomState } from '../../../src/collectors/kmsg/consume-record.ts'
import { type KernelRecord, parseRecords } from '../../../src/collectors/kmsg/kernel-record.ts'
import { consumeOomRecord, type OomState } from '../../../src/collectors/kmsg/oom/oom-assembler.ts'
import type { OomKill } from '../../../src/collectors/kmsg/oom/oom-kill.ts'

export const emptyState: OomState = emptyOomState

/** The text of a capture as the collector gets it. */
export function readCapture(name: string): string {
  return readFileSync(new URL(`../../fixtures/kmsg/${name}.kmsg`, import.meta.url), 'latin1')
}

/** The records of a capture, timed from boot. */
export function parseCapture(name: string): readonly KernelRecord[] {
  return parseRecords(readCapture(name)).map(({ microseconds, ...record }) => ({
    ...record,
    time: microseconds / 1000,
  }))
}

/** Kernel records with these texts, a microsecond apart. */
export function createRecords(...texts: readonly string[]): readonly KernelRecord[] {
  return texts.map((text, i) => ({ sequence: 100 + i, time: 5000 + i / 1000, level: 6, facility: 0, text }))
}

/** The same texts in this order as one log without gaps. */
export function renumber(records: readonly KernelRecord[]): readonly KernelRecord[] {
  return records.map((record, i) => ({ ...record, sequence: 100 + i, time: 5000 + i / 1000 }))
}

export function assembleAll(records: readonly KernelRecord[], state: OomState = emptyState): OomState {
  return records.reduce(consumeOomRecord, state)
}

export function findKills(records: readonly KernelRecord[]): readonly OomKill[] {
  return assembleAll(records).oomKills
}

/** The pids of all `Killed process` lines, in order. */
export function findKilledPids(records: readonly KernelRecord[]): readonly number[] {
  const lines = records.filter(({ facility }) => facility === 0)
  return lines.flatMap(({ text }) => text.match(/Killed process (\d+) \(/)?.[1] ?? []).map(Number)
}

/** Numbers from 0 to `below`, always the same ones for a seed. */
export function createDice(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

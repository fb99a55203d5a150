// Diagnosis of processes that ended by SIGKILL while the log has no word of the OOM killer.
import { formatPlural } from '../../base/format.ts'
import type { KilledBySignal, MemoryEvent } from '../../collectors/kmsg/memory-event.ts'
import type { Remedy } from '../../detectors/detector.ts'
import type { Rule } from './diagnosis.ts'

const MOST = 3
const COMPILER = /^(?:cc1\w*|rustc|ld(?:\.\w+)?|lto1|cicc|javac)$|\b(?:clang|g\+\+|gcc|collect2)/

/** A process that ended by SIGKILL in words: `cc1plus (g++)`, `process 24817`. */
export function describeKilled({ program, victim, pid }: Pick<KilledBySignal, 'program' | 'victim' | 'pid'>): string {
  const unnamed = pid === null ? 'a process' : `process ${pid}`
  const about = [victim === null || pid === null ? [] : `pid ${pid}`, program ?? []].flat()
  return `${victim ?? unnamed}${about.length === 0 ? '' : ` (${about.join(', ')})`}`
}

/** Processes that ended by SIGKILL. With kills of the OOM killer in the log, those explain them. */
export const detectKilledBySignal: Rule = ({ events, kills }) => {
  const own = events.filter((event): event is MemoryEvent & KilledBySignal => event.kind === 'sigkill')
  const isExplained = kills.length > 0 || events.some(({ kind }) => EXPLAIN.has(kind))
  if (own.length === 0 || isExplained) return undefined
  const named = own.filter(({ victim, pid }) => victim !== null || pid !== null)
  const names = [...new Set((named.length > 0 ? named : own).map(describeKilled))]
  const more = names.length > 1 ? ` and ${formatPlural(names.length - 1, 'more')}` : ''
  return {
    name: 'killed-by-signal',
    title: `${names[0]}${more} ended by SIGKILL: perhaps by the OOM killer`,
    severity: 'warning',
    certainty: 'possible',
    summary:
      'The OOM killer sends SIGKILL (exit code 137). So do kill -9, and docker, systemd or a CI system at a limit or timeout. Only the kernel log of that machine says who it was.',
    evidence: [
      `${formatPlural(own.length, 'line')} of programs, not of the kernel`,
      ...[...new Set(own.map(({ text }) => text.split('\n')[0]!))].slice(0, MOST),
    ],
    remedy: listRemedies(own),
    wantedEvidence: ['kernel log'],
  }
}

const EXPLAIN: ReadonlySet<string> = new Set(['oom-reaped', 'program-kill', 'oom-without-kill'])

const LOOK: Remedy = {
  text: 'look for the kernel’s word of that minute, on the machine itself (in a container: on its host)',
  command: 'dmesg -T | grep -iE "killed process|oom"; journalctl -k --since -1h | grep -i oom',
  risk: 'none',
}

const FEWER_JOBS: Remedy = {
  text: 'if it was the OOM killer: build with fewer jobs at a time (make -j2, cargo build -j2), or with more memory or swap',
  risk: 'low',
}

const listRemedies = (killed: readonly KilledBySignal[]): readonly Remedy[] =>
  killed.some(({ victim, program }) => COMPILER.test(victim ?? '') || COMPILER.test(program ?? ''))
    ? [LOOK, FEWER_JOBS]
    : [LOOK]

// Diagnoses of OOM reports without a kill: their end is lost, or there was nothing left to kill.
import { formatBytes, formatCount, formatTimes } from '../../base/format.ts'
import type { OomWithoutKill } from '../../collectors/kmsg/memory-event.ts'
import type { MemInfoBlock } from '../../collectors/kmsg/oom/mem-info-block.ts'
import { computeNodeMemoryParts } from '../../detectors/oom/memory-parts.ts'
import type { Facts } from '../facts.ts'
import type { Diagnosis, Rule } from './diagnosis.ts'
import { CUT_REASON, describeOwner, describeScope, formatParts } from './oom-kills.ts'

/** A log that has the beginning of reports, or the choice of a process, and no kill. */
export function detectCutReports({ events }: Facts): Diagnosis | undefined {
  const cut = events.flatMap(event => (event.kind === 'oom-without-kill' && event.reason === CUT_REASON ? [event] : []))
  const last = cut.findLast(({ chosen }) => chosen !== null) ?? cut.at(-1)
  if (!last) return undefined
  const { chosen, taskMemcg } = last
  const where = describePlace(last)
  return {
    name: 'oom-report-cut',
    title: chosen
      ? `${chosen.comm ?? 'process'}[${chosen.pid}] was chosen to be killed: ${where} was out of memory`
      : `out of memory: ${where}; who was killed is not in the log`,
    severity: 'critical',
    certainty: 'likely',
    summary: chosen
      ? 'The kernel kills the process that it has chosen, up to 5.2 perhaps a child of it, right after this line; the line of the kill itself is not there.'
      : 'Only a part of the report is there, and not its end.',
    evidence: [
      ...(taskMemcg === null ? [] : [`process in ${describeOwner(taskMemcg)}`]),
      ...(cut.length > 1 ? [`the last of ${formatCount(cut.length)} such reports${describeChosen(cut)}`] : []),
      ...describeLines(last),
    ],
    remedy: [],
    wantedEvidence: ['whole reports'],
  }
}

// The names that the kernel chose, the most frequent first: php 6 times, node once.
function describeChosen(reports: readonly OomWithoutKill[]): string {
  const names = reports.flatMap(({ chosen }) => chosen?.comm ?? [])
  const counts = Array.from(
    Map.groupBy(names, name => name),
    ([name, all]) => [name, all.length] as const,
  )
  const texts = counts.toSorted((a, b) => b[1] - a[1]).map(([name, count]) => `${name} ${formatTimes(count)}`)
  return texts.length === 0 ? '' : `; chosen: ${texts.slice(0, MOST_NAMES).join(', ')}`
}

const MOST_NAMES = 5

// What the lines that are there say: who asked, what was used, what the memory was.
function describeLines({ invoker, memory, memInfo }: OomWithoutKill): readonly string[] {
  const limit = memory && Number.isFinite(memory.limit) ? ` of ${formatBytes(memory.limit)}` : ''
  return [
    ...(invoker === null ? [] : [`${invoker.comm} asked for memory`]),
    ...(memory === null ? [] : [`used ${formatBytes(memory.usage)}${limit}, limit hit ${formatTimes(memory.failcnt)}`]),
    ...describeMemory(memInfo),
  ]
}

const describePlace = ({ global, oomMemcg, taskMemcg }: OomWithoutKill): string =>
  describeScope(global, oomMemcg ?? (global === true ? null : taskMemcg))

/** The kernel had chosen a process that was exiting already, and killed nothing. */
export function detectExitingVictims({ events }: Facts): Diagnosis | undefined {
  const skipped = events.flatMap(event =>
    event.kind === 'oom-without-kill' && event.reason === 'victim was exiting already' ? [event] : [],
  )
  const last = skipped.at(-1)
  if (!last) return undefined
  const { chosen, taskMemcg } = last
  const name = chosen === null ? 'the chosen process' : `${chosen.comm ?? 'process'}[${chosen.pid}]`
  return {
    name: 'oom-victim-exiting',
    title: `${describePlace(last)} was out of memory; ${name} was exiting already, and nothing was killed`,
    severity: 'warning',
    certainty: 'certain',
    summary:
      'The kernel chose a process that was exiting, and waited for its memory. A kill before it may be the reason.',
    evidence: [
      'OOM victim … is already exiting. Skip killing the task',
      ...(taskMemcg === null ? [] : [`process in ${describeOwner(taskMemcg)}`]),
      ...(skipped.length > 1 ? [`the last of ${formatCount(skipped.length)} such lines`] : []),
    ],
    remedy: [],
    wantedEvidence: [],
  }
}

/** Reports without a kill, and what follows from them. */
export const detectNothingToKill: Rule = ({ events }) => {
  const panics = events.filter(event => event.kind === 'oom-panic' && !PANIC_SETTING.test(event.text))
  const nobody = events.filter(
    event =>
      event.kind === 'no-killable-process' ||
      (event.kind === 'oom-without-kill' && event.reason === 'no killable process'),
  )
  const stuck = events.filter(({ kind }) => kind === 'oom-reaper-failed')
  if (panics.length + nobody.length + stuck.length === 0) return undefined
  return {
    name: 'nothing-to-kill',
    title: panics.length > 0 ? 'the kernel panicked: out of memory' : 'memory ran out and killing did not help',
    severity: 'critical',
    certainty: 'certain',
    summary:
      'No process is left that may be killed (the rest are exempt, oom_score_adj -1000), or the one that was killed does not die.',
    evidence: [...panics, ...nobody, ...stuck].slice(0, 3).map(({ text }) => text),
    remedy: [
      {
        text: 'see what has oom_score_adj -1000, and give it only to system services that must not die',
        risk: 'none',
      },
      {
        text: 'a victim that is stuck waits for storage or NFS: look at its stack',
        command: 'cat /proc/PID/stack',
        risk: 'none',
      },
    ],
    wantedEvidence: [],
  }
}

// Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled      compulsory: at the limit of a cgroup, too
const PANIC_SETTING = /panic_on_oom is enabled/

/** The kernel panics before it chooses a process, because vm.panic_on_oom is set. */
export const detectPanicOnOom: Rule = ({ events }) => {
  const panics = events.filter(({ text }) => PANIC_SETTING.test(text))
  const last = panics.at(-1)
  if (!last) return undefined
  const report = events.findLast(event => event.kind === 'oom-without-kill' && event.reason === 'the kernel panicked')
  const memory = report?.kind === 'oom-without-kill' ? describeMemory(report.memInfo) : []
  return {
    name: 'panic-on-oom',
    title: 'the kernel panicked at the first out of memory: vm.panic_on_oom is set',
    severity: 'critical',
    certainty: 'certain',
    summary: /compulsory/.test(last.text)
      ? 'With vm.panic_on_oom=2 the kernel panics also at the limit of a cgroup, and kills nothing.'
      : 'With vm.panic_on_oom=1 the kernel panics when the whole node is out of memory, and kills nothing.',
    evidence: [last.text, ...memory],
    remedy: [
      {
        text: 'let the kernel kill a process instead',
        command: 'sysctl -w vm.panic_on_oom=0; grep -r panic_on_oom /etc/sysctl.conf /etc/sysctl.d',
        risk: 'low',
      },
      { text: 'find what filled the memory: the node would have been out of memory all the same', risk: 'none' },
    ],
    wantedEvidence: [],
  }
}

function describeMemory(memInfo: MemInfoBlock | null): readonly string[] {
  const parts = memInfo === null ? [] : computeNodeMemoryParts(memInfo)
  const ram = (memInfo?.pages.RAM ?? 0) * (memInfo?.pageSize ?? 4096)
  return ram > 0 && parts.length > 0 ? [`of ${formatBytes(ram)} RAM ${formatParts(parts, ram)}`] : []
}

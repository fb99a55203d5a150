// Diagnoses of kills of which the kernel's own report is not there: by programs, seen by programs, relayed, or only reaped.
import { formatList, formatPlural } from '../../base/format.ts'
import type { MemoryEvent, ProgramKill } from '../../collectors/kmsg/memory-event.ts'
import type { RelayedKill } from '../logs/log-contents.ts'
import type { Diagnosis, Rule } from './diagnosis.ts'
import { listKillerTexts } from './killer-texts.ts'
import { describeOwner } from './oom-kills.ts'

const MOST = 8

const ACTIONS: Readonly<Record<ProgramKill['action'], string>> = {
  killed: 'killed',
  evicting: 'reclaims memory by evicting pods',
  evicted: 'evicted',
  reported: 'reports an OOM kill',
  pressure: 'reports memory pressure',
}

// blender[4410] of app.scope; empty if the line names nothing
function nameVictim({ victim, pid, subject }: Pick<ProgramKill, 'victim' | 'pid' | 'subject'>): string {
  const unnamed = pid === null ? '' : `process ${pid}`
  const process = victim === null ? unnamed : `${victim}${pid === null ? '' : `[${pid}]`}`
  return [process, subject].filter(Boolean).join(' of ')
}

/** A line of a program in words: `earlyoom killed blender[4410]`. */
export function describeProgramKill({ program, action, victim, pid, subject }: ProgramKill): string {
  const whose = nameVictim({ victim, pid, subject })
  const separator = whose === '' || action === 'killed' || action === 'evicted' ? ' ' : ': '
  return `${program ?? 'a program'} ${ACTIONS[action]}${whose === '' ? '' : `${separator}${whose}`}`
}

/** What programs say: who killed, and what was killed. */
export const detectOtherKillers: Rule = ({ events }) => {
  const own = events.filter((event): event is MemoryEvent & ProgramKill => event.kind === 'program-kill')
  if (own.length === 0) return undefined
  const texts = [...new Set(own.map(describeProgramKill))]
  const more = texts.length > 1 ? `, and ${formatPlural(texts.length - 1, 'more line')}` : ''
  return {
    name: 'other-killers',
    title: titleKills(own) ?? `${describeProgramKill(findWorst(own))}${more}`,
    severity: 'warning',
    certainty: 'likely',
    ...listKillerTexts(own),
    evidence: [
      `${formatPlural(own.length, 'line')} of programs, not of the kernel`,
      ...texts.slice(0, MOST),
      ...(texts.length > MOST ? [`and ${formatPlural(texts.length - MOST, 'more line')}, see --json`] : []),
    ],
    wantedEvidence: ['kernel log'],
  }
}

const MOST_NAMES = 3

const BY_SEVERITY: readonly ProgramKill['action'][] = ['killed', 'evicted', 'reported', 'evicting', 'pressure']

const findWorst = (kills: readonly ProgramKill[]): ProgramKill =>
  BY_SEVERITY.flatMap(action => kills.find(kill => kill.action === action) ?? [])[0]!

// earlyoom killed chrome[7201] for lack of memory
function titleKills(kills: readonly ProgramKill[]): string | undefined {
  const own = kills.filter(({ action }) => action === 'killed')
  if (own.length === 0) return undefined
  const killers = [...new Set(own.map(({ program }) => program ?? 'a program'))]
  const named = new Set(own.flatMap(({ victim, pid }) => (victim === null ? [] : [pid])))
  const known = own.filter(({ victim, pid }) => victim !== null || pid === null || !named.has(pid)) // a pid alone says less
  const names = [...new Set(known.map(nameVictim).filter(Boolean))]
  const shown = names.slice(0, MOST_NAMES).join(', ')
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''
  return `${formatList(killers)} killed ${shown === '' ? '' : `${shown}${more} `}for lack of memory`
}

/** Victims of which only the line of the reaper is there. The kernel prints it for OOM victims only. */
export const detectReaped: Rule = ({ events }) => {
  const own = events.filter(({ kind }) => kind === 'oom-reaped')
  if (own.length === 0) return undefined
  const names = own.flatMap(event => (event.kind === 'oom-reaped' ? [`${event.subject}[${event.count}]`] : []))
  return {
    name: 'oom-kill-reaped',
    title: `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''} killed out of memory; the report is not in the log`,
    severity: 'critical',
    certainty: 'certain',
    summary:
      'The OOM reaper took the memory of a process that the OOM killer had chosen. Whose limit it was is not known.',
    evidence: own.slice(0, 3).map(({ text }) => text),
    remedy: [],
    wantedEvidence: ['whole reports'],
  }
}

/** Whole reports in the name of a program. */
export function diagnoseRelayed(relayed: readonly RelayedKill[]): readonly Diagnosis[] {
  const byProgram = Map.groupBy(relayed, ({ program }) => program ?? 'a program without a name')
  return Array.from(byProgram, ([program, kills]): Diagnosis => {
    const names = [...new Set(kills.map(({ kill }) => `${kill.victim.comm}[${kill.victim.pid}]`))]
    return {
      name: 'relayed-oom-kill',
      title: `${program} relays OOM kills: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`,
      severity: 'warning',
      certainty: 'possible',
      summary:
        'It is not proven to be the kernel’s word: any program can print such lines. They are not counted as kills.',
      evidence: kills.slice(0, 3).map(describeRelayed),
      remedy: [],
      wantedEvidence: ['kernel log'],
    }
  })
}

function describeRelayed({ kill }: RelayedKill): string {
  const where = kill.global === true ? 'the whole node' : describeOwner(kill.oomMemcg ?? kill.taskMemcg)
  return `relayed: ${kill.victim.comm}[${kill.victim.pid}] killed, ${where}`
}

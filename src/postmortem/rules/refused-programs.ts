// Diagnosis of programs that say they got no memory: their own word, and no kill.
import { formatPlural } from '../../base/format.ts'
import type { MemoryEvent, ProgramFailure } from '../../collectors/kmsg/memory-event.ts'
import type { Rule } from './diagnosis.ts'
import { REFUSAL_TEXTS, UNNAMED_REFUSAL } from './refusal-texts.ts'

type Refused = MemoryEvent & ProgramFailure

const ERRORS: ReadonlySet<ProgramFailure['error']> = new Set(['cannot allocate memory', 'out of memory'])
const MOST = 3

const getTexts = ({ resource }: Refused): typeof UNNAMED_REFUSAL =>
  resource === null ? UNNAMED_REFUSAL : REFUSAL_TEXTS[resource]

/** Programs that report that they were refused memory. */
export const detectRefusedPrograms: Rule = ({ events }) => {
  const own = events.filter((event): event is Refused => event.kind === 'program-failure')
  const refused = own.filter(({ error, cgroup }) => cgroup === null && ERRORS.has(error))
  if (refused.length === 0) return undefined
  const texts = [...new Set(refused.map(getTexts))]
  const lines = [...new Set(refused.map(({ text }) => text.split('\n')[0]!.slice(0, 200)))]
  return {
    name: 'program-refused-memory',
    title: texts.map(one => `${listPrograms(refused.filter(event => getTexts(event) === one))} ${one.what}`).join('; '),
    severity: 'warning',
    certainty: 'likely',
    summary: texts.map(({ summary }) => summary).join(' '),
    evidence: [`${formatPlural(refused.length, 'line')} of programs`, ...lines.slice(0, MOST)],
    remedy: texts.flatMap(({ remedy }) => remedy),
    // a limit of its own says nothing about the machine
    wantedEvidence: refused.some(({ resource }) => resource === null) ? ['kernel log', 'meminfo'] : [],
  }
}

function listPrograms(refused: readonly Refused[]): string {
  const names = [...new Set(refused.map(({ program }) => program ?? 'a program'))]
  return `${names.slice(0, MOST).join(', ')}${names.length > MOST ? ` and ${names.length - MOST} more` : ''}`
}

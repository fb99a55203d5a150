// Diagnosis of programs that say they got no memory: their own word, and no kill.
import { formatPlural } from '../../base/format.ts'
import type { MemoryEvent, ProgramFailure } from '../../collectors/kmsg/memory-event.ts'
import type { Remedy } from '../../detectors/detector.ts'
import type { Rule } from './diagnosis.ts'

type Refused = MemoryEvent & ProgramFailure

const ERRORS: ReadonlySet<ProgramFailure['error']> = new Set(['cannot allocate memory', 'out of memory'])
const MOST = 3

const LIMITS: Remedy = {
  text: 'see the limits that can refuse memory: of the process, of its cgroup, and the commit limit',
  command:
    'cat /proc/PID/limits; cat /sys/fs/cgroup/…/memory.max; grep -i commit /proc/meminfo; sysctl vm.overcommit_memory',
  risk: 'none',
}
const HEAP: Remedy = {
  text: 'of a Java heap: find what fills it, or raise -Xmx where the machine has room',
  risk: 'low',
}

/** Programs that report that they were refused memory. */
export const detectRefusedPrograms: Rule = ({ events }) => {
  const own = events.filter((event): event is Refused => event.kind === 'program-failure')
  const refused = own.filter(({ error, cgroup }) => cgroup === null && ERRORS.has(error))
  if (refused.length === 0) return undefined
  const programs = [...new Set(refused.map(({ program }) => program ?? 'a program'))]
  const texts = [...new Set(refused.map(({ text }) => text.split('\n')[0]!.slice(0, 200)))]
  return {
    name: 'program-refused-memory',
    title: `${programs.slice(0, MOST).join(', ')} could not get memory`,
    severity: 'warning',
    certainty: 'likely',
    summary:
      'This is the word of a program. Its heap, a limit of the process, the commit limit or the number of processes may have refused it; the kernel kills nothing for that.',
    evidence: [`${formatPlural(refused.length, 'line')} of programs`, ...texts.slice(0, MOST)],
    remedy: [...(refused.some(({ error }) => error === 'out of memory') ? [HEAP] : []), LIMITS],
    wantedEvidence: ['kernel log', 'meminfo'],
  }
}

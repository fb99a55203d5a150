// Diagnosis of parts of the kernel that say they got no memory: file systems, drivers, buffers for devices, huge pages.
import { formatPlural } from '../../base/format.ts'
import { FAILURE_KINDS } from '../../detectors/failure-kinds.ts'
import type { Rule } from './diagnosis.ts'

const MOST = 3

const NAMES: Readonly<Record<string, string>> = {
  swiotlb: 'the buffer for devices (swiotlb)',
  'DMA pool': 'the pool for devices (DMA)',
  'huge pages': 'the pool of huge pages',
}

const FILE_SYSTEMS = /^(?:XFS|ZFS|BTRFS|EXT[234]-fs|JBD2?|F2FS-fs|GFS2|OCFS2|CIFS|NFS)$/
const WAITS = 'A file system tries again while the tasks that wait for it are blocked, or it returns an error.'
const HAS_OWN_SIZE =
  'A GPU, a buffer for devices and huge pages have sizes of their own: they may be used up while the machine has memory left.'

/** What the lines name, with what the part is for. */
export const detectKernelParts: Rule = ({ events }) => {
  const own = events.filter(({ kind }) => kind === 'subsystem-without-memory')
  if (own.length === 0) return undefined
  const subjects = [...new Set(own.flatMap(event => ('subject' in event ? (event.subject ?? []) : [])))]
  const names = subjects.map(subject => (Object.hasOwn(NAMES, subject) ? NAMES[subject]! : subject))
  const lines = [...new Set(own.map(({ text }) => text.split('\n')[0]!))]
  const { advice, command, severity = 'warning' } = FAILURE_KINDS['subsystem-without-memory']!
  return {
    name: 'kernel-part-without-memory',
    title: `${names.slice(0, MOST).join(', ')}${names.length > MOST ? ` and ${names.length - MOST} more` : ''} got no memory`,
    severity,
    certainty: 'certain',
    summary: [...new Set(subjects.map(subject => (FILE_SYSTEMS.test(subject) ? WAITS : HAS_OWN_SIZE)))].join(' '),
    evidence: [`${formatPlural(own.length, 'line')} in the log`, ...lines.slice(0, MOST)],
    remedy: [{ text: advice, ...(command === undefined ? {} : { command }), risk: 'none' }],
    wantedEvidence: ['meminfo'],
  }
}

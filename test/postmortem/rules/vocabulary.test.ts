// One vocabulary live and after death: each rule of `analyze` has its alert, or a reason why it has none, and the other way round.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FAILURE_KINDS } from '../../../src/detectors/failure-kinds.ts'
import { type DetectorId, detectorIds } from '../../../src/detectors/index.ts'
import { PARTIAL_SOURCES } from '../../../src/postmortem/rules/partial-texts.ts'
import { CGROUP_SOURCES } from '../../../src/postmortem/rules/saved-cgroups.ts'
import { PART_SOURCES } from '../../../src/postmortem/rules/saved-memory-parts.ts'
import { STATE_SOURCES } from '../../../src/postmortem/rules/snapshot-state.ts'
import { analyzeText } from '../analyze-text.ts'
import { getLogPath } from '../logs/log-formats.ts'

type Counterpart = DetectorId | { readonly none: string }

const RULES: Readonly<Record<string, Counterpart>> = {
  'oom-at-limit': 'oom-kill',
  'oom-kill': 'oom-kill',
  'oom-by-hand': 'oom-kill',
  'node-out-of-memory': 'oom-kill',
  'low-memory-exhausted': 'oom-kill',
  'node-fragmented': 'oom-kill',
  'huge-pages-reserved': 'oom-kill',
  'zone-exhausted': 'oom-kill',
  'memory-nodes-exhausted': 'oom-kill',
  'cma-reserved': 'oom-kill',
  'oom-kill-reaped': 'oom-kill',
  'oom-report-cut': 'oom-without-kill',
  'oom-victim-exiting': 'oom-without-kill',
  'nothing-to-kill': 'oom-without-kill',
  'panic-on-oom': { none: 'a node that panics shows no alert any more' },
  'other-killers': 'program-kills',
  'program-refused-memory': { none: 'an error of a program, not of the kernel' },
  'relayed-oom-kill': { none: 'live the kernel log is read itself' },
  'kmem-accounting-leak': 'kmem-leak',
  'memcg-id-exhaustion': 'memcg-ids',
  'memcg-ids-nearly-used': 'memcg-ids',
  'cgroup-limit': { none: 'an error of a program, not of the kernel' },
  'limit-refused': { none: 'an error of a program, not of the kernel' },
  'dying-cgroups': 'dying-cgroups',
  'live-cgroup-leak': 'memcg-ids',
  'unreclaimable-slab': 'slab-growth',
  'large-slab-cache': 'slab-growth',
  'slab-allocation-failures': 'alloc-failures',
  'memcg-slab-failures': 'alloc-failures',
  'page-allocation-failures': 'alloc-failures',
  'memory-fragmented': 'alloc-failures',
  'pids-limit': 'alloc-failures',
  'reclaim-stalls': 'alloc-failures',
  'percpu-exhausted': 'alloc-failures',
  'vmalloc-exhausted': 'alloc-failures',
  'vmalloc-without-pages': 'alloc-failures',
  'vmalloc-bad-request': { none: 'a fault of a driver, not a lack of memory' },
  'kernel-allocation-failed': 'alloc-failures',
  'hardware-memory-errors': 'alloc-failures',
  'kmemleak-suspects': 'alloc-failures',
  'commit-limit': 'alloc-failures',
  'fault-loop': 'alloc-failures',
  'rcu-starved': 'alloc-failures',
  'killed-by-signal': { none: 'a word of programs about a signal: live the kernel log says who sent it' },
  'cma-exhausted': 'alloc-failures',
  'balloon-short': { none: 'usual on hosts that share memory among guests: it explains other trouble' },
  'killed-at-fault': { none: 'kernels up to 2.6 only' },
  'stood-still': 'alloc-failures',
  'kernel-part-without-memory': 'alloc-failures',
  'conntrack-full': 'network-limits',
  'tcp-memory': 'network-limits',
  'tcp-orphans': 'alloc-failures',
  'neighbours-full': 'alloc-failures',
  'route-cache-full': 'alloc-failures',
  'file-limit': 'alloc-failures',
  'swap-errors': 'alloc-failures',
  'damaged-pages': 'alloc-failures',
  'swap-nearly-used': 'swap-full',
  'memory-nearly-used': 'mem-available',
  'kernel-memory-large': 'kernel-memory',
  'pinned-cache': 'pinned-cache',
  'zone-below-mark': 'fragmentation',
  'no-large-blocks': 'fragmentation',
  'huge-pages-unused': { none: 'set aside on purpose: shown in view memory' },
  swapping: 'reclaim',
  'memory-pressure': 'reclaim',
  'oom-kills-counted': 'oom-kill',
  'cgroup-oom-kills-counted': 'oom-kill',
  'cgroup-at-limit': 'cgroup-limit',
  'cgroup-pressure': 'reclaim',
  'cgroup-frozen': 'frozen-cgroup',
  'many-cgroups': 'dying-cgroups',
}

const LIVE_ONLY: Partial<Record<DetectorId, string>> = {
  'throttled-cgroup': 'a state of a moment: no log has it',
  writeback: 'a rate needs a history',
  'error-storm': 'counts lines of all kinds per second',
  'evidence-gaps': 'about the sampling itself',
  'own-cost': 'about kmemtop itself',
}

const RULE_FOLDER = new URL('../../../src/postmortem/rules/', import.meta.url)
const source = readdirSync(RULE_FOLDER)
  .map(name => readFileSync(new URL(name, RULE_FOLDER), 'utf8'))
  .join('\n')
const names = new Set([
  ...Object.keys(STATE_SOURCES),
  ...Object.keys(CGROUP_SOURCES),
  ...Object.keys(PARTIAL_SOURCES),
  ...Object.keys(PART_SOURCES),
  ...[
    ...source.matchAll(/\bname: (?:\w+ \? )?'([a-z-]+)'(?: : '([a-z-]+)')?/g),
    ...source.matchAll(/^ {2}(?:'[a-z ]+'|[a-z]+): '([a-z]+-[a-z-]+)',$/gm), // causes of kills
  ].flatMap(([, one, other]) => [one, other].filter(name => name !== undefined)),
])

test('each rule of analyze has an alert, or a reason why there is none', () => {
  expect([...names].filter(name => !(name in RULES))).toEqual([])
  expect(Object.keys(RULES).filter(name => !source.includes(name))).toEqual([])
})

test('each alert has a rule of analyze, or a reason why there is none', () => {
  const covered = new Set(Object.values(RULES))
  expect(detectorIds.filter(id => !covered.has(id) && !(id in LIVE_ONLY))).toEqual([])
  expect(detectorIds.filter(id => covered.has(id) && id in LIVE_ONLY)).toEqual([])
})

test('each kind of line with a rule that names the alert of failures has that alert', () => {
  const rows = [...source.matchAll(/\bkinds: \[([^\]]*)\],\s*name: '([a-z-]+)'/g)]
  const kinds = rows.flatMap(([, list, name]) =>
    RULES[name!] === 'alloc-failures' ? list!.split(',').map(kind => kind.trim().replaceAll("'", '')) : [],
  )
  expect(kinds.length).toBeGreaterThan(5)
  expect(kinds.filter(kind => !(kind in FAILURE_KINDS))).toEqual([])
})

const docs = readFileSync(new URL('../../../docs/saved-logs.md', import.meta.url), 'utf8')
const isDocumented = (name: string): boolean => docs.includes(`\`${name}\``)
// one row of the table stands for all rules of a single line
const OF_ONE_LINE =
  /conntrack|neighbours|route-cache|file-limit|swap-errors|damaged|balloon|tcp|pids|vmalloc|percpu|hardware|kmemleak|stalls|commit|stood-still|fault-loop|cma-exhausted|killed-at-fault|kernel-allocation/

test.each(readdirSync(getLogPath('')).filter(name => name.endsWith('.dmesg')))(
  'what is certain in %s is proven by lines, and the documentation says by which',
  async name => {
    const { diagnoses } = await analyzeText(readFileSync(getLogPath(name), 'latin1'))
    for (const { name: rule, certainty, evidence } of diagnoses) {
      if (certainty !== 'certain') continue
      expect(evidence, rule).not.toEqual([])
      expect(isDocumented(rule) || OF_ONE_LINE.test(rule), rule).toBe(true)
    }
  },
)

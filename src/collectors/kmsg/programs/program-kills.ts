// Parses what programs write about out-of-memory kills: systemd-oomd, earlyoom, the kubelet, systemd, Android's lmkd.
import { matchPatterns, type PatternTable } from '../../../base/match-patterns.ts'
import type { ProgramKill } from '../memory-event.ts'
import { ANDROID_KILLS, parseAndroidEvent } from './android-kills.ts'
import { BATCH_KILLS } from './batch-kills.ts'
import { DAEMON_KILLS } from './daemon-kills.ts'
import { createKillDetails as create, type KillDetails } from './kill-details.ts'
import { OTHER_KERNEL_KILLS } from './other-kernel-kills.ts'

const PATTERNS: PatternTable<KillDetails> = [
  ...DAEMON_KILLS,
  ...ANDROID_KILLS,
  ...OTHER_KERNEL_KILLS,
  // we killed, force(0), 1234 (org.example.app) score = 1000
  [/\bwe killed, .{0,40}?(\d+) \(([^)]{1,64})\)/, m => create('killed', { victim: m[2], pid: m[1] })],
  // System OOM encountered, victim process: java, pid: 123       "System OOM encountered" victimProcess="haproxy" pid=30118
  [
    /(?:System|Cgroup) OOM encountered[",]* (?:victim process: |victimProcess=)"?([^",\s]{1,64})"?,? pid[:=] ?"?(\d+)/,
    m => create('reported', { victim: m[1], pid: m[2], by: 'kubelet' }),
  ],
  // "Got sys oom event" event={"Pid":4411,"ProcessName":"java", …            event=&{Pid:4411 ProcessName:java …
  [
    /\bGot sys oom event\b.{0,40}\bPid"?: ?(\d+)[, ]{1,2}"?ProcessName"?: ?"?([^\s",}]{1,64})/,
    m => create('reported', { victim: m[2], pid: m[1], by: 'kubelet' }),
  ],
  [/(?:System|Cgroup) OOM encountered|\b(?:System|Cgroup)OOM\b/, () => create('reported', {})],
  // "Eviction manager: attempting to reclaim" resourceName="memory"         attempting to reclaim memory
  [
    /[eE]viction manager: .{0,20}ranked for eviction.{0,10}pods?(?:\(s\))?(?:=|: | )\[?"?([\w.-]{1,100}[/_][\w.-]{1,100})/,
    m => create('evicting', { subject: m[1], by: 'kubelet' }),
  ],
  [
    /[eE]viction manager: .{0,80}pods?(?:\(s\))?(?:=|: | )\[?"?([\w.-]{1,100}[/_][\w.-]{1,100})/,
    m => create('evicted', { subject: m[1], by: 'kubelet' }),
  ],
  [
    /[eE]viction manager: .{0,200}\bmemory\b|[aA]ttempting to reclaim memory|EvictionThresholdMet.{0,200}\bmemory\b/,
    () => create('evicting', { by: 'kubelet' }),
  ],
  // Warning  Evicted  pod/report-1  The node was low on resource: memory.
  [/\bEvicted +pods?\/([\w.-]{1,253}) .*\bmemory\b/, m => create('evicted', { subject: m[1], by: 'kubelet' })],
  // … low on resource: memory. Threshold quantity: 100Mi, available: 51200Ki. Container web was using 1843200Ki, …
  [
    /low on resource: memory\b.{0,200}\bContainer ([\w.-]{1,253}) was using/,
    m => create('evicted', { subject: `a pod with container ${m[1]}`, by: 'kubelet' }),
  ],
  [/low on resource: memory|\bEvicted\b.*\bmemory\b/, () => create('evicted', { by: 'kubelet' })],
  [/\bNodeHasInsufficientMemory\b|^\s*MemoryPressure\s+True\b/, () => create('pressure', { by: 'kubelet' })],
  // relay.service: A process of this unit has been killed by the OOM killer.       relay.service: Failed with result 'oom-kill'.
  [
    /(?:^|\s)(\S+): (?:A process of this unit has been killed by the OOM killer|Failed with result 'oom-kill')/,
    m => create('reported', { subject: m[1] }),
  ],
  // The unit worker.service has entered the 'failed' state with result 'oom-kill'.          the catalog of journalctl -x
  [
    /\b[uU]nit (\S{1,256}) has entered the 'failed' state with result 'oom-kill'/,
    m => create('reported', { subject: m[1], by: 'systemd' }),
  ],
  [/^Result=oom-kill$/, () => create('reported', { subject: 'a unit', by: 'systemd' })],
  // Active: failed (Result: oom-kill) since Sat 2026-11-23 10:11:12 UTC
  [/^\s*Active: failed \(Result: oom-kill\)/, () => create('reported', { subject: 'a unit', by: 'systemd' })],
  ...BATCH_KILLS,
  // TaskOOM event &TaskOOM{ContainerID:6d0f…,}      TaskOOM event container_id:"6d0f…"      /tasks/oom … container_id:"6d0f…"
  [
    /\bTaskOOM(?:\{ContainerID:| event container_id:[\\"]{0,4})([\w-]{1,128})|\/tasks\/oom\b.{0,40}container_id[":\\]{1,6}([\w-]{1,128})/,
    m => create('reported', { subject: `container ${(m[1] ?? m[2])!.slice(0, 12)}` }),
  ],
  // 2025-03-04T09:33:41+01:00 container oom 0a1b… (image=redis:7, name=cache)
  // 2025-03-04 09:33:41.103456789 +0100 CET container oom 0a1b… (image=…, name=cache)          podman names the time zone
  [
    /\bcontainer oom ([0-9a-f]{12,64})(?: \((?:.{0,500}\b)?name=([\w.-]{1,128})(?:, limit=([\d.]{1,12} \w{1,4}))?)?/,
    m => {
      const [, id = '', name = id.slice(0, 12), limit] = m
      return create('reported', {
        subject: `container ${name}${limit === undefined ? '' : ` (limit ${limit})`}`,
        by: PODMAN_TIME.test(m.input) ? 'podman' : 'docker',
      })
    },
  ],
  [/"(?:status|Action)" ?: ?"oom"/, () => create('reported', { by: 'docker' })],
  // conmon 0a1b… <ninfo>: OOM received          Created an OOM event in container "/docker/…"
  [/\bOOM (?:event )?received$/, () => create('reported', { by: 'conmon' })],
  [/\bCreated an OOM event in container "([^"]{1,256})"/, m => create('reported', { subject: m[1], by: 'kubelet' })],
  // exited with status 137 (out of memory)        OutOfMemoryError: Container killed due to memory usage
  [/[eE]xited with (?:status|code) 137 \(out of memory\)/, () => create('reported', {})],
  [
    /"name": ?"([\w.-]{1,128})"[^{}]{0,400}\bOutOfMemoryError: Container killed/,
    m => create('reported', { subject: `container ${m[1]}`, by: 'ECS' }),
  ],
  [/\bOutOfMemoryError: Container killed due to memory usage/, () => create('reported', { by: 'ECS' })],
  // client.driver_mgr.docker: OOM Killed: container_id=abc123
  [/\bOOM[ -][kK]illed\b/, () => create('reported', {})],
  // OOMKilled: init container migrate (limit 128Mi) and container api (limit 512Mi) of pod prod/api-1
  [
    /^OOMKilled: ((?:init |ephemeral )?container [\w.-]{1,253}(?: .{0,2000})? of pod [\w./-]+)$/,
    m => create('reported', { subject: m[1], by: 'kubelet' }),
  ],
  // NAME  READY  STATUS  RESTARTS  AGE        report-worker-6d9f7c5b44-x2x9q  0/1  OOMKilled  9 (2m ago)  33m
  [
    /^\s*(?:[\w.-]{1,253}\s+)?([\w.-]{1,253})\s+\d+\/\d+\s+(?:Init:)?OOMKilled\b/,
    m => create('reported', { subject: `pod ${m[1]}`, by: 'kubelet' }),
  ],
  // Reason: OOMKilled       "reason":"OOMKilled"       reason=OOMKilled
  [/^\s*Reason:\s+OOMKilled$/, () => create('reported', { by: 'kubelet' })],
  [/\b[rR]eason["']?\s*[:=]\s*"?OOMKilled|\bTaskOOM\b|"?OOMKilled"?: ?true/, () => create('reported', {})],
]

// 2026-11-20 03:14:07.103456789 +0100 CET m=+3.1 container oom
const PODMAN_TIME = /\d [+-]\d{4} [A-Z\d+-]{1,6} (?:m=\S{1,20} )?container oom /

const QUICK =
  /OOM|sys oom event|WorkerKiller|OUT_OF_ME|oomd kill|Trying to kill|by YARN|[mM]emory limit of|signal: killed|SIGKILL! |Result=oom|TERM_|LSF|PBS|tasks\/oom|exceed|[jJ]ob has gone|Memory quota|oom[-_ ]kill|oomd killed|container oom |"oom"|out of memory\)|OutOfMemoryError|Out Of Memory|memory limit|viction manager|low on resource|due to (?:memory|swap)|SIG(?:TERM|KILL) to|sigkill to|illing process[: ]|the command: kill|LOW_MEMORY|ow [mM]emory! |[mM]emory (?:pressure(?: for|,)|used \(|budget)|low on memory|reclaim memory|InsufficientMemory|MemoryPressure|EvictionThresholdMet|Evicted|Kill(?:ing)? '|we killed|was killed: |low swap: k|killed: out of swap|mem avail: |memorystatus: kill/

const MAX_LENGTH = 4095
const ANDROID_TAGS = /^(?:am_|killinfo$)/

/**
 * Parses a line of a program that has killed for lack of memory, or saw the kernel do so.
 * @param program who wrote the line, if the log says so
 */
export function parseProgramKill(text: string, program?: string): ProgramKill | undefined {
  if (text.length > MAX_LENGTH) return undefined
  const ofTag = program !== undefined && ANDROID_TAGS.test(program) ? parseAndroidEvent(text, program) : undefined
  const details = ofTag ?? (QUICK.test(text) ? matchPatterns(PATTERNS, text) : undefined)
  if (!details) return undefined
  const { by, ...rest } = details
  // systemd reports what systemd-oomd killed, and a driver what YARN did
  const who = rest.action === 'killed' || ofTag ? (by ?? program) : (program ?? by)
  return { kind: 'program-kill', program: who ?? null, ...rest }
}

// Parses what programs write about out-of-memory kills: systemd-oomd, earlyoom, the kubelet, systemd, Slurm, Android's lmkd.
import { matchPatterns, type PatternTable } from '../../base/match-patterns.ts'
import { toNumber } from '../../base/text.ts'
import type { ProgramKill } from './memory-event.ts'

type KillDetails = Omit<ProgramKill, 'kind' | 'program'> & { readonly by?: string }

const create = (
  action: ProgramKill['action'],
  details: Partial<Record<'victim' | 'subject' | 'by', string | undefined>> & { readonly pid?: string | undefined },
): KillDetails => ({
  action,
  victim: details.victim ?? null,
  pid: toNumber(details.pid),
  subject: details.subject ?? null,
  ...(details.by === undefined ? {} : { by: details.by }),
})

const PATTERNS: PatternTable<KillDetails> = [
  // Killed /user.slice/…/app-x.scope due to memory pressure for /user.slice/… being 71.22% > 50.00% for > 20s with reclaim activity
  [
    /\bKilled (\/\S+) due to (?:memory (?:pressure|used)|swap used)/,
    m => create('killed', { subject: m[1], by: 'systemd-oomd' }),
  ],
  // Marked /system.slice/app.service for killing due to memory pressure for /system.slice being 85.03% > 80.00% for > 2s …
  [
    /\bMarked (\/\S+) for killing due to (?:memory (?:pressure|used)|swap used)/,
    m => create('killed', { subject: m[1], by: 'systemd-oomd' }),
  ],
  // app-x.scope: systemd-oomd killed 12 process(es) in this unit.
  [/(?:^|\s)(\S+): systemd-oomd killed \d+ process/, m => create('killed', { subject: m[1], by: 'systemd-oomd' })],
  // sending SIGTERM to process 4410 uid 1001 "blender": oom_score 790, VmRSS 5520 MiB        nohang: Sending SIGKILL to …
  [
    /\b[sS]ending SIG(?:TERM|KILL) to (?:the )?(?:process|victim):? (\d+)(?: uid \d+)?(?: ["(]([^")]{1,64})[")])?/,
    m => create('killed', { victim: m[2], pid: m[1] }),
  ],
  // killing process 27541 "bash" with signal 15: badness 550, VmRSS 7609 MiB
  [
    /\b[kK]illing process (\d+)(?: uid \d+)? "([^"]{1,64})" with signal \d+/,
    m => create('killed', { victim: m[2], pid: m[1], by: 'earlyoom' }),
  ],
  [/\bSending SIG(?:TERM|KILL) to the victim\b/, () => create('killed', { by: 'nohang' })],
  // lowmemorykiller: Killing 'com.example' (1234), adj 900, to free 50000kB      Kill 'com.example' (1234), uid 10010, oom_score_adj 900
  [
    /\bKill(?:ing)? '([^']{1,64})' \((\d+)\)(?:,| ).{0,40}adj \d+/,
    m => create('killed', { victim: m[1], pid: m[2], by: 'lowmemorykiller' }),
  ],
  // we killed, force(0), 1234 (org.example.app) score = 1000
  [/\bwe killed, .{0,40}?(\d+) \(([^)]{1,64})\)/, m => create('killed', { victim: m[2], pid: m[1] })],
  // System OOM encountered, victim process: java, pid: 123       "System OOM encountered" victimProcess="haproxy" pid=30118
  [
    /(?:System|Cgroup) OOM encountered[",]* (?:victim process: |victimProcess=)"?([^",\s]{1,64})"?,? pid[:=] ?"?(\d+)/,
    m => create('reported', { victim: m[1], pid: m[2], by: 'kubelet' }),
  ],
  [/(?:System|Cgroup) OOM encountered|\b(?:System|Cgroup)OOM\b/, () => create('reported', {})],
  // "Eviction manager: attempting to reclaim" resourceName="memory"         attempting to reclaim memory
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
  [/low on resource: memory|\bEvicted\b.*\bmemory\b/, () => create('evicted', { by: 'kubelet' })],
  [/\bNodeHasInsufficientMemory\b|^\s*MemoryPressure\s+True\b/, () => create('pressure', { by: 'kubelet' })],
  // relay.service: A process of this unit has been killed by the OOM killer.       relay.service: Failed with result 'oom-kill'.
  [
    /(?:^|\s)(\S+): (?:A process of this unit has been killed by the OOM killer|Failed with result 'oom-kill')/,
    m => create('reported', { subject: m[1] }),
  ],
  // Active: failed (Result: oom-kill) since Sat 2026-11-23 10:11:12 UTC
  [/^\s*Active: failed \(Result: oom-kill\)/, () => create('reported', { subject: 'a unit', by: 'systemd' })],
  // Detected 1 oom-kill event(s) in StepId=123.batch. Some of your processes may have been killed by the cgroup out-of-memory handler.
  [
    /Detected \d+ oom[_-]kill event(?:s|\(s\)|) in (?:StepId=|step )?(\S+?)\.?(?: |$)/,
    m => create('reported', { subject: m[1] }),
  ],
  // srun: error: cn101: task 12: Out Of Memory            Exceeded job memory limit
  [
    /^(?:srun: )?error: (\S{1,64}): tasks? \S{1,64}: Out Of Memory/,
    m => create('reported', { subject: m[1], by: 'Slurm' }),
  ],
  [/\bExceeded (?:job|step) memory limit/, () => create('reported', { by: 'Slurm' })],
  // TERM_MEMLIMIT: job killed after reaching LSF memory usage limit.
  [
    /\bTERM_(?:MEMLIMIT|SWAP)\b|reaching LSF (?:memory|swap) usage limit/,
    () => create('killed', { subject: 'a job', by: 'LSF' }),
  ],
  // =>> PBS: job killed: mem 2200000kb exceeded limit 2097152kb
  [/\bPBS: job killed: v?mem \d+kb exceeded limit/, () => create('killed', { subject: 'a job', by: 'PBS' })],
  // job 991234.1 exceeds job hard limit "h_vmem" of queue "all.q@n1" … - sending SIGKILL
  [
    /\bjob (\d[\d.]{0,20}) exceed(?:s|ed) job (?:hard|soft) limit "[hs]_(?:vmem|rss)"/,
    m => create('killed', { subject: `job ${m[1]}`, by: 'Grid Engine' }),
  ],
  // Job has gone over memory limit of 2048 megabytes. Peak usage: 2120 megabytes.       HTCondor
  [/\b[jJ]ob has gone over (?:cgroup )?memory limit of/, () => create('killed', { subject: 'a job', by: 'HTCondor' })],
  // Memory limit exceeded: Requested: 128MB Maximum Used: 128MB          Mesos
  [/\bMemory limit exceeded: Requested: \d/, () => create('killed', { subject: 'a task', by: 'Mesos' })],
  // Error R15 (Memory quota vastly exceeded)          Heroku; R14 only warns
  [/\bError R15 \(Memory quota/, () => create('killed', { by: 'Heroku' })],
  [/\bError R14 \(Memory quota/, () => create('pressure', { by: 'Heroku' })],
  // [PM2][WORKER] Process 0 restarted because it exceeds --max-memory-restart value
  [
    /\bProcess (\S{1,64}) restarted because it exceeds --max-memory-restart/,
    m => create('killed', { subject: `process ${m[1]} of pm2`, by: 'pm2' }),
  ],
  // TaskOOM event &TaskOOM{ContainerID:6d0f…,}      /tasks/oom … container_id:"6d0f…"
  [
    /\bTaskOOM\{ContainerID:([\w-]{1,128})|\/tasks\/oom\b.{0,40}container_id[":\\]{1,6}([\w-]{1,128})/,
    m => create('reported', { subject: `container ${(m[1] ?? m[2])!.slice(0, 12)}` }),
  ],
  // Container [pid=4410,containerID=container_17_0001_01_000002] is running beyond physical memory limits. … Killing container.
  [
    /\bContainer \[pid=(\d+),containerID=(\S{1,128}?)\] is running .{0,40}beyond (?:the )?'?(?:physical|virtual)'? memory limit/i,
    m => create('killed', { pid: m[1], subject: m[2], by: 'YARN' }),
  ],
  // 2025-03-04T09:33:41+01:00 container oom 0a1b… (image=redis:7, name=cache)
  [
    /\bcontainer oom ([0-9a-f]{12,64})(?: \((?:.{0,500}\b)?name=([\w.-]{1,128})(?:, limit=([\d.]{1,12} \w{1,4}))?)?/,
    ([, id = '', name = id.slice(0, 12), limit]) =>
      create('reported', {
        subject: `container ${name}${limit === undefined ? '' : ` (limit ${limit})`}`,
        by: 'docker',
      }),
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
  [/\bOOM[ -]Killed\b/, () => create('reported', {})],
  // OOMKilled: container api of pod prod/api-1, limit 512Mi
  [
    /^OOMKilled: (container [\w.-]+ of pod [\w./-]+)(?:, limit ([\w.]+))?$/,
    m => create('reported', { subject: `${m[1]}${m[2] === undefined ? '' : ` (limit ${m[2]})`}`, by: 'kubelet' }),
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

const QUICK =
  /OOM|TERM_|LSF|PBS|tasks\/oom|exceed|[jJ]ob has gone|Memory quota|oom[-_ ]kill|oomd killed|container oom |"oom"|out of memory\)|OutOfMemoryError|Out Of Memory|memory limit|viction manager|low on resource|due to (?:memory|swap)|SIG(?:TERM|KILL) to|illing process |reclaim memory|InsufficientMemory|MemoryPressure|EvictionThresholdMet|Evicted|Kill(?:ing)? '|we killed/

/**
 * Parses a line of a program that has killed for lack of memory, or saw the kernel do so.
 * @param program who wrote the line, if the log says so
 */
export function parseProgramKill(text: string, program?: string): ProgramKill | undefined {
  const details = QUICK.test(text) && text.length < 4096 ? matchPatterns(PATTERNS, text) : undefined
  if (!details) return undefined
  const { by, ...rest } = details
  return { kind: 'program-kill', program: program ?? by ?? null, ...rest }
}

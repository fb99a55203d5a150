// Parses what batch systems and hosting platforms write about jobs that ran out of memory: Slurm, LSF, PBS, YARN, Nomad and others.
import type { PatternTable } from '../../../base/match-patterns.ts'
import { createKillDetails as create, type KillDetails } from './kill-details.ts'

/** Lines of them, in order of precedence. */
export const BATCH_KILLS: PatternTable<KillDetails> = [
  // Detected 1 oom-kill event(s) in StepId=123.batch. Some of your processes may have been killed by the cgroup out-of-memory handler.
  [
    /Detected \d+ oom[_-]kill event(?:s|\(s\)|) in (?:StepId=|step )?(\S+?)\.?(?: |$)/,
    m => create('reported', { subject: `step ${m[1]}`, by: 'Slurm' }),
  ],
  // Job 4471 exceeded memory limit (2105344 > 2097152), being killed
  [
    /\b(Job|Step) (\d[\w.]{0,40}) exceeded memory limit \(\d+ > \d+\), being killed/,
    m => create('killed', { subject: `${m[1]!.toLowerCase()} ${m[2]}`, by: 'Slurm' }),
  ],
  // srun: error: cn101: task 12: Out Of Memory            Exceeded job memory limit
  [
    /^(?:srun: )?error: (\S{1,64}): tasks? \S{1,64}: Out Of Memory/,
    m => create('reported', { subject: m[1], by: 'Slurm' }),
  ],
  [/\bExceeded (?:job|step) memory limit/, () => create('reported', { by: 'Slurm' })],
  // 88213.batch  batch  acme  8  OUT_OF_ME+  0:125       88213|train|gpu|8|OUT_OF_MEMORY|0:125       sacct
  [
    /^\s*(\d[\w.+[\]-]{0,40})[\s|,;].*\bOUT_OF_ME(?:MORY\b|\+)/,
    m => create('reported', { subject: `job ${m[1]}`, by: 'Slurm' }),
  ],
  [
    /\bSlurm (?:Job_id=|Array Summary Job_id=)(\d[\w*]{0,30})\b.*\bOUT_OF_MEMORY\b/,
    m => create('reported', { subject: `job ${m[1]}`, by: 'Slurm' }),
  ],
  // State: OUT_OF_MEMORY (exit code 0)       seff; with its other lines it is a text of its own
  [/\b(?:Job)?State(?:: |=)OUT_OF_MEMORY\b/, () => create('reported', { subject: 'a job', by: 'Slurm' })],
  // TERM_MEMLIMIT: job killed after reaching LSF memory usage limit.
  [
    /\bTERM_(?:MEMLIMIT|SWAP)\b|reaching LSF (?:memory|swap) usage limit/,
    () => create('killed', { subject: 'a job', by: 'LSF' }),
  ],
  // =>> PBS: job killed: mem 2200000kb exceeded limit 2097152kb         mem job total 33617336 kb exceeded limit 33554432 kb
  [
    /\bPBS: job killed: p?v?mem (?:[a-z ]{1,20} )?\d+ ?kb exceeded limit/,
    () => create('killed', { subject: 'a job', by: 'PBS' }),
  ],
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
  // Container [pid=4410,containerID=container_17_0001_01_000002] is running beyond physical memory limits. … Killing container.
  [
    /\bContainer \[pid=(\d+),containerID=(\S{1,128}?)\] is running .{0,40}beyond (?:the )?'?(?:physical|virtual)'? memory limit/i,
    m => create('killed', { pid: m[1], subject: m[2], by: 'YARN' }),
  ],
  // Container killed by YARN for exceeding physical memory limits. 5.5 GB of 5.5 GB physical memory used.
  [
    /\b(?:Lost executor (\d{1,9})\b.{0,100})?Container killed by YARN for exceeding (?:physical |virtual )?memory limits/,
    m => create('killed', { subject: m[1] === undefined ? 'a container' : `executor ${m[1]}`, by: 'YARN' }),
  ],
  // termination reason: OOMKilled       Spark on Kubernetes
  [/^\s*termination reason: OOMKilled/, () => create('reported', { subject: 'an executor of Spark', by: 'Spark' })],
  // The executor with id 12 exited with exit code 137(SIGKILL, possible container OOM).
  [
    /\bexecutor with id (\d{1,9}) exited with exit code \d+\(SIGKILL, possible container OOM\)/,
    m => create('reported', { subject: `executor ${m[1]} (a guess of it)`, by: 'Spark' }),
  ],
  // … task=web type=Terminated msg="Exit Code: 137, Exit Message: \"OOM Killed\""          2026-11-23T10:00:00Z  Terminated  Exit Code: …
  [
    /\btask=(\S{1,128}) type=Terminated\b.{0,80}\bOOM Killed\b/,
    m => create('reported', { subject: `task ${m[1]}`, by: 'Nomad' }),
  ],
  [/\bExit Message: \\?"OOM Killed/, () => create('reported', { subject: 'a task', by: 'Nomad' })],
  // Memory limit of 512 MiB exceeded with 531 MiB used.       Cloud Run, App Engine: Exceeded soft memory limit of 256 MB with 260 MB
  [
    /\bMemory limit of (\d{1,9} ?\w{1,3}) exceeded with \d|\bExceeded (?:soft|hard) memory limit of (\d{1,9} ?\w{1,3}) with \d/,
    m => create('reported', { subject: `an instance (limit ${m[1] ?? m[2]})`, by: 'Cloud Run' }),
  ],
  // RequestId: 6d0f… Error: Runtime exited with error: signal: killed       AWS Lambda
  [
    /\bRuntime exited with error: signal: killed/,
    () => create('reported', { subject: 'a function', by: 'AWS Lambda' }),
  ],
  // PumaWorkerKiller: Out of memory. 4 workers consuming total: 1024.0 MB out of max: 512.0 MB. Sending TERM to pid 4411 …
  [
    /\bPumaWorkerKiller: Out of memory\. .{0,160}\bSending TERM to pid (\d{1,10})\b/,
    m => create('killed', { pid: m[1], subject: 'a worker', by: 'PumaWorkerKiller' }),
  ],
  // Worker (pid:4410) was sent SIGKILL! Perhaps out of memory?         gunicorn only supposes it
  [
    /\bWorker \(pid: ?(\d{1,10})\) was (?:sent|terminated due to|terminated by) (?:SIGKILL|signal 9)!? .{0,40}[Oo]ut of memory/,
    m => create('reported', { pid: m[1], subject: 'gunicorn (a guess of it)', by: 'gunicorn' }),
  ],
]

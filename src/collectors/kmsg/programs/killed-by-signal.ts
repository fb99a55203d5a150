// Parses lines of shells, compilers, build systems and services that saw a process end by SIGKILL.
import { matchPatterns, type PatternTable } from '../../../base/match-patterns.ts'
import { toNumber } from '../../../base/text.ts'
import type { KilledBySignal } from '../memory-event.ts'

type Details = Omit<KilledBySignal, 'kind'>

const create = (victim?: string, pid?: string, program?: string): Details => ({
  program: program ?? null,
  victim: victim === undefined || victim.trim() === '' ? null : victim.trim().slice(0, MAX_NAME),
  pid: toNumber(pid),
})

const MAX_NAME = 80

const PATTERNS: PatternTable<Details> = [
  // g++: fatal error: Killed signal terminated program cc1plus        gcc: internal compiler error: Killed (program cc1)
  [/(?:^|\s)(\S{1,64}): fatal error: Killed signal terminated program (\S{1,64})/, m => create(m[2], undefined, m[1])],
  [/(?:^|\s)(\S{1,64}): internal compiler error: Killed \(program (\S{1,64})\)/, m => create(m[2], undefined, m[1])],
  // collect2: fatal error: ld terminated with signal 9 [Killed]
  [/(?:^|\s)(\S{1,64}): (?:fatal )?error: (\S{1,64}) terminated with signal 9\b/, m => create(m[2], undefined, m[1])],
  // clang++: error: unable to execute command: Killed
  [/(?:^|\s)(\S{1,64}): error: unable to execute command: Killed/, m => create('a command', undefined, m[1])],
  // process didn't exit successfully: `rustc --crate-name syn …` (signal: 9, SIGKILL: kill)
  [
    /`([^`\s]{1,200})(?: [^`]{0,4000})?` \(signal: 9, SIGKILL/,
    m => create(m[1]!.slice(m[1]!.lastIndexOf('/') + 1), undefined, 'cargo'),
  ],
  // make[1]: *** [Makefile:10: all] Killed
  [/^(g?make)(?:\[\d+\])?: \*\*\* \[(?:[^\]]{0,200}: )?([^\]:]{1,200})\] Killed$/, m => create(m[2], undefined, m[1])],
  // ./run.sh: line 12: 24817 Killed                  ./import --all        [1]+  Killed                  ./server        [1]+ 24817 Killed
  [
    /^(?:(\S{1,200}): line \d+: +|\[\d+\][+-]? +)(?:(\d+) +)?Killed(?: \(core dumped\))?(?: {1,40}(\S.{0,200}))?$/,
    m => create(m[3], m[2], m[1]),
  ],
  // zsh: killed     python3 train.py        fish: Job 1, 'python3 train.py' terminated by signal SIGKILL (Forced quit)
  [/^(zsh|-?k?sh|bash|dash): (?:killed|Killed) +(\S.{0,200})$/, m => create(m[2], undefined, m[1])],
  [/^(fish): Job \d+, '([^']{1,200})' terminated by signal SIGKILL/, m => create(m[2], undefined, m[1])],
  [/^Killed(?: {2,40}(\S.{0,200}))?$/, m => create(m[1])],
  // server process (PID 4242) was terminated by signal 9: Killed
  [
    /\b(server|background worker|autovacuum \w+|\w+) process \(PID (\d+)\) was terminated by signal 9\b/,
    m => create(`${m[1]} process`, m[2], 'postgres'),
  ],
  // DAMN ! worker 2 (pid: 412) died, killed by signal 9 :( trying respawn ...
  [/\bworker \d+ \(pid: (\d+)\) died, killed by signal 9\b/, m => create('a worker', m[1], 'uwsgi')],
  // AH00052: child pid 4242 exit signal Killed (9)        [pool www] child 4242 exited on signal 9 (SIGKILL) after 3.2 seconds
  [/\bchild pid (\d+) exit signal Killed \(9\)/, m => create('a child', m[1], 'httpd')],
  [/\[pool ([^\]]{1,64})\] child (\d+) exited on signal 9\b/, m => create(`a child of pool ${m[1]}`, m[2], 'php-fpm')],
  [/\bworker process (\d+) exited on signal 9\b/, m => create('a worker', m[1], 'nginx')],
  // Process 'ForkPoolWorker-3' pid:412 exited with 'signal 9 (SIGKILL)'        Worker exited prematurely: signal 9 (SIGKILL)
  [/\bProcess '([^']{1,64})' pid:(\d+) exited with 'signal 9\b/, m => create(m[1], m[2], 'celery')],
  [/\bWorker exited prematurely: signal 9\b/, () => create('a worker')],
  // died with <Signals.SIGKILL: 9>        exit codes of the workers are {SIGKILL(-9)}        exited with return code Negsignal.SIGKILL
  [/\bCommand '?(.{1,200}?)'? died with <Signals\.SIGKILL: 9>/, m => create(m[1], undefined, 'python')],
  [/\bexit codes of the workers are \{[^}]{0,200}SIGKILL\(-9\)/, () => create('a worker', undefined, 'python')],
  [/\breturn code Negsignal\.SIGKILL\b/, () => create('a task', undefined, 'airflow')],
  // exited: app (terminated by SIGKILL; not expected)        init: app main process (4242) killed by KILL signal
  [/\bexited: (\S{1,128}) \(terminated by SIGKILL; not expected\)/, m => create(m[1], undefined, 'supervisord')],
  [/^(?:init: )?(\S{1,64}) main process \((\d+)\) killed by KILL signal/, m => create(m[1], m[2], 'init')],
  // returned a non-zero code: 137        Process completed with exit code 137.        Exit status 137        errno 137        Exited (137)
  [
    /\b(?:exit (?:code|status)|exited with (?:code|status|exit code)|returned a non-zero code|non-zero exit code|return code|errno|exited)(?: exit status)?[:=]? \(?137\b/i,
    () => create('a command'),
  ],
  [/^(g?make)\S{0,8}: \*\*\* \[.{0,200}\] Error 137\b/, m => create('a command', undefined, m[1])],
]

const QUICK = /Killed\b|killed\b|SIGKILL|signal:? 9\b|KILL signal|137\b/

/** Parses a line in which a program says that a process ended by SIGKILL, or with the exit code of that, 137. */
export function parseKilledBySignal(text: string): KilledBySignal | undefined {
  if (text.length > MAX_LENGTH || !QUICK.test(text)) return undefined
  const details = matchPatterns(PATTERNS, text)
  return details && { kind: 'sigkill', ...details }
}

const MAX_LENGTH = 4095

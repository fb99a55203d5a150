// What to say of kills that programs report, and what helps: it depends on who speaks and what the program did.
import type { ProgramKill } from '../../collectors/kmsg/memory-event.ts'
import type { Remedy } from '../../detectors/detector.ts'

/** Programs that speak of kills in the same way. */
interface KillerTexts {
  readonly actions: readonly ProgramKill['action'][]
  readonly program: RegExp
  readonly summary: string
  readonly remedy: readonly Remedy[]
}

const advise = (text: string): Remedy => ({ text, risk: 'low' })
const inspect = (text: string, command: string): Remedy => ({ text, command, risk: 'none' })

// The first that fits is taken.
const KILLER_TEXTS: readonly KillerTexts[] = [
  {
    actions: ['evicting', 'evicted', 'pressure'],
    program: /^kubelet$/,
    summary: 'The kubelet ends pods when the node is low on memory, before the kernel has to kill.',
    remedy: [
      inspect(
        'see the conditions of the node and what its pods request',
        'kubectl describe node NODE; kubectl top pods -A',
      ),
      advise('give pods requests and limits that fit the node'),
    ],
  },
  {
    actions: ['reported'],
    program: /^(?:kubelet|kube-?\w*|containerd\S*|crio?|conmon)$/,
    summary: 'The kernel killed a process: at the limit of a container or its pod, or because the node was full.',
    remedy: [
      inspect(
        'see the limit and the last state of the container',
        'kubectl describe pod POD; kubectl top pod POD --containers',
      ),
      advise('raise the limit if the load needs it; if not, find what fills the memory of the container'),
    ],
  },
  {
    actions: ['reported'],
    program: /^podman$/,
    summary:
      'The kernel killed a process in a container: at the limit of the container, or because the machine was full.',
    remedy: [
      inspect('see the limit and what it uses', 'podman inspect CONTAINER | grep -i memory; podman stats --no-stream'),
      advise('raise the limit (--memory) if the load needs it; if not, find what fills the memory of the container'),
    ],
  },
  {
    actions: ['reported'],
    program: /^(?:docker\w*|ECS)$/,
    summary:
      'The kernel killed a process in a container: at the limit of the container, or because the machine was full.',
    remedy: [
      inspect('see the limit and what it uses', 'docker inspect CONTAINER | grep -i memory; docker stats --no-stream'),
      advise('raise the limit (--memory) if the load needs it; if not, find what fills the memory of the container'),
    ],
  },
  {
    actions: ['reported'],
    program: /^systemd$/,
    summary:
      'systemd saw that the OOM killer ended a process of the unit. The report of the kernel says at which limit.',
    remedy: [inspect('see the limit and the memory of the unit', 'systemctl show UNIT -p MemoryMax -p MemoryPeak')],
  },
  {
    actions: ['killed'],
    program: /^FreeBSD$/,
    summary:
      'The kernel of FreeBSD ends the largest process when it finds no memory to reclaim, or no swap space. kmemtop explains the kernel of Linux.',
    remedy: [
      inspect('see memory and swap', 'top -b -o res 10; swapinfo -h; sysctl vm.stats.vm.v_free_count'),
      advise('add swap or memory, or give the largest program less; with ZFS set vfs.zfs.arc_max'),
    ],
  },
  {
    actions: ['pressure'],
    program: /^systemd-journald$/,
    summary: 'systemd-journald gives its caches back when tasks wait for memory (PSI), in its unit or on the node.',
    remedy: [inspect('see whether tasks still wait, and what fills memory', 'cat /proc/pressure/memory; free -m')],
  },
  {
    actions: ['killed'],
    program: /^NetBSD$/,
    summary: 'The kernel of NetBSD ends processes when swap runs short. kmemtop explains the kernel of Linux.',
    remedy: [advise('find what fills the memory: what was ended may only have made room')],
  },
  {
    actions: ['killed'],
    program: /^macOS$/,
    summary:
      'The kernel of macOS or iOS ended it (jetsam): at the limit of the process, or because memory was short. kmemtop explains the kernel of Linux.',
    remedy: [
      inspect(
        'see the memory pressure, and the reports of jetsam',
        'memory_pressure; log show --last 1h | grep memorystatus',
      ),
    ],
  },
  {
    actions: ['killed', 'pressure'],
    program: /lowmemorykiller|lmkd|ActivityManager|^Android$/i,
    summary: 'Android ends apps when memory is short, those in the background first.',
    remedy: [
      inspect('see what uses the memory', 'dumpsys meminfo'),
      advise('see which app grows: the ones that were ended only made room'),
    ],
  },
  {
    actions: ['killed', 'pressure'],
    program: /^(?:systemd-oomd|earlyoom|nohang\w*|oomd)$/,
    summary: 'This program ends processes when memory or swap runs short, before the kernel does.',
    remedy: [
      inspect(
        'see its limits, and the pressure on memory',
        'oomctl; systemctl status systemd-oomd earlyoom nohang; cat /proc/pressure/memory',
      ),
      advise('find what fills the memory; give it a limit of its own (MemoryHigh=)'),
    ],
  },
  {
    actions: ['killed', 'reported'],
    program: /slurm|Nomad|^srun$|sbatch|LSF|PBS|Grid Engine|HTCondor|Mesos|YARN|NodeManager|yarn/i,
    summary: 'The batch system ended a job that used more memory than it had asked for.',
    remedy: [advise('ask for more memory for the job, or make it use less')],
  },
]

const OTHER: Pick<KillerTexts, 'summary' | 'remedy'> = {
  summary: 'A program says so, not the kernel. Whose limit it was is in the kernel log, if anywhere.',
  remedy: [inspect('see the limits that the program sets', 'cat /proc/pressure/memory; free -m')],
}

/** Returns what these lines mean, and the remedies, without repetition. */
export function listKillerTexts(kills: readonly ProgramKill[]): Pick<KillerTexts, 'summary' | 'remedy'> {
  const fitting = new Set(
    kills.map(
      ({ program, action }) =>
        KILLER_TEXTS.find(one => one.actions.includes(action) && one.program.test(program ?? '')) ?? OTHER,
    ),
  )
  return {
    summary: Array.from(fitting, ({ summary }) => summary).join(' '),
    remedy: Array.from(fitting, ({ remedy }) => remedy).flat(),
  }
}

// What to say of programs that got no memory, by what they ran out of: most of these are limits of the program itself.
import type { RefusedResource } from '../../collectors/kmsg/programs/refusal.ts'
import type { Remedy } from '../../detectors/detector.ts'

/** What happened, what it means, and what helps. */
interface RefusalTexts {
  /** follows the name of the program */
  readonly what: string
  readonly summary: string
  readonly remedy: readonly Remedy[]
}

const advise = (text: string): Remedy => ({ text, risk: 'low' })
const inspect = (text: string, command: string): Remedy => ({ text, command, risk: 'none' })

/** Texts for a program that does not say what it ran out of. */
export const UNNAMED_REFUSAL: RefusalTexts = {
  what: 'could not get memory',
  summary:
    'This is the word of a program. A limit of the process or of its cgroup, the commit limit or the machine may have refused it; the kernel kills nothing for that.',
  remedy: [
    inspect(
      'see the limits that can refuse memory: of the process, of its cgroup, and the commit limit',
      'cat /proc/PID/limits; cat /sys/fs/cgroup/…/memory.max; grep -i commit /proc/meminfo; sysctl vm.overcommit_memory',
    ),
  ],
}

/** What a diagnosis says, by what the program ran out of. */
export const REFUSAL_TEXTS: Readonly<Record<RefusedResource, RefusalTexts>> = {
  'java heap': {
    what: 'could not get memory: the Java heap is full',
    summary: 'The heap of a JVM ends at -Xmx: the machine may have memory left.',
    remedy: [
      inspect('see what fills the heap', 'jcmd PID GC.class_histogram | head -20'),
      advise('raise -Xmx only where the limit of the container and the machine have room'),
    ],
  },
  'java native memory': {
    what: 'could not get memory from the machine',
    summary:
      'The JVM asked the machine and was refused: its heap (-Xmx), threads and buffers do not fit in the RAM, the limit of the container or the commit limit.',
    remedy: [
      inspect('compare what is committed with its limit', 'grep -iE "commit|available" /proc/meminfo; ulimit -v'),
      advise('lower -Xmx, or give the machine or the container more memory'),
    ],
  },
  'java class space': {
    what: 'could not get memory: the room for Java classes is full',
    summary: 'Classes are not in the heap: -XX:MaxMetaspaceSize (before Java 8 MaxPermSize) ends their room.',
    remedy: [
      inspect('see which class loaders hold classes', 'jcmd PID VM.classloader_stats'),
      advise('raise -XX:MaxMetaspaceSize; classes that grow all the time are a leak of class loaders'),
    ],
  },
  'direct buffers': {
    what: 'could not get memory: the direct buffers are full',
    summary: 'Direct buffers are outside of the Java heap: -XX:MaxDirectMemorySize, or a limit of netty, ends them.',
    remedy: [
      inspect('see memory of the JVM outside of the heap', 'jcmd PID VM.native_memory summary'),
      advise('raise -XX:MaxDirectMemorySize, and the limit of the container with it; look for buffers that leak'),
    ],
  },
  'array size': {
    what: 'asked for an array larger than Java allows',
    summary: 'It is a fault of the program, not a lack of memory.',
    remedy: [advise('see in the stack who asked for it')],
  },
  threads: {
    what: 'could not start a thread',
    summary:
      'The number of threads has limits of its own: of the user, of the cgroup, of the machine. Memory may be free.',
    remedy: [
      inspect(
        'compare the threads with their limits',
        'ps -eLf | wc -l; cat /proc/PID/limits; cat /sys/fs/cgroup/…/pids.max; sysctl kernel.threads-max kernel.pid_max vm.max_map_count',
      ),
    ],
  },
  'javascript heap': {
    what: 'could not get memory: the JavaScript heap is full',
    summary: 'The heap of V8 has a limit of its own: the machine may have memory left.',
    remedy: [
      advise('raise --max-old-space-size where the limit of the container has room'),
      advise('find what fills the heap: --heapsnapshot-near-heap-limit=1'),
    ],
  },
  'php memory_limit': {
    what: 'could not get memory: memory_limit of PHP is reached',
    summary: 'memory_limit of PHP ends each request for itself: the machine may have memory left.',
    remedy: [advise('see which script needs so much; raise memory_limit for it')],
  },
  'redis maxmemory': {
    what: 'could not get memory: maxmemory is reached',
    summary: 'Redis refuses writes at its own limit: the machine may have memory left.',
    remedy: [
      inspect(
        'see what it uses, and what it does at the limit',
        'redis-cli info memory; redis-cli config get maxmemory-policy',
      ),
    ],
  },
  'gpu memory': {
    what: 'could not get memory of a GPU',
    summary: 'It is not the memory of the machine: the kernel kills nothing for that.',
    remedy: [
      inspect('see who holds the memory of the GPU', 'nvidia-smi'),
      advise('make batches smaller, or spread the model over more GPUs'),
    ],
  },
  'own limit': {
    what: 'could not get memory: a limit of its own is reached',
    summary: 'The program has set this limit for itself: the machine may have memory left.',
    remedy: [advise('see in its configuration which limit it is, and what fills it')],
  },
}

// Words in which languages, databases and tools say that they got no memory, and of what they ran out.
import type { Refusal } from './refusal.ts'
import { OTHER_REFUSALS } from './refused-services.ts'

const JAVA: readonly Refusal[] = [
  {
    words: /\bOutOfMemoryError: (?:unable to create (?:new )?native thread|Cannot create worker)/,
    program: 'java',
    resource: 'threads',
  },
  {
    words: /\bFailed to start (?:the native )?thread\b.{0,80}\bpthread_create failed/,
    program: 'java',
    resource: 'threads',
  },
  // java.lang.OutOfMemoryError: Metaspace           … Compressed class space          … PermGen space
  {
    words: /\bOutOfMemoryError: (?:Metaspace|Compressed class space|PermGen)/,
    program: 'java',
    resource: 'java class space',
  },
  // java.lang.OutOfMemoryError: Direct buffer memory       … Cannot reserve 4194304 bytes of direct buffer memory      OutOfDirectMemoryError
  {
    words: /\bOutOfMemoryError: (?:Direct buffer|Cannot reserve \d+ bytes of direct buffer)|\bOutOfDirectMemoryError\b/,
    program: 'java',
    resource: 'direct buffers',
  },
  { words: /\bOutOfMemoryError: Requested array size exceeds/, program: 'java', resource: 'array size' },
  {
    words: /\bOutOfMemoryError: (?:Java heap space|GC overhead limit)/,
    program: 'java',
    resource: 'java heap',
  },
  // OpenJDK … warning: INFO: os::commit_memory(0x00000000c0000000, 1073741824, 0) failed; error='Not enough space' (errno=12)
  // # There is insufficient memory for the Java Runtime Environment to continue.
  {
    words:
      /\bos::commit_memory\([^()]{0,80}\) failed.{0,120}errno=12|\binsufficient memory for the Java Runtime\b|\bNative memory allocation \(m(?:map|alloc)\) failed\b|\bCould not reserve enough space for (?:object heap|\d+KB)/,
    program: 'java',
    resource: 'java native memory',
  },
  { words: /\bjava\.lang\.OutOfMemoryError\b/, program: 'java' },
]

const LANGUAGES: readonly Refusal[] = [
  // FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory       # Fatal JavaScript out of memory: …
  {
    words:
      /\bAllocation failed - JavaScript heap out of memory|\bFatal JavaScript out of memory:|\bERR_WORKER_OUT_OF_MEMORY\b/,
    program: 'node',
    resource: 'javascript heap',
  },
  {
    words:
      /\bAllocation failed - process out of memory|\bFatal process out of memory:|\bArray buffer allocation failed\b/,
    program: 'node',
  },
  // Error: spawn ENOMEM         Error: ENOMEM: not enough memory, read
  { words: /\bError: (?:\w+ )?ENOMEM\b/, program: 'node' },
  // runtime: failed to create new OS thread (have 9 already; errno=11)       runtime/cgo: pthread_create failed: Resource …
  {
    words: /\bruntime: failed to create new OS thread|\bruntime\/cgo: pthread_create failed/,
    program: 'a Go program',
    resource: 'threads',
  },
  // runtime: out of memory: cannot allocate 4194304-byte block       fatal error: runtime: out of memory
  {
    words:
      /^runtime: (?:out of memory|cannot (?:allocate|map))|^fatal error: (?:runtime: )?(?:cannot allocate|out of) memory$/,
    program: 'a Go program',
  },
  // torch.cuda.OutOfMemoryError: CUDA out of memory. …       … by allocator GPU_0_bfc       CUDA_ERROR_OUT_OF_MEMORY
  {
    words:
      /\b(?:CUDA|HIP|XPU|MPS backend) out of memory|\bCUDA_ERROR_OUT_OF_MEMORY\b|\bOOM when allocating tensor\b.{0,300}\bGPU|\bcudaMalloc failed: out of memory|\bErrorOutOfDeviceMemory\b/,
    program: 'python',
    resource: 'gpu memory',
  },
  // numpy.core._exceptions._ArrayMemoryError: Unable to allocate 298. GiB for an array      MemoryError
  {
    words:
      /^(?:[\w.]{1,100}\.)?_?(?:Array)?MemoryError(?::|$)|\bUnable to allocate [\d.]+ [KMGT]iB for an array\b|\bDefaultCPUAllocator: (?:can't|not enough)|\bOOM when allocating tensor\b|^OSError: \[Errno 12\]/,
    program: 'python',
  },
  // memory allocation of 1073741824 bytes failed
  { words: /\bmemory allocation of \d+ bytes failed/, program: 'a Rust program' },
  // terminate called after throwing an instance of 'std::bad_alloc'
  {
    words:
      /\bstd::bad_alloc\b|\bAddressSanitizer: (?:allocator is out of memory|failed to allocate)|^LLVM ERROR: out of memory/,
    program: 'a C++ program',
  },
  { words: /\bNoMemoryError\b|^\[FATAL\] failed to allocate memory/, program: 'ruby' },
  // PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes)
  { words: /\bAllowed memory size of \d+ bytes exhausted/, program: 'php', resource: 'php memory_limit' },
  { words: /\bFatal error: {1,2}Out of memory/, program: 'php' },
  {
    words:
      /\bSystem\.OutOfMemoryException\b|\bGC heap initialization failed with error 0x8007000E|\bHRESULT: 0x8007000E/i,
    program: 'a .NET program',
  },
  // eheap_alloc: Cannot allocate 1781763260 bytes of memory (of type "heap").
  { words: /\b[a-z]+_alloc: Cannot (?:re)?allocate \d+ bytes of memory/, program: 'erlang' },
  { words: /^Fatal error: exception Out_of_memory/, program: 'an OCaml program' },
  { words: /\bHeap exhausted(?:;$|,? (?:during|\(no more))/, program: 'a program', resource: 'own limit' }, // GHC, SBCL
  { words: /^Error: (?:cannot allocate vector of size|vector memory exhausted|memory exhausted)/, program: 'R' },
  { words: /^lua\S{0,8}: (?:.{0,200}: )?not enough memory$/, program: 'lua' },
  { words: /^Out of memory!$|^Out of memory in perl:|^Out of memory during/, program: 'perl' },
]

const REFUSALS: readonly Refusal[] = [...JAVA, ...LANGUAGES, ...OTHER_REFUSALS]

const QUICK =
  /emory|MEMORY|alloc|ENOMEM|OOM command|OOM when|request of size|eap exhausted|OS thread|pthread_create|enough space|0x8007000|errno 12|Errno 12|Data too large|ORA-0/

/** Returns who says in this line that it got no memory, and of what; undefined for any other line. */
export function findRefusal(text: string): Refusal | undefined {
  if (!QUICK.test(text) || text.length > 4096) return undefined
  return REFUSALS.find(({ words }) => words.test(text))
}

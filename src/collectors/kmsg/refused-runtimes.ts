// Words in which languages, databases and tools say that they got no memory.

// In order of precedence: the words, and who uses them.
const RUNTIMES: readonly (readonly [words: RegExp, runtime: string])[] = [
  // java.lang.OutOfMemoryError: Java heap space
  // OpenJDK … warning: INFO: os::commit_memory(0x00000000c0000000, 1073741824, 0) failed; error='Not enough space' (errno=12)
  // # There is insufficient memory for the Java Runtime Environment to continue.
  [
    /\bjava\.lang\.OutOfMemoryError\b|\bos::commit_memory\([^()]{0,80}\) failed.{0,120}errno=12|\binsufficient memory for the Java Runtime\b|\bNative memory allocation \(m(?:map|alloc)\) failed\b/,
    'java',
  ],
  // FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory
  [/\bAllocation failed - (?:JavaScript heap|process) out of memory/, 'node'],
  // runtime: out of memory: cannot allocate 4194304-byte block       fatal error: runtime: out of memory
  [
    /^runtime: (?:out of memory|cannot allocate)|^fatal error: (?:runtime: )?(?:cannot allocate|out of) memory$/,
    'a Go program',
  ],
  // numpy.core._exceptions._ArrayMemoryError: Unable to allocate 298. GiB for an array      MemoryError
  [/^(?:[\w.]{1,100}\.)?_?(?:Array)?MemoryError(?::|$)|\bUnable to allocate [\d.]+ [KMGT]iB for an array\b/, 'python'],
  // memory allocation of 1073741824 bytes failed
  [/^memory allocation of \d+ bytes failed/, 'a Rust program'],
  // terminate called after throwing an instance of 'std::bad_alloc'
  [/\bstd::bad_alloc\b/, 'a C++ program'],
  [/\bfailed to allocate memory \(NoMemoryError\)/, 'ruby'],
  // PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes)
  [/\bAllowed memory size of \d+ bytes exhausted|^(?:PHP )?Fatal error: {1,2}Out of memory/, 'php'],
  [/\bSystem\.OutOfMemoryException\b/, 'a .NET program'],
  // eheap_alloc: Cannot allocate 1781763260 bytes of memory (of type "heap").
  [/\b[a-z]+_alloc: Cannot (?:re)?allocate \d+ bytes of memory/, 'erlang'],
  // ERROR:  out of memory           DETAIL:  Failed on request of size 1073741824 in memory context "ExprContext".
  [/(?:^|\b(?:ERROR|FATAL): {1,2})out of memory$|\bFailed on request of size \d+/, 'postgres'],
  // # Out Of Memory allocating 1048576 bytes!      OOM command not allowed when used memory > 'maxmemory'.
  [/\bOut Of Memory allocating \d+ bytes|\bOOM command not allowed when used memory/, 'redis'],
  // mysqld: Out of memory (Needed 128000 bytes)
  [/\bOut of memory \([Nn]eeded \d+ bytes\)/, 'mysqld'],
  [/\b[oO]ut of memory,? malloc failed/, 'git'],
  [/^Out of memory!$|^Out of memory in perl:/, 'perl'],
  // cc1plus: out of memory allocating 65536 bytes          virtual memory exhausted: …       bash: xrealloc: cannot allocate 18446744 bytes
  [
    /\bout of memory allocating \d+ bytes|\bvirtual memory exhausted\b|\bx?(?:re|m)alloc: cannot allocate \d+ bytes/,
    'a program',
  ],
]

const QUICK = /emory|alloc|OOM command|request of size/

/** Returns who says in this line that it got no memory; undefined for any other line. */
export function findRefusedRuntime(text: string): string | undefined {
  if (!QUICK.test(text) || text.length > 4096) return undefined
  return RUNTIMES.find(([words]) => words.test(text))?.[1]
}

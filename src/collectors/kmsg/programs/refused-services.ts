// Words in which databases, servers and tools say that they got no memory. The first that fits is taken.
import type { Refusal } from './refusal.ts'

const DATABASES: readonly Refusal[] = [
  // ERROR:  out of memory           DETAIL:  Failed on request of size 1073741824 in memory context "ExprContext".
  { words: /\b(?:ERROR|FATAL): {1,2}out of memory$|\bFailed on request of size \d+/, program: 'postgres' },
  // OOM command not allowed when used memory > 'maxmemory'.
  { words: /\bOOM command not allowed when used memory/, program: 'redis', resource: 'redis maxmemory' },
  // # Out Of Memory allocating 1048576 bytes!         # Can't save in background: fork: Cannot allocate memory
  {
    words:
      /\bOut Of Memory allocating \d+ bytes|\baborting for OUT OF MEMORY|\bCan't (?:save in background|rewrite append only file in background|sync): fork: Cannot allocate memory/,
    program: 'redis',
  },
  // mysqld: Out of memory (Needed 128000 bytes)       ERROR 1041 (HY000): Out of memory; restart server and try again
  {
    words:
      /\bOut of memory \([Nn]eeded \d+ bytes\)|\bOut of memory; (?:restart server|check if mysqld)|\b[cC]annot allocate memory for the buffer pool|\bMySQL client ran out of memory|^InnoDB: .{0,60}(?:[cC]annot allocate \d+ bytes|errno 12\b)/,
    program: 'mysqld',
  },
  // Exceeded memory limit for $group, but didn't allow external sort.
  { words: /\b[eE]xceeded memory limit for \$\w+/, program: 'mongod', resource: 'own limit' },
  { words: /\bWiredTiger error \(12\)/, program: 'mongod' },
  // CircuitBreakingException: [parent] Data too large, data for [<http_request>] would be [1034567890/986.6mb], …
  {
    words: /\[[\w.]{1,40}\] Data too large, data for \[/,
    program: 'elasticsearch',
    resource: 'own limit',
  },
  // DB::Exception: Memory limit (total) exceeded: would use 27.95 GiB
  { words: /\bMemory limit \([\w ]{1,40}\) exceeded: would use/, program: 'clickhouse', resource: 'own limit' },
  // ORA-04030: out of process memory when trying to allocate 16328 bytes         ORA-27102: out of memory
  { words: /\bORA-04031: unable to allocate/, program: 'oracle', resource: 'own limit' },
  { words: /\bORA-(?:04030|27102): /, program: 'oracle' },
  {
    words: /\binsufficient system memory in resource pool '/,
    program: 'SQL Server',
    resource: 'own limit',
  },
  // SERVER_ERROR out of memory storing object
  { words: /\bSERVER_ERROR out of memory/, program: 'memcached', resource: 'own limit' },
  // vm_memory_high_watermark set. Memory used:6871947673 allowed:6553600000
  {
    words: /\bvm_memory_high_watermark set\. Memory used|\bmemory resource limit alarm set on node\b/,
    program: 'RabbitMQ',
    resource: 'own limit',
  },
]

const TOOLS: readonly Refusal[] = [
  { words: /\b[oO]ut of memory,? malloc failed/, program: 'git' },
  // rsync: [sender] out of memory in flist_expand         ERROR: out of memory in …
  { words: /^rsync: (?:\[\w{1,20}\] )?out of memory in|^rsync error: error allocating core memory/, program: 'rsync' },
  // FATAL: xcalloc: Unable to allocate 1 blocks of 4096 bytes!
  { words: /\bFATAL: xcalloc: Unable to allocate \d+ blocks/, program: 'squid' },
  // [4410:4410:1123/101112.123456:ERROR:memory.cc(39)] Out of memory. size=262144
  { words: /\bOut of memory\. size=\d+/, program: 'chrome' },
  // iptables: Memory allocation problem.
  { words: /\b(?:ip6?|eb|arp)tables(?:-\w+)?: Memory allocation problem/, program: 'iptables' },
  { words: /\bfinal link failed: memory exhausted/, program: 'ld' },
  { words: /^(?:\S{0,80}[/\\])?(sort|grep|awk|sed|tar|bison|m4): memory exhausted$/, program: 'a tool' },
  // fatal out of memory (32088 bytes)
  { words: /^fatal out of memory \(\d+ bytes\)/, program: 'ntpd' },
  // cc1plus: out of memory allocating 65536 bytes          virtual memory exhausted: …       bash: xrealloc: cannot allocate 18446744 bytes
  {
    words:
      /\bout of memory allocating \d+ bytes|\bvirtual memory exhausted\b|\bx?(?:re|m)alloc: cannot allocate \d+ bytes|^[oO]ut of memory[.!]?$/,
    program: 'a program',
  },
]

/** Words of databases, servers and tools. */
export const OTHER_REFUSALS: readonly Refusal[] = [...DATABASES, ...TOOLS]

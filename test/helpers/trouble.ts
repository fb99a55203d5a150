// Real kernel trouble for tests, small and cleaned up. Each kind says by `can…()` why this machine does not permit it.
export { type Cgroups, canMkdirCgroups, mkdirCgroups } from './trouble/cgroups.ts'
export { type Growing, growing } from './trouble/growing.ts'
export { canLeak, LEAKS, type Leak, type LeakKind, leak, settled } from './trouble/leaks.ts'
export { canMakeGroup as canGrow } from './trouble/memory-tree.ts'
export { canOomKill, type OomKill, type OomKillOptions, oomKill } from './trouble/oom.ts'
export { canRunInVm, pathInVm, runInVm, type VmOptions, type VmResult, vmLab } from './trouble/vm.ts'

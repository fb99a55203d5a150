// Real kernel trouble for tests, small and cleaned up. Each kind says by `can…()` why this machine does not permit it.
export { type Cgroups, canMkdirCgroups, mkdirCgroups } from './trouble/cgroups.ts'
export { type GrowingCgroup, startGrowingCgroup } from './trouble/growing-cgroup.ts'
export { canLeak, LEAKS, type Leak, type LeakKind, startLeak, waitUntilSlabSettles } from './trouble/leaks.ts'
export { canMakeGroup as canGrow } from './trouble/memory-tree.ts'
export { canOomKill, type OomKillOptions, type TriggeredOomKill, triggerOomKill } from './trouble/oom.ts'
export { canRunInVm, findVmLab, runInVm, toVmPath, type VmOptions, type VmResult } from './trouble/vm.ts'

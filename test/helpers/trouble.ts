// Real kernel trouble for tests, small and cleaned up. Each kind says by `can…()` why this machine does not permit it.
export { type Cgroups, canMkdirCgroups, mkdirCgroups } from './trouble/cgroups.ts'
export { canEventfds, type Eventfds, eventfds } from './trouble/eventfds.ts'
export { canOomKill, type OomKill, type OomKillOptions, oomKill } from './trouble/oom.ts'
export { canGrowSlab, type GrownSlab, growSlab } from './trouble/slab.ts'
export { canRunInVm, pathInVm, runInVm, type VmOptions, type VmResult, vmLab } from './trouble/vm.ts'

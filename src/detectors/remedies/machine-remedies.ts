// What helps when a machine without Kubernetes is full: it depends on what the machine is.
import type { Remedy } from '../detector.ts'

const RESERVE_WITHOUT_PODS: Remedy = {
  text: 'add memory or swap, or give the largest service a limit of its own (systemctl set-property NAME MemoryHigh=)',
  risk: 'low',
}

// Machines that are known by the release of their kernel.
const RESERVE_BY_RELEASE: readonly (readonly [release: RegExp, remedy: Remedy])[] = [
  [
    /microsoft-standard/i,
    { text: 'give the virtual machine of WSL more: memory= and swap= in .wslconfig, then wsl --shutdown', risk: 'low' },
  ],
  [
    /^(?:2\.[46]|3\.\d)\./, // no systemd
    {
      text: 'add memory or swap, or give the largest service a limit in its own settings (or ulimit -v in the script that starts it)',
      risk: 'low',
    },
  ],
  [
    /^(?:3\.\d\d|4\.[0-4])\.(?!.*android)/i, // no cgroup v2, which MemoryHigh= needs
    {
      text: 'add memory or swap, or give the largest service a limit of its own (systemctl set-property NAME MemoryLimit=)',
      risk: 'low',
    },
  ],
  [/android/i, { text: 'see which app or service grows', command: 'dumpsys meminfo', risk: 'none' }],
  [
    /-pve$/,
    {
      text: 'give the guests less memory than the host has; with ZFS set a maximum for its cache (zfs_arc_max), which is in no counter here',
      command: 'qm list; pct list; grep -w c_max /proc/spl/kstat/zfs/arcstats',
      risk: 'low',
    },
  ],
]

/** What to do about a full machine without Kubernetes. @param release of its kernel; null where it is unknown */
export const chooseReserve = (release: string | null = null): Remedy =>
  RESERVE_BY_RELEASE.find(([pattern]) => release !== null && pattern.test(release))?.[1] ?? RESERVE_WITHOUT_PODS

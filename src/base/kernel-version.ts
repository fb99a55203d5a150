// Kernel versions: the numbers in a release string.

/** The numbers of a release; NaN where unknown, so that every comparison is false. */
export interface KernelVersion {
  readonly major: number
  readonly minor: number
  readonly patch: number
  /** major * 1000 + minor: 4018 for 4.18 */
  readonly number: number
  /** build number of RHEL 7 and CentOS 7: 1160 for `3.10.0-1160.el7.x86_64`; null on other kernels */
  readonly el7Build: number | null
}

/** Parses a release as printed by `uname -r`. */
export function parseKernelVersion(release: string): KernelVersion {
  const [, major, minor, patch] = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(release) ?? []
  const el7Build = /^3\.10\.0-(\d+)/.exec(release)?.[1]
  return {
    major: Number(major),
    minor: Number(minor),
    patch: Number(patch),
    number: Number(major) * 1000 + Number(minor),
    el7Build: el7Build === undefined ? null : Number(el7Build),
  }
}

/** Returns whether a release is older than a version; false if the release is unknown. */
export function isKernelBefore(release: string, major: number, minor: number): boolean {
  if (last?.release !== release) last = { release, number: parseKernelVersion(release).number }
  return last.number < major * 1000 + minor
}

/** The release that was asked for last: nearly always that of this session. */
let last: { readonly release: string; readonly number: number } | undefined

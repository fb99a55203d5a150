// Holder: who holds the memory of an alert, what of, and how sure that is.

/** What kind of owner holds the memory. */
export type HolderKind = 'process' | 'cgroup' | 'tmpfs'

/** Who holds it. Pages print it as one line; exports keep its fields. */
export interface Holder {
  readonly kind: HolderKind
  /** `java[4121]`, a cgroup path, a mount point */
  readonly name: string
  /** the memory cgroup of a process or of a process that sees the mount; empty when not known */
  readonly cgroup: string
  /** `48,900 eventfd, 12 socket`, `kernel memory +310 MiB` */
  readonly holds: string
  /** share of all that the node has of it, 0 to 1; null: not known */
  readonly share: number | null
  readonly confidence: 'high' | 'medium' | 'low'
}

/** From this share of the whole on it is the holder; from half of that on it is likely. */
const CERTAIN_SHARE = 0.6

/** How sure it is that one that has `share` of all is the holder. */
export function rateConfidence(share: number | null): Holder['confidence'] {
  if (share === null || share < CERTAIN_SHARE / 2) return 'low'
  return share >= CERTAIN_SHARE ? 'high' : 'medium'
}

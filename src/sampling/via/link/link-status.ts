// How the link to a node is doing: what the header shows of it.

/** `up`: answers come; `waiting`: none since `since`; `down`: no connection since `since`. Times are session milliseconds. */
export interface LinkStatus {
  readonly command: string
  readonly state: 'up' | 'waiting' | 'down'
  /** milliseconds from a small request to its answer */
  readonly delay: number | undefined
  readonly since: number
  /** milliseconds that the state has lasted */
  readonly lasted: number
  /** why there is no connection */
  readonly problem?: string
  /** milliseconds until the next attempt to connect; 0 during an attempt */
  readonly retryIn?: number
  /** session time at which another boot of the node was found */
  readonly rebootedAt?: number
  /** what the far side lacks, or what cannot be read there, and what is therefore unknown */
  readonly missing: readonly string[]
  /** connections that were lost and made again */
  readonly reconnects: number
}

// Refusal: words in which a program says that it got no memory.

/** What a program ran out of, if its words say so. Most of these are limits of its own: the machine may have memory left. */
export type RefusedResource =
  | 'java heap'
  | 'java native memory'
  | 'java class space'
  | 'direct buffers'
  | 'array size'
  | 'threads'
  | 'javascript heap'
  | 'php memory_limit'
  | 'redis maxmemory'
  | 'gpu memory'
  | 'own limit'

/** Words of a program that got no memory. */
export interface Refusal {
  readonly words: RegExp
  /** the language or program that is known for them */
  readonly program: string
  readonly resource?: RefusedResource
}

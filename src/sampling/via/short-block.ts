// How long a node may block a thread that samples several: as long as it has needed, and not for long when it stops answering.
import { SampleLostError } from './link/link-error.ts'
import { type Waiting, waitInThread } from './waiting.ts'

/** Milliseconds. The files of a sample are fetched before it begins, so few are asked for in the middle. */
const PATIENCE = { most: 1000, least: 250, factor: 4 } as const

/**
 * Returns a function that blocks the thread for work in the middle of a sample. At first the patience is a few times `usual`, what an
 * answer takes at least. After each answer it is a few times what the longest recent one took; after an answer that did not come in
 * time it is longer, so that a slow node gets through in a later sample. The function throws SampleLostError.
 */
export function createShortBlock(
  now: () => number,
  nap: (ms: number) => void,
): <Result>(work: Waiting<Result>, usual?: number) => Result {
  let patience: number | undefined
  const setPatience = (ms: number): void => {
    patience = Math.min(PATIENCE.most, Math.max(PATIENCE.least, ms))
  }
  return (work, usual) => {
    const begun = now()
    if (patience === undefined) setPatience(usual === undefined ? PATIENCE.most : PATIENCE.factor * usual)
    const limit = patience ?? PATIENCE.most
    try {
      const result = waitInThread(work, ms => {
        if (now() - begun > limit)
          throw new SampleLostError(`no answer for ${Math.round(limit)} ms in the middle of a sample`)
        nap(ms)
      })
      setPatience(Math.max(limit / 2, PATIENCE.factor * (now() - begun)))
      return result
    } catch (error) {
      if (error instanceof SampleLostError) setPatience(2 * limit)
      throw error
    }
  }
}

// The queue between threads: items in order, then the first failure or the end.
import { expect, test } from 'vitest'
import { createAsyncQueue } from '../../src/sampling/async-queue.ts'

async function readAll<T>(items: AsyncIterable<T>): Promise<{ read: T[]; error?: string }> {
  const read: T[] = []
  try {
    for await (const item of items) read.push(item)
  } catch (error) {
    return { read, error: (error as Error).message }
  }
  return { read }
}

test('items that came before the end are all read', async () => {
  const queue = createAsyncQueue<number>()
  queue.push(1)
  const reading = readAll(queue.items)
  queue.push(2)
  queue.end()
  expect(await reading).toEqual({ read: [1, 2] })
})

test('the first failure is reported, after the items before it', async () => {
  const queue = createAsyncQueue<number>()
  queue.push(1)
  queue.fail(new Error('the reason'))
  queue.fail(new Error('what followed from it'))
  expect(await readAll(queue.items)).toEqual({ read: [1], error: 'the reason' })
})

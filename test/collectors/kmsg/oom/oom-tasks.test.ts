// Task tables: the largest processes by name.
import { expect, test } from 'vitest'
import { formatLargestProcesses } from '../../../../src/collectors/kmsg/oom/oom-tasks.ts'

const task = (comm: string, rss: number, pid = 1) => ({ pid, comm, columns: { rss } })

test('many small processes of one name outweigh a large one', () => {
  const tasks = [task('java', 50_000), ...Array.from({ length: 12 }, () => task('php-fpm', 10_000)), task('sh', 10)]
  expect(formatLargestProcesses(tasks, 4096, 2)).toBe('php-fpm ×12 469 MiB, java 195 MiB')
})

test('a truncated table says so', () => {
  const tasks = Array.from({ length: 200 }, (_, i) => task('worker', 256, i))
  expect(formatLargestProcesses(tasks, 4096, 3)).toBe('worker ×200 200 MiB (of the 200 largest processes)')
})

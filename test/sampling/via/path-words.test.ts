// Paths as variables of the far shell: sent once, reused when a directory is gone.
import { expect, test } from 'vitest'
import { PathWords } from '../../../src/sampling/via/path-words.ts'

test('a directory and a file name are defined once', () => {
  const words = new PathWords()
  expect(words.encode(['/cg/a/x', '/cg/a/y', '/cg/b/x'])).toEqual([
    { words: '$d0$f1 $d0$f2 $d3$f1', paths: ['/cg/a/x', '/cg/a/y', '/cg/b/x'] },
  ])
  expect(words.takeDefinitions()).toBe('#V d0 /cg/a\n#V f1 /x\n#V f2 /y\n#V d3 /cg/b\n')
  words.encode(['/cg/b/y'])
  expect(words.takeDefinitions()).toBe('')
})

test('the variable of a directory that is gone goes to the next one', () => {
  const words = new PathWords()
  words.encode(['/cg/a/x', '/cg/b/x'])
  words.takeDefinitions()
  words.forget('/cg/a')
  expect(words.encode(['/cg/new/x', '/cg/a/x', '/cg/b/x'])[0]!.words).toBe('$d0$f1 $d3$f1 $d2$f1')
  expect(words.takeDefinitions()).toBe('#V d0 /cg/new\n#V d3 /cg/a\n')
})

test('many paths are several commands, and a path with a line break is none', () => {
  const paths = Array.from({ length: 3000 }, (_, i) => `/sys/fs/cgroup/memory/kubepods/burstable/pod${i}/memory.stat`)
  const batches = new PathWords().encode([...paths, '/cg/a\nrm/x'])
  expect(batches.flatMap(batch => batch.paths)).toEqual(paths)
  for (const batch of batches) {
    expect(batch.paths.join(' ').length).toBeLessThan(128 * 1024)
    expect(batch.paths.length).toBeLessThanOrEqual(320) // a shell keeps what its longest command took up
  }
})

test('a usual sample of 200 pods is one command', () => {
  const uid = '3f0c9d1c-5d9e-4a55-8a5c-0a8f5b1c2d3e'
  const pods = Array.from({ length: 280 }, (_, i) => `/sys/fs/cgroup/memory/kubepods/burstable/pod${uid}/${i}`)
  expect(new PathWords().encode(pods.map(pod => `${pod}a${'0'.repeat(60)}/memory.usage_in_bytes`))).toHaveLength(1)
})

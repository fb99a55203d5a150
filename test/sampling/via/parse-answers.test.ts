// Answers of the collector: files byte for byte, and nothing that was not asked for.
import { describe, expect, test } from 'vitest'
import { parseFiles, parseListing, parseTree } from '../../../src/sampling/via/parse-answers.ts'

describe('files', () => {
  const asked = ['/proc/uptime', '/a', '/b', '/c']

  test('each text is exact, with and without a last newline; a file without a header is not there', () => {
    const answer = '==> /proc/uptime <==\n1.5 1\n\n==> /a <==\nno end\n==> /c <==\n\n\nx\n'
    expect([...parseFiles(answer, asked)]).toEqual([
      ['/proc/uptime', '1.5 1\n'],
      ['/a', 'no end'],
      ['/c', '\n\nx\n'],
    ])
  })

  test('an empty file has an empty text', () => {
    expect([...parseFiles('==> /a <==\n\n==> /b <==\n', asked)]).toEqual([
      ['/a', ''],
      ['/b', ''],
    ])
  })

  test('a header inside a text counts only if its path was asked for later', () => {
    const answer = '==> /b <==\ntext\n==> /etc/passwd <==\nroot\n\n==> /a <==\nback\n'
    expect([...parseFiles(answer, asked)]).toEqual([['/b', 'text\n==> /etc/passwd <==\nroot\n\n==> /a <==\nback\n']])
  })

  test('text that is no answer gives no file', () => {
    expect(parseFiles('', asked).size).toBe(0)
    expect(parseFiles('-bash: head: command not found\n', asked).size).toBe(0)
    expect(parseFiles('==> ', asked).size).toBe(0)
  })
})

describe('trees', () => {
  test('lines of stat, of GNU and busybox ls, of toybox ls, and bare paths', () => {
    const answer = [
      '35 11 /cg',
      '4919 2 /cg/a b\\x2dc',
      '  78 drwxr-xr-x.  3 root root 0 Nov 27 18:30 /cg/gnu',
      '79 drwxr-xr-x 2 root root 0 Nov 27  2025 /cg/old',
      '80 drwxr-xr-x 2 root root 0 2026-11-27 18:30 /cg/toy',
      '/cg/bare',
    ].join('\n')
    expect([...parseTree(answer, '/cg')]).toEqual([
      ['/cg', { inode: 35, links: 11 }],
      ['/cg/a b\\x2dc', { inode: 4919, links: 2 }],
      ['/cg/gnu', { inode: 78, links: 3 }],
      ['/cg/old', { inode: 79, links: 2 }],
      ['/cg/toy', { inode: 80, links: 2 }],
      ['/cg/bare', { inode: 1, links: 0 }],
    ])
  })

  test('paths outside the tree, and paths that climb, are left out', () => {
    const answer = '1 2 /etc\n2 2 /cg/../etc\n3 2 /cgx\n4 2 /cg//a\n5 2 /cg/./a\n6 2 relative\n7 2 /cg/.hidden\n'
    expect([...parseTree(answer, '/cg').keys()]).toEqual(['/cg/.hidden'])
  })
})

describe('listings', () => {
  test('names, and the targets of links', () => {
    const answer =
      'total 0\nlrwxrwxrwx 1 root root 0 Nov 27 18:30 dentry -> :a-0000192\ndrwxr-xr-x 2 root root 0 Nov 27 18:30 two words\n'
    expect([...parseListing(answer, true)]).toEqual([
      ['dentry', ':a-0000192'],
      ['two words', undefined],
    ])
  })

  test('without ls each line is a name, and an unmatched glob is none', () => {
    expect([...parseListing('a\nb c\n', false).keys()]).toEqual(['a', 'b c'])
    expect(parseListing('*\n', false).size).toBe(0)
  })
})

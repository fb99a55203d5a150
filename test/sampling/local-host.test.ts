// The host: real files below a root.
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { MAX_DRAIN, MAX_RECORD_LINE } from '../../src/sampling/device-reader.ts'
import { createLocalHost, isDirectory } from '../../src/sampling/local-host.ts'

/** A root with these files, and a host on it. */
function hostWith(files: Readonly<Record<string, string>>): { root: string; host: ReturnType<typeof createLocalHost> } {
  const root = mkdtempSync(join(tmpdir(), 'kmemtop-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text, 'latin1')
  const host = createLocalHost(`${root}/`)
  onTestFinished(() => {
    host.close()
    rmSync(root, { recursive: true })
  })
  return { root, host }
}

test('a text is read again each time, byte by byte', () => {
  const { root, host } = hostWith({ a: 'one \xff\n' })
  for (const text of ['one \xff\n', '', 'three: \x00\x80\n', 'x'.repeat(200_000), 'short']) {
    writeFileSync(join(root, 'a'), text, 'latin1')
    expect(host.readFile('/a')).toBe(text)
    expect(host.readFile('/a')).toBe(text)
  }
})

test('a missing file is an error with the code and the path', () => {
  const { root, host } = hostWith({})
  expect(() => host.readFile('/no')).toThrow(
    expect.objectContaining({ code: 'ENOENT', message: `ENOENT: no such file or directory, open '${root}/no'` }),
  )
  expect(() => host.listDirectory('/no')).toThrow(expect.objectContaining({ code: 'ENOENT' }))
  expect(() => host.statFile('/no')).toThrow(expect.objectContaining({ code: 'ENOENT' }))
})

test('names are bytes: every listed file can be read', () => {
  const { root, host } = hostWith({})
  const names = [Buffer.from('na\u00efve'), Buffer.from([0x62, 0xff, 0xfe]), Buffer.from('new\nline')]
  for (const name of names) mkdirSync(Buffer.concat([Buffer.from(`${root}/`), name]))
  const listed = host.listSubdirectories('')
  expect(listed.toSorted()).toEqual(names.map(name => name.toString('latin1')).toSorted())
  for (const name of listed) expect(host.statFile(`/${name}`).links).toBeGreaterThan(0)
  writeFileSync(Buffer.concat([Buffer.from(`${root}/`), names[1]!, Buffer.from('/use')]), '4096\n')
  expect(host.readFile('/b\xff\xfe/use')).toBe('4096\n')
})

test('directories, files and links are distinguished, and links have a target', () => {
  const { root, host } = hostWith({ file: '' })
  mkdirSync(join(root, 'directory'))
  symlinkSync('directory', join(root, 'link'))
  expect(host.listDirectory('').toSorted()).toEqual(['directory', 'file', 'link'])
  expect(host.listSubdirectories('')).toEqual(['directory'])
  expect([host.readLink('/link'), host.readLink('/file'), host.readLink('/no')]).toEqual([
    'directory',
    undefined,
    undefined,
  ])
})

test('a regular file in place of the log is drained once, then what is added to it', () => {
  const { root, host } = hostWith({ kmsg: '6,1,0,-;a\n' })
  expect(host.drainDevice('/kmsg')).toBe('6,1,0,-;a\n')
  expect(host.drainDevice('/kmsg')).toBe('')
  appendFileSync(join(root, 'kmsg'), '6,2,0,-;b\n')
  expect(host.drainDevice('/kmsg')).toBe('6,2,0,-;b\n')
})

test('a large log comes in pieces, none lost', () => {
  const text = Array.from({ length: 100_000 }, (_, i) => `6,${i},0,-;${'x'.repeat(60)}\n`).join('')
  const { host } = hostWith({ kmsg: text })
  let all = ''
  for (let piece = host.drainDevice('/kmsg'); piece !== ''; piece = host.drainDevice('/kmsg')) all += piece
  expect(all.length).toBe(text.length)
  expect(all === text).toBe(true)
})

test('a file of one line without end in place of the log is cut at the length of a record', () => {
  const { root, host } = hostWith({ kmsg: '6,1,0,-;a\n' })
  truncateSync(join(root, 'kmsg'), 3 * 2 ** 30)
  const pieces = Array.from({ length: 5 }, () => host.drainDevice('/kmsg'))
  expect(pieces[0]).toBe(`6,1,0,-;a\n${'\0'.repeat(MAX_RECORD_LINE)}`)
  expect(pieces.slice(1)).toEqual(['', '', '', ''])
})

test('only the line that is too long is cut', () => {
  const long = 'x'.repeat(MAX_DRAIN.first + 100_000)
  const { host } = hostWith({ kmsg: `6,1,0,-;a\n6,2,0,-;${long}\n6,3,0,-;b\n` })
  const all = Array.from({ length: 4 }, () => host.drainDevice('/kmsg')).join('')
  expect(all).toBe(`6,1,0,-;a\n${`6,2,0,-;${long}`.slice(0, MAX_RECORD_LINE)}\n6,3,0,-;b\n`)
})

test('a file is found when it is created', () => {
  const { root, host } = hostWith({})
  expect(() => host.readFile('/a')).toThrow('ENOENT')
  writeFileSync(join(root, 'a'), 'now')
  expect(host.readFile('/a')).toBe('now')
})

test('more files than may be kept open can be read', () => {
  const names = Array.from({ length: 600 }, (_, i) => `f${i}`)
  const { host } = hostWith(Object.fromEntries(names.map(name => [name, name])))
  for (let round = 0; round < 3; round++) for (const name of names) expect(host.readFile(`/${name}`)).toBe(name)
})

test('a directory is one, and nothing else is', () => {
  const { root } = hostWith({ file: '' })
  expect([root, join(root, 'file'), join(root, 'no')].map(isDirectory)).toEqual([true, false, false])
})

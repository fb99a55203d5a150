// Files as they come from elsewhere: of Windows, of a container runtime, torn, in another language.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parseMonth } from '../../../src/postmortem/logs/lines/months.ts'
import { readSavedFiles, type SavedFiles } from '../../../src/postmortem/logs/read-saved-files.ts'
import { parseCapture } from '../../collectors/kmsg/captures.ts'
import { formatLog, parseLog } from './log-formats.ts'

const folder = mkdtempSync(join(tmpdir(), 'kmemtop-files-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function saved(name: string, bytes: Buffer | string): Promise<SavedFiles> {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return readSavedFiles([path], 0)
}

const records = parseCapture('oom-nested.v1-6.18')
const dmesg = formatLog(records, 'dmesg')

test.each([
  ['UTF-16 with its mark', Buffer.from(`\ufeff${dmesg.replaceAll('\n', '\r\n')}`, 'utf16le')],
  ['UTF-16 without', Buffer.from(dmesg, 'utf16le')],
  ['UTF-16, the other order', Buffer.from(`\ufeff${dmesg}`, 'utf16le').swap16()],
  ['UTF-8 with a mark', `\ufeff${dmesg}`],
  ['NULs before and behind', `${'\0'.repeat(4096)}${dmesg}${'\0'.repeat(4096)}`],
  ['lines that a terminal filled up', dmesg.replaceAll('\n', '   \n')],
  ['copied from a page: blanks gone', dmesg.replaceAll(/ +/g, ' ')],
  ['an empty line behind each', dmesg.replaceAll('\n', '\n\n')],
])('a log is read as without: %s', async (name, bytes) => {
  const { logs } = await saved(name, bytes)
  const { kills } = parseLog(dmesg)
  expect(kills.length).toBe(2)
  expect(logs.flatMap(log => log.kills.map(({ kill }) => kill))).toEqual(kills.map(({ kill }) => kill))
})

test.each([
  ['CRI', (text: string) => `2026-11-23T10:00:00.000000001Z stdout F ${text}`],
  ['json-file', (text: string) => JSON.stringify({ log: `${text}\n`, stream: 'stdout', time: '2026-11-23T10:00:00Z' })],
  ['syslog', (text: string) => `Nov 23 10:00:00 node-7 myapp[12]: ${text}`],
])('kills that a container reports are shown as its claim: %s', async (name, wrap) => {
  const lines = dmesg.trimEnd().split('\n').map(wrap)
  const { logs, inputs } = await saved(name, `${lines.join('\n')}\n`)
  expect(logs.flatMap(log => log.kills)).toEqual([])
  expect(inputs[0]).toMatchObject({ skipped: null, untrustedLines: 4 })
})

test.each([0, 2])('JSON of a form that is not known is not silent about the kills in it (%i)', async indent => {
  const path = join(folder, 'hits.json')
  const message = 'Memory cgroup out of memory: Killed process 41 (web) total-vm:4000kB, anon-rss:1600kB'
  writeFileSync(path, JSON.stringify([{ _source: { message } }], null, indent))
  const { inputs, logs } = await readSavedFiles([path], 0)
  expect(inputs[0]).toMatchObject({ skipped: null, untrustedLines: 1 })
  expect(logs.flatMap(({ kills }) => kills)).toEqual([])
})

test('dmesg --json on one line', () => {
  const items = records.map(({ level, time, text }) => ({ pri: level, time: time / 1000, msg: text }))
  expect(parseLog(JSON.stringify({ dmesg: items })).kills.map(({ kill }) => kill.victim)).toEqual(
    parseLog(dmesg).kills.map(({ kill }) => kill.victim),
  )
})

test('a journal in blocks ends where plain lines go on', () => {
  const both = `${formatLog(records.slice(0, 3), 'journal export')}${dmesg}`
  expect(parseLog(both).kills).toHaveLength(2)
})

test.each([
  ['Mar', 2],
  ['März', 2],
  ['mär', 2],
  ['mars', 2],
  ['mai', 4],
  ['juin', 5],
  ['juil.', 6],
  ['févr.', 1],
  ['août', 7],
  ['ago', 7],
  ['dez', 11],
  ['12月', 11],
  ['3月', 2],
  ['11월', 10],
  ['июн', 5],
  ['июл', 6],
  ['lip', 6],
  ['paź', 9],
  ['Started', undefined],
  ['13月', undefined],
])('the month %s', (word, month) => {
  expect(parseMonth(Buffer.from(word).toString('latin1'))).toBe(month)
})

test('a month of a language that is not known costs the time only', () => {
  const lines = dmesg.replaceAll(/^\[[^\]]*\] /gm, '[Xyz qqq 23 10:00:00 2026] ')
  expect(parseLog(lines)).toMatchObject({ format: 'dmesg -T', kills: [{ location: { wall: null } }, {}] })
})

test('links: what they point to is read when the search does not come by it, and never in circles', async () => {
  const [tree, other] = ['tree', 'other'].map(name => join(folder, name))
  mkdirSync(join(tree!, 'log'), { recursive: true })
  mkdirSync(other!)
  writeFileSync(join(tree!, 'log/messages'), dmesg)
  writeFileSync(join(other!, 'kern.log'), dmesg)
  const links = [
    ['log/again', 'messages'],
    ['log/loop', '..'],
    ['log/nothing', '/nowhere/at/all'],
    ['log/kern.log', join(other!, 'kern.log')],
    ['log/folder', other!],
  ]
  for (const [name, target] of links) symlinkSync(target!, join(tree!, name!))
  const { inputs } = await readSavedFiles([tree!], 0)
  expect(inputs.map(({ file, skipped }) => [file.slice(tree!.length), skipped]).sort()).toEqual([
    ['/log/folder', `a link to a folder elsewhere: give ${realpathSync(other!)} too`],
    ['/log/kern.log', null],
    ['/log/messages', null],
  ])
})

// Reports as log products export them: JSON, CSV and tables, markup of web pages. The same facts as the report itself.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { LogEvidence } from '../../../src/postmortem/evidence.ts'
import { analyzeText } from '../analyze-text.ts'
import { getLogPath } from './log-formats.ts'

const read = async (text: string): Promise<LogEvidence> => (await analyzeText(text)).evidence

interface Line {
  readonly text: string
  /** the kernel's stamp */
  readonly boot: string
  readonly index: number
}

function readLines(name: string): readonly Line[] {
  let boot = ''
  const lines = readFileSync(getLogPath(`${name}.dmesg`), 'latin1')
    .trimEnd()
    .split('\n')
  return lines.map((line, index) => {
    boot = /^\[([ \d.]+)\]/.exec(line)?.[1] ?? boot
    const text = line.replace(/^\[[ \d.]+\] /, '').replace(/^ {8,}(?=\w+ \d+$)/, '')
    return { text: text.replace(/^ {8,}/, ' '), boot, index }
  })
}

const json = (value: object): string => JSON.stringify(value)
const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`
const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll("'", '&#39;')
const STAMP = '2024-06-17T03:52:10.123Z'
const SYSLOG = 'Jun 17 03:52:10 db6 kernel: '

const EXPORTS: readonly (readonly [string, (line: Line) => string])[] = [
  ['fluentd', ({ text }) => `2024-06-17 03:52:10.000000000 +0000 kernel: ${json({ host: 'db6', message: text })}`],
  [
    'fluentd, a journal',
    ({ text }) => `2024-06-17 03:52:10.000000000 +0000 node: ${json({ _TRANSPORT: 'kernel', MESSAGE: text })}`,
  ],
  [
    'fluent-bit on stdout',
    ({ text, index }) =>
      `[${index}] kmsg.0: [[1718596330.123, {}], ${json({ priority: 4, sequence: 9 + index, sec: 9, usec: index, msg: text })}]`,
  ],
  [
    'fluent-bit',
    ({ text, index }) => json({ date: 1.5, priority: 4, sequence: 9 + index, sec: 9, usec: index, msg: text }),
  ],
  [
    'fluent-bit, syslog',
    ({ text }) => json({ date: 1718596330.1, pri: '4', host: 'db6', ident: 'kernel', message: text }),
  ],
  ['vector, journald', ({ text }) => json({ PRIORITY: '4', _TRANSPORT: 'kernel', message: text, timestamp: STAMP })],
  ['vector, syslog', ({ text }) => json({ appname: 'kernel', facility: 'kern', message: text, timestamp: STAMP })],
  ['logcli', ({ text }) => `2024-06-17T03:52:10Z {host="db6", transport="kernel"} ${text}`],
  ['logcli, lines of syslog', ({ text }) => `2024-06-17T03:52:10Z {host="db6", job="files"} ${SYSLOG}${text}`],
  ['logcli -o jsonl', ({ text }) => json({ labels: { transport: 'kernel' }, line: text, timestamp: STAMP })],
  [
    'Grafana JSON',
    ({ text }) => json({ line: text, timestamp: '1718596330100000000', fields: { transport: 'kernel' } }),
  ],
  ['Grafana CSV', ({ text }) => `1718596330100,2024-06-17 03:52:10.100,${quote(text)},171,"{""host"":""db6""}"`],
  [
    'Datadog JSON',
    ({ text }) => json({ timestamp: STAMP, service: 'kernel', attributes: { syslog: { facility: 0 } }, message: text }),
  ],
  ['Datadog CSV', ({ text }) => `${STAMP},db6,kernel,${quote(text)}`],
  ['Splunk CSV', ({ text }) => `${quote(SYSLOG + text)},"2024-06-17T03:52:10.000+0000",db6,main,1,"/var/log/messages"`],
  ['Splunk JSON', ({ text }) => json({ preview: false, result: { _raw: SYSLOG + text, sourcetype: 'syslog' } })],
  ['CloudWatch JSON', ({ text }) => json({ timestamp: 1718596330100, message: SYSLOG + text })],
  ['CloudWatch CSV', ({ text }) => `1718596330100,${quote(SYSLOG + text)}`],
  ['CloudWatch, tabs', ({ text }) => `EVENTS\t1718596330200\t${SYSLOG}${text}\t1718596330100`],
  ['CloudWatch tail', ({ text }) => `2024-06-17T03:52:10.123000+00:00 i-0123456789abcdef0 ${SYSLOG}${text}`],
  [
    'Cloud Logging of a serial console',
    ({ text, boot }) => json({ insertId: 'x', textPayload: `[${boot}] ${text}`, timestamp: STAMP }),
  ],
  [
    'Elastic JSON',
    ({ text }) => json({ _id: 'x', _source: { '@timestamp': STAMP, process: { name: 'kernel' }, message: text } }),
  ],
  [
    'filebeat',
    ({ text }) => json({ '@timestamp': STAMP, log: { file: { path: '/var/log/kern.log' } }, message: SYSLOG + text }),
  ],
  ['Kibana CSV', ({ text }) => `"Jun 17, 2024 @ 03:52:10.123",db6,kernel,${quote(text)}`],
  [
    'Papertrail TSV',
    ({ text, index }) => `${index}\t${STAMP}\t${STAMP}\t22\tdb6\t10.1.2.3\tKern\tWarning\tkernel\t${text}`,
  ],
  ['GELF', ({ text }) => json({ version: '1.1', short_message: text, timestamp: 1718596330.1, _tag: 'kernel' })],
  ['VictoriaLogs', ({ text }) => json({ _time: STAMP, _msg: text, _TRANSPORT: 'kernel' })],
  [
    'rsyslog JSON',
    ({ text }) => json({ '@timestamp': STAMP, facility: 'kern', programname: 'kernel', message: ` ${text}` }),
  ],
  [
    'OpenTelemetry',
    ({ text }) =>
      json({
        timeUnixNano: '1718596330100000000',
        attributes: [{ key: 'SYSLOG_IDENTIFIER', value: { stringValue: 'kernel' } }],
        body: { stringValue: text },
      }),
  ],
  ['a list of objects', ({ text, index }) => `${index === 0 ? '[' : ' '}${json({ ident: 'kernel', message: text })},`],
  ['HTML', ({ text, boot }) => escapeHtml(`[${boot}] ${text}`)],
  ['HTML with no-break spaces', ({ text, boot }) => `[${boot}]&nbsp;${escapeHtml(text)}`],
  ['XML', ({ text, boot }) => `<message level="4">${escapeHtml(`[${boot}] ${text}`)}</message>`],
  ['a forum', ({ text, boot, index }) => `${index === 0 ? '[CODE]' : ''}[${boot}] ${text}`],
  ['Jira', ({ text, boot, index }) => `${index === 0 ? '{noformat}' : ''}[${boot}] ${text}`],
  ['Markdown', ({ text, boot, index }) => `${index === 0 ? '```text\n' : ''}[${boot}] ${text}`],
  ['colours without their escape character', ({ text, boot }) => `[32m[${boot}] [0m[33m${text}[0m`],
  ['cat -v', ({ text, boot }) => `^[[32m[${boot}] ^[[0m^[[33m${text}^[[0m`],
  ['an editor with line numbers', ({ text, index }) => `${String(index + 1).padStart(4)} ${SYSLOG}${text}`],
  ['syslog with message IDs', ({ text }) => `${SYSLOG}[ID 702911 kern.warning] ${text}`],
]

const NAMES = ['oom-global.6.6', 'oom-memcg.5.4', 'oom-memcg.3.10.0-957']
const FACTS = ['global', 'complete', 'invoker', 'oomMemcg', 'victim', 'memory', 'tasks', 'stat', 'memInfo'] as const

describe.each(NAMES)('the report of %s', name => {
  const lines = readLines(name)

  test.each(EXPORTS)('has the same facts as %s', async (_, write) => {
    const [truth] = (await read(readFileSync(getLogPath(`${name}.dmesg`), 'latin1'))).kills
    const { kills, events, inputs, relayed } = await read(`${lines.map(write).join('\n')}\n`)
    expect(kills).toHaveLength(1)
    for (const fact of FACTS) expect(kills[0]!.kill[fact], fact).toEqual(truth!.kill[fact])
    expect(relayed).toEqual([])
    expect(events.filter(({ event }) => event.kind === 'oom-without-kill')).toEqual([])
    expect(inputs[0]).toMatchObject({ skipped: null, untrustedLines: 0, unread: { count: 0 } })
  })
})

const KILLED = 'Out of memory: Killed process 7 (x) total-vm:9kB, anon-rss:8kB, file-rss:0kB, shmem-rss:0kB, UID:0'

test.each([
  ['a container', json({ log: `[ 12.345678] ${KILLED}\n`, stream: 'stdout', time: STAMP })],
  ['a pod', json({ message: `${SYSLOG}${KILLED}`, kubernetes: { pod_name: 'shop' } })],
  [
    'a file of a container',
    json({ message: `${SYSLOG}${KILLED}`, log: { file: { path: '/var/log/pods/shop/0.log' } } }),
  ],
  ['a program', json({ message: KILLED, service: 'shop' })],
  ['a program of another facility', json({ message: KILLED, appname: 'kernel', facility: 'user' })],
  ['nobody', json({ message: KILLED })],
  ['a pod, by its labels', `2024-06-17T03:52:10Z {pod="shop"} ${KILLED}`],
])('what %s says is not the kernel’s word', async (_, line) => {
  const { kills, inputs } = await read(`${line}\n`)
  expect(kills).toEqual([])
  expect(inputs[0]!.untrustedLines).toBe(1)
})

// Hooks: what a receiver gets, what a failing one costs, and that nothing from the node reaches a shell.
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createInitialState } from '../../src/app/state.ts'
import { createStore, type Store } from '../../src/app/store.ts'
import { DeliveryQueue } from '../../src/cli/hooks/delivery-queue.ts'
import { followEvents } from '../../src/cli/hooks/follow-events.ts'
import { buildEventEnv, runHookCommand } from '../../src/cli/hooks/run-hook-command.ts'
import { startHooks } from '../../src/cli/hooks/start-hooks.ts'
import { parseWebhook } from '../../src/cli/hooks/webhook.ts'
import type { Alert } from '../../src/detectors/alerts.ts'
import { getPriority, type MonitorEvent } from '../../src/export/monitor-event.ts'
import { createHistory, type Reading } from '../../src/history.ts'
import { createLogReading, formatReport } from '../detectors/kills.ts'
import { createMeminfo } from '../detectors/readings.ts'
import { session } from '../fixtures.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'

const HOSTILE = '$(touch owned); `touch owned` "\n\x1b[31m\0'
const folder = createTemporaryFolder()

function createTestStore(): { store: Store; send: (...readings: Reading[]) => void } {
  const store = createStore(createInitialState(createHistory(session)))
  return { store, send: (...readings) => store.dispatch({ type: 'readings', readings }) }
}

const kill = (at: number, comm = 'java'): Reading => createLogReading(at + 100, formatReport(at, { comm }))

/** The event of one kill by this process. */
function createEvent(comm: string): MonitorEvent {
  const { store, send } = createTestStore()
  const events: MonitorEvent[] = []
  followEvents(store, event => events.push(event))
  send(kill(4000, comm))
  return events[0]!
}

describe('events', () => {
  test('a kill is an alert at once, and a little later an event of its own; kills of before are none', () => {
    const { store, send } = createTestStore()
    const events: string[] = []
    const finish = followEvents(store, event => events.push(event.kind === 'alert' ? event.change : event.kind))
    send(createLogReading(0, formatReport(-120_000)), createMeminfo(1000))
    expect(events).toEqual([])
    send(kill(4000))
    expect(events).toEqual(['again'])
    send(createMeminfo(9000))
    send(createMeminfo(10_000))
    expect(events).toEqual(['again', 'oom-kill'])
    finish()
    expect(events).toEqual(['again', 'oom-kill'])
  })

  test('an end before the kill has settled reports it', () => {
    const { store, send } = createTestStore()
    const events: string[] = []
    const finish = followEvents(store, ({ kind }) => events.push(kind))
    send(kill(4000))
    finish()
    expect(events).toEqual(['alert', 'oom-kill'])
  })

  test('priorities are those of syslog', () => {
    const event = createEvent('java') as MonitorEvent & { readonly kind: 'alert' }
    expect(getPriority(event)).toBe(2)
    expect(getPriority({ ...event, change: 'resolved' })).toBe(5)
  })
})

describe('--on-alert', () => {
  test('gets the alert on stdin and in variables; hostile names stay data', async () => {
    const file = join(folder, 'alert.json')
    const base = createEvent('java') as MonitorEvent & { readonly kind: 'alert' }
    const event = { ...base, alert: { ...base.alert, subject: HOSTILE, summary: HOSTILE } as Alert }
    await runHookCommand(`cd ${folder}; cat > alert.json; printf '%s' "$KMEMTOP_SUBJECT" > subject`, event)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ event: 'alert', change: 'raised', subject: HOSTILE })
    expect(readFileSync(join(folder, 'subject'), 'utf8')).toBe(buildEventEnv(event).KMEMTOP_SUBJECT)
    expect(existsSync(join(folder, 'owned'))).toBe(false)
    expect(buildEventEnv(event).KMEMTOP_SUBJECT).not.toMatch(/[\x00-\x1f]/)
  })

  test('one that fails says how, with the end of its errors', async () => {
    await expect(runHookCommand('echo no route >&2; exit 7', createEvent('a'))).rejects.toThrow('code 7: no route')
    await expect(runHookCommand('kill -9 $$', createEvent('a'))).rejects.toThrow('SIGKILL')
  })

  test('one that does not read its input or stays in the background is no problem', async () => {
    await runHookCommand('exec 0<&-; true', createEvent('a'))
    await runHookCommand(`sleep 60 & echo $! > ${folder}/pid`, createEvent('a'))
    process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')))
  })

  test('one that takes too long is ended, and nothing is when the time of one that has ended is over', async () => {
    const timeout = 300
    await runHookCommand(`sleep 60 & echo $! > ${folder}/pid`, createEvent('a'), timeout)
    await expect(runHookCommand('sleep 60', createEvent('a'), timeout)).rejects.toThrow(
      'longer than 0.3 s and was ended',
    )
    process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')))
  })
})

describe('--webhook', () => {
  const servers: ReturnType<typeof createServer>[] = []
  afterEach(() => {
    for (const server of servers) server.close().closeAllConnections()
  })

  /** A receiver that answers with these codes, then 200. */
  async function startReceiver(...codes: number[]) {
    const requests: { url: string; headers: IncomingHttpHeaders; body: unknown }[] = []
    const server = createServer((request, response) => {
      let text = ''
      request.on('data', chunk => {
        text += chunk
      })
      request.on('end', () => {
        requests.push({ url: request.url!, headers: request.headers, body: JSON.parse(text) })
        response.writeHead(codes.shift() ?? 200).end()
      })
    })
    servers.push(server.listen(0, '127.0.0.1'))
    await vi.waitFor(() => expect(server.listening).toBe(true), 60_000)
    return { requests, base: `127.0.0.1:${(server.address() as AddressInfo).port}` }
  }

  test('sends the payload of Alertmanager, with the password of the URL in a header, and tries again', async () => {
    const { requests, base } = await startReceiver(503)
    const { store, send } = createTestStore()
    const finish = startHooks({ webhook: `http://me:s%40cret@${base}/hook?key=1` }, store)
    send(kill(4000))
    await vi.waitFor(() => expect(requests).toHaveLength(2), 60_000)
    await finish()
    expect(requests[1]).toMatchObject({
      url: '/hook?key=1',
      headers: { authorization: `Basic ${Buffer.from('me:s@cret').toString('base64')}` },
      body: {
        version: '4',
        status: 'firing',
        alerts: [
          {
            status: 'firing',
            labels: { alertname: 'KmemtopOomKill', severity: 'critical', instance: session.host },
            endsAt: '0001-01-01T00:00:00Z',
            fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
          },
        ],
      },
    })
  })

  test('a URL of the API of Alertmanager gets a list of alerts that end by themselves', async () => {
    const { requests, base } = await startReceiver()
    const { store, send } = createTestStore()
    const finish = startHooks({ webhook: `http://${base}/api/v2/alerts` }, store)
    send(kill(4000))
    await finish()
    const [alert] = requests[0]!.body as { startsAt: string; endsAt: string; labels: object }[]
    expect(alert).toMatchObject({ labels: { alertname: 'KmemtopOomKill' } })
    expect(Date.parse(alert!.endsAt)).toBeGreaterThan(Date.parse(alert!.startsAt))
  })

  test('no secret is in what is shown, and a bad URL is refused without repeating it', () => {
    expect(parseWebhook('https://u:p@h/x?token=t', undefined).shownUrl).toBe('https://h/x')
    expect(() => parseWebhook('ftp://u:secret@h', undefined)).toThrow(/^(?!.*secret)/)
    expect(() => parseWebhook('http://u:secret%zz@h', undefined)).toThrow(/^--webhook: a % in (?!.*secret)/)
  })
})

describe('the queue', () => {
  test('a receiver that is away keeps at most 100, the newest, and says so once', async () => {
    const log: string[] = []
    let open = (): void => {}
    const gate = new Promise<void>(resolve => {
      open = resolve
    })
    const delivered: number[] = []
    const deliver = async (item: number): Promise<void> => {
      await gate
      delivered.push(item)
    }
    const queue = new DeliveryQueue<number>({ name: 'x', deliver, retries: true, log: text => log.push(text) })
    for (let i = 0; i < 300; i++) queue.push(i)
    open()
    await queue.finish()
    expect(delivered).toHaveLength(101)
    expect(delivered.at(-1)).toBe(299)
    expect(log).toEqual(['x: 199 were left out, too many waited'])
  })

  test('says at the end what a receiver did not take that never answers', async () => {
    const log: string[] = []
    const deliver = (): Promise<void> => new Promise(() => {})
    const queue = new DeliveryQueue<number>({ name: 'x', deliver, retries: true, log: text => log.push(text) })
    for (const item of [1, 2, 3]) queue.push(item)
    await queue.finish(1)
    expect(log).toEqual(['x: the last 3 were not delivered'])
  })

  test('the rest is tried once at the end, without waiting for the next attempt', async () => {
    let attempts = 0
    const deliver = async (): Promise<void> => {
      attempts++
      throw new Error('refused')
    }
    const log: string[] = []
    const queue = new DeliveryQueue<number>({ name: 'x', deliver, retries: true, log: text => log.push(text) })
    queue.push(1)
    queue.push(2)
    await queue.finish()
    expect(attempts).toBeGreaterThanOrEqual(2)
    expect(log).toEqual(['x: refused; trying again', 'x: the last 2 were not delivered'])
  })
})

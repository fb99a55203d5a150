// Runs the command of --on-alert. What comes from the node reaches it on stdin and in variables, never in the shell's text.
import { spawn } from 'node:child_process'
import { toJson } from '../../base/json.ts'
import { escapeControls } from '../../base/text.ts'
import { SECOND } from '../../base/units.ts'
import { type MonitorEvent, toEventJson } from '../../export/monitor-event.ts'
import { resetOomScore } from '../protect-process.ts'

const TIMEOUT = 30 * SECOND
const MAX_VALUE = 4000 // characters of a variable
const MAX_OUTPUT = 500 // of its stderr, for the message when it fails

/** Runs `command` in a shell for one event. @throws Error if it fails or takes longer than 30 s: it is then killed */
export async function runHookCommand(command: string, event: MonitorEvent, timeout = TIMEOUT): Promise<void> {
  const child = spawn('/bin/sh', ['-c', resetOomScore(command)], {
    env: { ...process.env, ...buildEventEnv(event) },
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true, // a process group of its own: all of it ends at the timeout
  })
  let errors = ''
  child.stderr.on('data', (bytes: Buffer) => {
    errors = (errors + bytes.toString('utf8')).slice(0, MAX_OUTPUT)
  })
  child.stdin.on('error', () => {}) // it need not read
  child.stdin.end(`${toJson(toEventJson(event))}\n`)
  const signal = AbortSignal.timeout(timeout)
  const killIt = (): void => killGroup(child.pid)
  signal.addEventListener('abort', killIt)
  const [code, endedBy] = await new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (...end) => resolve(end))
  })
  signal.removeEventListener('abort', killIt) // its id may be that of another process by then
  child.stderr.destroy() // what it left running in the background may keep it open
  if (signal.aborted && endedBy !== null) throw new Error(`took longer than ${timeout / SECOND} s and was ended`)
  if (code !== 0) throw new Error(`ended with ${endedBy ?? `code ${code}`}${errors === '' ? '' : `: ${errors.trim()}`}`)
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // it has ended
  }
}

/** Returns the variables of an event: KMEMTOP_EVENT, KMEMTOP_CHANGE, KMEMTOP_DETECTOR, KMEMTOP_SEVERITY, KMEMTOP_TITLE … */
export function buildEventEnv(event: MonitorEvent): Record<string, string> {
  const json = toEventJson(event)
  const names = ['event', 'host', 'change', 'detector', 'severity', 'subject', 'title', 'summary', 'time', 'taskMemcg']
  const values = names.flatMap(name => (typeof json[name] === 'string' ? [[name, json[name]] as const] : []))
  return Object.fromEntries(
    values.map(([name, value]) => [
      `KMEMTOP_${name.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`,
      escapeControls(value).slice(0, MAX_VALUE),
    ]),
  )
}

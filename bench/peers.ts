// The programs to measure: kmemtop, and the monitors that people know, each redrawing once a second.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

/** How to start a program, and how to know its first whole frame. */
export interface Program {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** On the screen as soon as the frame has its content, not only its boxes. */
  readonly ready: RegExp
  /** What it needs of the environment. */
  readonly env: Readonly<Record<string, string>>
  /** Arguments for text output without a terminal, `n` times; undefined where there is no such thing. */
  readonly headless?: (n: number) => readonly string[]
  /** Why it cannot be measured here. */
  readonly missing?: string
}

const REPOSITORY = resolve(import.meta.dirname, '..')

type Peer = Omit<Program, 'env' | 'missing' | 'command'> & { readonly apt: string; readonly command?: string }

const PEERS: readonly Peer[] = [
  { name: 'btop', apt: 'btop', args: [], ready: /\d+[.\d]* [GM]iB/ },
  { name: 'htop', apt: 'htop', args: ['-d', '10'], ready: /Load average: \d/ },
  { name: 'atop', apt: 'atop', args: ['1'], ready: /^MEM \|.*\d/m },
  { name: 'slabtop', apt: 'procps', args: ['-d', '1'], ready: /^ *\d+ .*\d+% .*\d+K/m },
  {
    name: 'systemd-cgtop',
    apt: 'systemd',
    args: ['-d', '1', '-m'],
    ready: /Control Group/i,
    headless: n => ['-b', '-d', '1', '-m', '--depth=10', '-n', String(n)],
  },
  { name: 'glances', apt: 'glances', args: ['-t', '1', '--disable-check-update'], ready: /LOAD|MEM .*%/ },
  {
    name: 'top',
    apt: 'procps',
    args: ['-d', '1'],
    ready: /^MiB Mem :/m,
    headless: n => ['-b', '-d', '1', '-n', String(n)],
  },
]

function isInstalled(command: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some(folder => existsSync(join(folder, command)))
}

function createKmemtop(env: Program['env']): Program {
  const launcher = join(REPOSITORY, 'bin/kmemtop')
  const built = existsSync(launcher) && existsSync(join(REPOSITORY, 'dist'))
  return {
    name: 'kmemtop',
    command: launcher,
    args: [],
    ready: /MemAvailable +\d/, // not yet in the frame that is shown while the program is loaded
    env,
    headless: n => ['-b', '-n', String(n)],
    ...(built ? {} : { missing: 'not built: npm run build' }),
  }
}

/** All of them. `home` is an empty folder that is their home: nobody's settings count. */
export function listPrograms(home: string): readonly Program[] {
  const env = { HOME: home, XDG_CONFIG_HOME: join(home, '.config'), XDG_STATE_HOME: join(home, '.state'), TMPDIR: home }
  mkdirSync(join(home, '.config/btop'), { recursive: true })
  writeFileSync(join(home, '.config/btop/btop.conf'), 'update_ms = 1000\n') // it has no option for this
  const peers = PEERS.map(({ apt, ...peer }) => ({
    ...peer,
    command: peer.name,
    env,
    ...(isInstalled(peer.name) ? {} : { missing: `apt-get install ${apt}` }),
  }))
  return [createKmemtop(env), ...peers]
}

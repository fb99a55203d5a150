// Another node over a command: the screen, the verdict and the recording are those of a local run.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { openTerminal } from '../helpers/terminal.ts'
import { NODE, PROGRAM, runProgram } from './program.ts'
import { makeTree } from './tree.ts'

const run = (...args: readonly string[]) => spawnSync(PROGRAM, args, { encoding: 'utf8', timeout: 60_000 })

describe('a saved node', () => {
  const tree = makeTree()

  test('gives the verdict of a local run', () => {
    const [local, over] = [[], ['--via', 'sh']].map(via => {
      const { status, stdout } = run('check', '--json', '--root', tree.root, ...via)
      const { verdict, alerts, sources } = JSON.parse(stdout)
      const states = sources.map(({ id, ok, hint }: Record<string, unknown>) => ({ id, ok, hint }))
      return { status, verdict, alerts, states }
    })
    expect(local!.states.length).toBeGreaterThan(10)
    expect(over).toEqual(local)
  })

  test('is recorded like a local one', () => {
    const folder = createTemporaryFolder()
    const numbers = [[], ['--via', 'sh']].map((via, i) => {
      const file = join(folder, `${i}.kmem`)
      const { status, stderr } = run('record', '-o', file, '-n', '3', '-i', '200ms', '--root', tree.root, ...via)
      expect(status, stderr).toBe(0)
      const csv = execFileSync(PROGRAM, ['dump', file, '--format', 'csv', '--fields', 'memory.MemFree'], {
        encoding: 'utf8',
      })
      const values = csv
        .trim()
        .split('\n')
        .map(line => line.replace(/^.*,/, ''))
      return values.slice(0, 4) // what comes while the last sample is taken in is recorded too
    })
    expect(numbers[1]).toEqual(numbers[0])
  })
})

describe('what cannot be reached', () => {
  test('is one sentence with the words of the command, and exit code 2', () => {
    const { status, stderr, stdout } = run('check', '--via', "echo 'Host key verification failed.' >&2; exit 255")
    expect(status).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^kmemtop: --via .*no kmemtop collector answered: .*Host key verification failed\./m)
    expect(stderr).toMatch(/must give a POSIX shell on the node, like: ssh root@node sh/)
  })

  test('without mkfifo here, it is named', () => {
    const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
    const env = { ...process.env, PATH: createTemporaryFolder() }
    const { status, stderr } = spawnSync(NODE, [program, 'check', '--via', 'sh'], { encoding: 'utf8', env })
    expect(status).toBe(2)
    expect(stderr).toMatch(/cannot make pipes in .*: mkfifo is missing, which coreutils and busybox have$/m)
  })

  test('and lost while it is sampled, a check does not know', () => {
    const { status, stderr } = run('check', '--for', '20s', '--via', '(sleep 3; kill -9 $$) & exec sh')
    expect(status).toBe(2)
    expect(stderr).toMatch(/lost/)
  })
})

test('the file of the script is played, checked and dumped like a recording', () => {
  const folder = createTemporaryFolder()
  const file = join(folder, 'node.txt')
  const script = join(folder, 'c.sh')
  writeFileSync(script, run('collector').stdout)
  execFileSync('sh', ['-c', 'sh "$1" --for 2s --every 1s >"$2"', 'sh', script, file])
  const [, samples] = /duration +\d+ s, (\d+) samples/.exec(run('info', file).stdout)!
  expect(['2', '3']).toContain(samples) // 2 where a sample takes half a second
  expect(run('replay', file, '--frame').stdout).toMatch(/kmemtop {2}\S+ +Linux/)
  expect(run('dump', file, '--format', 'csv', '--fields', 'memory.MemTotal').stdout.split('\n')).toHaveLength(
    Number(samples) + 2,
  )
  expect([0, 1]).toContain(run('check', file).status)
  const analysis = run('analyze', file)
  expect([0, 1]).toContain(analysis.status)
  expect(analysis.stdout).not.toMatch(/^\w[\w ]+: *$/m) // smaps is no meminfo without numbers
  const listed = [...analysis.stdout.matchAll(/^slabinfo: (.*) listed/gm)].map(([, bytes]) => bytes)
  expect(listed.length).toBeGreaterThan(1)
  for (const bytes of listed) expect(bytes).toMatch(/^[\d.]+ [MG]iB$/) // each whole, not its last lines
})

test('a node that is rebooted is shown so, and its new boot is another session of the recording', async () => {
  const folder = createTemporaryFolder()
  const file = join(folder, 'two-boots.kmem')
  const far = join(folder, 'far')
  const second = join(folder, 'second')
  // the second connection answers with another boot ID
  writeFileSync(
    far,
    `if [ -e ${second} ]; then sh | sed -u 's/^[0-9a-f]\\{8\\}-.*/another-boot/'; else echo $$ >${second}; exec sh; fi`,
  )
  await runProgram({ columns: 160, rows: 40, args: ['-w', file, '--via', `exec sh ${far}`] }, async terminal => {
    process.kill(Number(readFileSync(second, 'utf8')), 'SIGKILL')
    await terminal.waitFor(/node rebooted, found [2-9] s ago[\s\S]*● REC/) // samples of the new boot have come
  })
  const { stdout } = run('info', file)
  expect(stdout).toMatch(/boot +[0-9a-f]{8}-.*\nthen .* boot another-boot\n/)
  expect(stdout).toMatch(/gaps +none/)
})

test('without a terminal the list is text, and says which node is not reached', () => {
  const { stdout, status } = run('-b', '-n', '3', '--via', 'sh', '--via', 'echo no route >&2; exit 1')
  expect(status).toBe(0)
  expect(stdout).toMatch(/2 nodes, \d critical, 1 without data/)
  expect(stdout).toMatch(/not reached: the command ended: no route/)
})

test('several nodes are a list: Enter opens one or says why it cannot, q comes back, q ends', async () => {
  const terminal = await openTerminal({
    command: PROGRAM,
    args: ['--via', 'sh', '--via', 'echo no route >&2; exit 1', '--via', 'exec sleep 1234'],
    columns: 160,
    rows: 20,
  })
  try {
    await terminal.waitFor(/3 nodes, \d critical, 2 without data[\s\S]*\n. \S+ +[\d.]+ [GM]iB/)
    // the order depends on the alerts of this machine, and may change until a node is selected with a key
    const select = (name: RegExp): Promise<void> => {
      const find = (pattern: RegExp): number => terminal.screen().findIndex(line => pattern.test(line))
      let hasMoved = false
      const isSelected = (): boolean => {
        const steps = find(name) - find(/^>/)
        if (steps === 0 && hasMoved) return true
        hasMoved = true
        terminal.write(steps >= 0 ? '\x1b[B' : '\x1b[A')
        return false
      }
      return expect.poll(isSelected, { interval: 500 }).toBe(true)
    }
    const openNode = async (name: RegExp, expected: RegExp): Promise<void> => {
      await select(name)
      terminal.write('\r')
      await terminal.waitFor(expected)
    }
    await openNode(/^. exec sleep/, /exec sleep 1234 has not answered yet: connecting/)
    await openNode(/^. echo no/, /cannot be opened: not reached: the command ended: no route; (next|connecting)/)
    await openNode(/^. \S+ +[\d.]+ [GM]iB/, /kmemtop {2}\S+ over .*LIVE/)
    terminal.write('q')
    await terminal.waitFor(/3 nodes, \d critical/)
    terminal.write('q')
    expect(await terminal.exited).toMatchObject({ code: 0 })
  } finally {
    await terminal.close()
  }
})

test('a node that stalls or dies does not hold up the others of its thread', async () => {
  const folder = createTemporaryFolder()
  const readPid = (name: string): number => Number(readFileSync(join(folder, name), 'utf8'))
  // four nodes share three threads: the first and the last are in one
  const commands = ['exec sh', `echo $$ >${folder}/b; exec sh`, 'true && exec sh', `echo $$ >${folder}/d; exec sh`]
  const terminal = await openTerminal({
    command: PROGRAM,
    args: commands.flatMap(command => ['--via', command]),
    columns: 160,
    rows: 20,
  })
  try {
    await terminal.waitFor(/4 nodes, \d critical, 0 without data/)
    process.kill(readPid('d'), 'SIGSTOP')
    process.kill(readPid('b'), 'SIGKILL')
    await terminal.waitFor(/no answer for \d+ s, this screen is stale/)
    await terminal.waitFor(/4 nodes, \d critical, 1 without data/) // the one that died is there again
    process.kill(readPid('d'), 'SIGCONT')
    await terminal.waitFor(/4 nodes, \d critical, 0 without data/)
    terminal.write('q')
    expect(await terminal.exited).toMatchObject({ code: 0 })
  } finally {
    await terminal.close()
  }
})

test('a stall of ten seconds is shown, and leaves a gap and no wrong number', async () => {
  const folder = createTemporaryFolder()
  const [file, pidFile] = [join(folder, 'stall.kmem'), join(folder, 'pid')]
  const args = ['-w', file, '--via', `echo $$ >${pidFile}; exec sh`]
  await runProgram({ columns: 160, rows: 40, args }, async terminal => {
    await terminal.waitFor(/● REC/)
    const pid = Number(readFileSync(pidFile, 'utf8'))
    process.kill(pid, 'SIGSTOP')
    await terminal.waitFor(/no answer for 1\d s, this screen is stale/)
    process.kill(pid, 'SIGCONT')
    const readClock = (): string => /(\d\d:\d\d:\d\d) *$/.exec(terminal.screen()[0]!)?.[1] ?? ''
    for (let samples = 0; samples < 3; samples++) {
      const before = readClock()
      await terminal.waitFor(() => readClock() !== before && /● REC/.test(terminal.screen()[0]!))
    }
    terminal.write('q')
    await terminal.exited
  })
  const csv = spawnSync(PROGRAM, ['dump', file, '--format', 'csv', '--fields', 'memory.MemTotal'], { encoding: 'utf8' })
  const [, ...rows] = csv.stdout.trim().split('\n')
  const times = rows.map(row => Date.parse(row.split(',')[0]!))
  const gaps = times.slice(1).map((time, i) => time - times[i]!)
  expect(Math.max(...gaps)).toBeGreaterThan(9000)
  expect(new Set(rows.map(row => row.split(',')[1])).size).toBe(1)
  expect(spawnSync(PROGRAM, ['info', file], { encoding: 'utf8' }).stdout).toMatch(/completed +yes/)
})

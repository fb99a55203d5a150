// A real OOM kill in a cgroup of our own, seen on the screen, in JSON and in a recording; on this kernel and on cgroup v2 in the lab's VM.

import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { expect } from 'vitest'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { RecordingSeeker } from '../../src/playback/recording-seeker.ts'
import { openRecording } from '../../src/recording/open-recording.ts'
import { skipUnlessFull } from '../full.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { canOomKill, canRunInVm, runInVm, toVmPath, triggerOomKill } from '../helpers/trouble.ts'
import { PROGRAM, runProgram } from './program.ts'

const noKmsg = (): string | undefined => {
  try {
    readFileSync('/proc/sys/kernel/dmesg_restrict')
    return process.getuid?.() === 0 ? undefined : 'reading /dev/kmsg needs root here'
  } catch {
    return 'no kernel log here'
  }
}

/** The banner's red of the dark theme (src/widgets/themes.ts). */
const alarm = '#af0000'

testUnless(canOomKill() ?? noKmsg())(
  'a kill in a cgroup turns the banner red, with process, pid and limit',
  async () => {
    await runProgram({ columns: 120, rows: 40 }, async terminal => {
      const { pid, comm, taskMemcg } = await triggerOomKill({ name: 'banner', limitBytes: 24 << 20 })
      const killedAt = performance.now()
      const screen = await terminal.waitFor(new RegExp(`OOM KILL .*${comm}\\[${pid}\\]`))
      console.info(`the banner was red ${Math.round(performance.now() - killedAt)} ms after the kill had been reaped`)
      const row = screen.split('\n').findIndex(line => line.includes(`${comm}[${pid}]`))
      const line = screen.split('\n')[row]!
      // short, beside other kills of this machine
      expect(line).toMatch(
        new RegExp(
          `\\(2\\d\\.\\d MiB RSS\\) killed: ${taskMemcg} hit its limit of 24\\.0 MiB|24\\.0M/24\\.0M ${taskMemcg}`,
        ),
      )
      const { bg } = terminal.cell(row, 3)
      expect([1, 9, alarm], `background ${bg}`).toContain(bg)
      terminal.write('a')
      await terminal.waitFor(
        text =>
          !text
            .split('\n')
            .slice(1, 4)
            .some(other => other.includes(`[${pid}]`)),
      )
      terminal.write('6')
      await terminal.waitFor(/acknowledged/)
    })
  },
)

testUnless(canOomKill() ?? noKmsg())('the limit of a parent: both cgroups are named', async () => {
  await runProgram({ columns: 200, rows: 60 }, async terminal => {
    const { pid, oomMemcg, taskMemcg } = await triggerOomKill({ name: 'nested', limitBytes: 16 << 20, nested: true })
    await terminal.waitFor(new RegExp(`OOM KILL .*\\[${pid}\\]`))
    terminal.write('\r')
    await terminal.waitFor(
      new RegExp(`OOM KILL · critical[^]*killed in ${taskMemcg}: ${oomMemcg} hit its limit of 16\\.0 MiB`),
    )
  })
})

testUnless(canOomKill() ?? noKmsg())(
  'after a rewind every kill of one cgroup can be reached, not only the first',
  async () => {
    await runProgram({ columns: 160, rows: 50, args: ['-i', '500ms'] }, async terminal => {
      const pids: string[] = []
      for (let count = 0; count < 2; count++) {
        const { pid } = await triggerOomKill({ name: 'again', limitBytes: 16 << 20 })
        await terminal.waitFor(new RegExp(`OOM kill +tail\\[${pid}\\]`))
        pids.push(String(pid))
      }
      // other tests may kill meanwhile: their kills are events as well
      const readLastKill = (): string =>
        /OOM kill +\w+\[(\d+)\](?![\s\S]*OOM kill +\w+\[)/.exec(terminal.screen().join('\n'))![1]!
      const reached: string[] = []
      for (let step = 0; step < 50 && !reached.includes(pids[0]!); step++) {
        const shown = terminal.screen()[0]
        terminal.write('[')
        await terminal.waitFor(() => terminal.screen()[0] !== shown && /AGO/.test(terminal.screen()[0]!))
        reached.push(readLastKill())
      }
      expect(reached).toEqual(expect.arrayContaining(pids))
    })
  },
)

testUnless(canOomKill() ?? noKmsg())(
  'the recording of a real kill shows the alert at the same time with the same text',
  async () => {
    const saved = createTemporaryFolder()
    let line = ''
    let killed = 0
    await runProgram({ args: ['--save-on-alert', saved] }, async terminal => {
      const { pid, comm } = await triggerOomKill({ name: 'saved', limitBytes: 24 << 20 })
      killed = pid
      const screen = await terminal.waitFor(new RegExp(`OOM KILL .*${comm}\\[${pid}\\]`))
      line = screen.split('\n').find(text => text.includes(`OOM KILL`))!
      await terminal.waitFor(/● REC/)
      terminal.write('q')
      await terminal.exited
    })
    const [name] = readdirSync(saved)
    const open = openRecording(join(saved, name!))
    const seeker = new RecordingSeeker(open, defaultThresholds)
    seeker.replayInBackground(() => true)
    const alert = seeker.seek(seeker.end).monitor.alerts.find(({ summary }) => summary.includes(`[${killed}]`))!
    const words = line
      .replace(/^.*?OOM KILL( ×\d+)? +/, '')
      .replace(/ {2,}.*$|; .*$/, '') // the first of several kills
      .replace(/…$/, '')
    expect(alert.summary.startsWith(words) || alert.short?.startsWith(words), `${words} | ${alert.summary}`).toBe(true)
    expect(
      seeker
        .listEvents()
        .filter(({ kind }) => kind === 'critical')
        .map(({ time }) => time),
    ).toContain(alert.raisedAt)
    expect(open.recording.parts.flatMap(({ summary }) => summary?.alerts ?? []).length).toBeGreaterThan(0)
  },
)

testUnless(canOomKill() ?? noKmsg())('--json has the kill with all its witnesses', async () => {
  const program = spawn(PROGRAM, ['-b', '--json'], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]()
    await lines.next()
    const { pid, oomMemcg } = await triggerOomKill({ name: 'json', limitBytes: 16 << 20 })
    for (;;) {
      const { oomKills, alerts } = JSON.parse((await lines.next()).value as string)
      const kill = oomKills.find((other: { victim: { pid: number } | null }) => other.victim?.pid === pid)
      if (!kill) continue
      expect(kill).toMatchObject({ oomMemcg, taskMemcg: oomMemcg, limit: 16 << 20, complete: true, global: false })
      expect(kill.witnesses).toEqual(
        ['kmsg', 'memory.oom_control', 'vmstat'].filter(
          name => kill.witnesses.includes(name) || name !== 'memory.oom_control',
        ),
      )
      expect(alerts.some((alert: { subject: string }) => alert.subject.includes(oomMemcg))).toBe(true)
      break
    }
  } finally {
    program.kill()
  }
})

const buildScript = (options: string): string => `#!/bin/bash
mkdir -p /sys/fs/cgroup/kubepods.slice/pod
echo +memory >/sys/fs/cgroup/cgroup.subtree_control; echo +memory >/sys/fs/cgroup/kubepods.slice/cgroup.subtree_control
mkdir -p /sys/fs/cgroup/kubepods.slice/pod/ctr 2>/dev/null; echo +memory >/sys/fs/cgroup/kubepods.slice/pod/cgroup.subtree_control
mkdir -p /sys/fs/cgroup/kubepods.slice/pod/ctr
echo 24M >/sys/fs/cgroup/kubepods.slice/pod/memory.max
'${toVmPath(PROGRAM)}' -b --json -n 6 ${options} >/tmp/out & top=$!
while [ ! -s /tmp/out ]; do :; done
( echo $BASHPID >/sys/fs/cgroup/kubepods.slice/pod/ctr/cgroup.procs; echo "victim $BASHPID"; exec tail /dev/zero )
wait $top; tail -n 1 /tmp/out
`

const expectKillOnV2 = (options: string): void => {
  const over = options === '' ? '' : ` with ${options}`
  testUnless(skipUnlessFull() ?? canRunInVm())(
    `on cgroup v2${over}: the kill, both cgroups, and memory.events as a witness`,
    async () => {
      const { code, stdout, stderr } = await runInVm(buildScript(options), { mem: '600M' })
      expect(code, stderr).toBe(0)
      const pid = Number(/victim (\d+)/.exec(stdout)?.[1])
      const state = JSON.parse(stdout.trim().split('\n').at(-1)!)
      expect(state.cgroup).toMatchObject({ mode: 'v2', memoryVersion: 2, dying: expect.any(Number) })
      const kill = state.oomKills.find((other: { victim: { pid: number } | null }) => other.victim?.pid === pid)
      expect(kill).toMatchObject({
        oomMemcg: '/kubepods.slice/pod',
        taskMemcg: '/kubepods.slice/pod/ctr',
        limit: 24 << 20,
        victim: { comm: 'tail' },
        witnesses: ['kmsg', 'memory.events', 'vmstat'],
      })
      // on this slow machine kmemtop's own cost is an alert too
      const others = state.alerts.filter(({ detector }: { detector: string }) => detector !== 'own-cost')
      expect(others[0]).toMatchObject({ detector: 'oom-kill', severity: 'critical' })
    },
  )
}

expectKillOnV2('')
expectKillOnV2('--via sh')

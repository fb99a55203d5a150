// The ways onto a node that this machine can show: each is a command for --via that gives a shell of this machine.
import { buildChrootCommand, canChroot } from './busybox-chroot.ts'
import { canRunSshd, startSshd } from './sshd.ts'

export interface Way {
  readonly name: 'sh' | 'busybox' | 'nsenter' | 'ssh'
  readonly command: string
}

export interface Ways {
  readonly ways: readonly Way[]
  /** Ends the sshd. The others end with their shells. */
  close(): Promise<void>
}

/** Why not every way is there; undefined when all are. */
export const canOpenWays = (): string | undefined => canChroot() ?? canRunSshd()

export async function openWays(): Promise<Ways> {
  const sshd = await startSshd()
  return {
    ways: [
      { name: 'sh', command: 'sh' },
      { name: 'busybox', command: buildChrootCommand() },
      { name: 'nsenter', command: `nsenter -t ${process.pid} -m -u -i -n sh` },
      { name: 'ssh', command: sshd.command },
    ],
    close: sshd.stop,
  }
}

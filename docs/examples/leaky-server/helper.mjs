// A helper in perl for system calls that Node has no function for: it opens ten descriptors for each line it reads.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const SCRIPT = `
use strict; $| = 1;
my ($call, $fate) = @ARGV;
my $number = qx(uname -m) =~ /^(aarch64|riscv64)/ ? 19 : 290;
my @kept;
while (<STDIN>) {
  for (1 .. 10) {
    my @fds;
    if ($call eq 'pipe') { pipe(my $r, my $w) or die "pipe: $!"; @fds = ($r, $w); }
    else { my $fd = syscall($number, 0, 0); die "eventfd: $!" if $fd < 0; open(my $f, '+<&=', $fd) or die $!; @fds = ($f); }
    push @kept, @fds if $fate eq 'keep';
  }
  print "ok\\n";
}`

/** Starts the helper. `ask` resolves when it has opened its ten descriptors, and closed them again or not. */
export function startHelper(words) {
  const child = spawn('sh', ['-c', `ulimit -n $(ulimit -Hn); exec perl -e "$0" ${words}`, SCRIPT], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting = []
  createInterface({ input: child.stdout }).on('line', () => waiting.shift()?.resolve())
  child.once('exit', () => {
    for (const { reject } of waiting) reject(new Error('the helper ended'))
  })
  return {
    ask: () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        child.stdin.write('\n')
      }),
    end: () => child.kill(),
  }
}

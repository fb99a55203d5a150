#!/bin/bash
# One of the worst minutes of a node, inside a VM: worst-minute.sh KMEMTOP TROUBLE [SECONDS]
# A screen with -w (in tmux) and a recorder run before, during and after it. Into /share: their recordings, exit codes and the last
# screen; on stdout a line for each step. What it may have the VM do to itself is no trouble for the machine outside.
set -u
kmemtop=$1 trouble=$2 seconds=${3:-10}
exec </dev/null
export PATH=$PATH:/usr/sbin:/sbin TERM=xterm-256color LANG=C.UTF-8 HOME=/tmp
echo -1000 >/proc/self/oom_score_adj # this script and tmux outlive any OOM; kmemtop and the trouble do not inherit it
store=/share                         # where the recordings are written

say() { echo "$(cut -d' ' -f1 /proc/uptime) $*"; }
as_any() { echo 0 >/proc/self/oom_score_adj; exec "$@"; }
screen() { tmux -L worst capture-pane -p -t worst; }
press() { tmux -L worst send-keys -t worst "$@"; }

# wait_for WHAT COMMAND...: 120 s at most, which only ends what hangs
wait_for() {
  local what=$1 end=$((SECONDS + 120))
  shift
  while [ $SECONDS -lt $end ]; do
    "$@" >/dev/null 2>&1 && return
    sleep 0.1
  done
  say "failed: no $what"
  screen
  exit 1
}
shows() { screen | grep -Eq "$1"; }

start_watchers() {
  (as_any "$kmemtop" record -o "$store/record.kmem" -i 500ms 2>/share/record.err) &
  recorder=$!
  tmux -L worst new-session -d -s worst -x 120 -y 80 \
    "echo 0 >/proc/self/oom_score_adj; '$kmemtop' -w '$store/screen.kmem' -i 500ms 2>/share/screen.err; echo \$? >/share/screen.exit"
  wait_for 'screen' shows LIVE
  wait_for 'recording' test -s "$store/record.kmem"
  sleep 2
  say 'watching'
}

# end_watchers: the screen must answer a key; both must end when they are asked to
end_watchers() {
  sleep 2
  if [ -e /share/screen.exit ]; then say "the screen has ended: $(cat /share/screen.exit)"; else
    press '?'
    wait_for 'answer to a key' shows 'records read'
    screen >/share/help.txt
    press '?'
    sleep 1
    screen >/share/screen.txt
    press q
    sleep 0.3
    press q
    wait_for 'end of the screen' test -s /share/screen.exit
  fi
  kill -TERM "$recorder" 2>/dev/null || say 'the recorder has ended'
  wait "$recorder"
  echo $? >/share/record.exit
  say "ended: screen $(cat /share/screen.exit), recorder $(cat /share/record.exit)"
}

# a disk with a filesystem, from the VM's swap disk
make_disk() {
  disk=$(awk 'NR == 2 {print $1}' /proc/swaps)
  swapoff "$disk" && mkfs.ext4 -q -F "$disk" && mkdir -p /tmp/disk && mount "$disk" /tmp/disk || exit 1
  store=/tmp/disk
}

eat_all() { (as_any tail /dev/zero) 2>/dev/null; say "tail ended: $?"; }

# touch_all MIB SECONDS: uses all of it again and again
touch_all() {
  (as_any perl -e 'my ($mib, $s) = @ARGV; my @m = map { "x" x (1 << 20) } 1 .. $mib; my $end = time + $s;
    while (time < $end) { for my $m (@m) { for (my $i = 0; $i < 1 << 20; $i += 4096) { substr($m, $i, 1) = "y" } last if time >= $end } }' "$@")
}

case $trouble in
quiet) start_watchers; sleep "$seconds" ;;
global-oom)
  start_watchers
  eat_all
  sleep 1
  eat_all
  ;;
thrash)
  total=$(awk '/^MemTotal/ {print int($2 / 1024)}' /proc/meminfo)
  start_watchers
  touch_all $((total * 6 / 5)) "$seconds"
  say "touched: $? $(grep -E '^(pswpin|pswpout|oom_kill|pgmajfault) ' /proc/vmstat | tr '\n' ' ')"
  ;;
flood)
  start_watchers
  perl -e '$| = 1; open my $k, ">", "/dev/kmsg" or die; my $b = time; for (1 .. 50000) { syswrite $k, "<14>worst minute $_\n" } print time - $b, " s\n"'
  echo '<14>the flood is over' >/dev/kmsg
  ;;
kills)
  start_watchers
  mkdir /sys/fs/cgroup/worst && echo 8M >/sys/fs/cgroup/worst/memory.max
  echo 0 >/sys/fs/cgroup/worst/memory.swap.max
  for ((i = 0; i < 100; i++)); do
    (echo $BASHPID >/sys/fs/cgroup/worst/cgroup.procs; as_any tail /dev/zero) 2>/dev/null &
    pids+=($!)
    sleep 0.1
  done 2>/dev/null
  wait "${pids[@]}" 2>/dev/null
  say "killed: $(grep '^oom_kill ' /sys/fs/cgroup/worst/memory.events)"
  ;;
churn)
  perl -e 'for (1 .. shift) { mkdir sprintf "/sys/fs/cgroup/a%02d", $_ / 100; mkdir sprintf "/sys/fs/cgroup/a%02d/c%d", $_ / 100, $_ or die $! }' "${KMT_CGROUPS:-10000}" || exit 1
  start_watchers
  perl -MTime::HiRes=time,sleep -e 'my $b = time; my ($n, $s) = (0, @ARGV);
    while (time - $b < $s) { mkdir "/sys/fs/cgroup/b" . $n % 50; rmdir "/sys/fs/cgroup/b" . ($n - 25) % 50; $n++; my $late = time - $b - $n / 1000; sleep(-$late) if $late < 0 }
    printf "made and removed %d in %.1f s\n", $n, time - $b' "$seconds"
  ;;
clock)
  start_watchers
  for step in '+1 hour' '-2 hours' '+1 hour'; do date -s "$step" >/dev/null; sleep 1; done
  ;;
read-only)
  make_disk; start_watchers
  echo u >/proc/sysrq-trigger
  wait_for 'word of the recorder' grep 'recording stopped' /share/record.err
  ;;
disk-full)
  make_disk; start_watchers
  dd if=/dev/zero of=/tmp/disk/fill bs=1M 2>/dev/null
  wait_for 'word of the recorder' grep 'recording stopped' /share/record.err
  ;;
disk-gone) # as a disk that is pulled out: every write and read fails from now on
  make_disk; start_watchers
  perl -e 'open my $d, "<", "/tmp/disk" or die; my $how = pack "L", 2; defined ioctl($d, 0x8004587d, $how) or die $!' # EXT4_IOC_SHUTDOWN
  wait_for 'word of the recorder' grep 'recording stopped' /share/record.err
  ;;
unmounted)
  make_disk; start_watchers
  umount -l /tmp/disk
  wait_for 'word of the recorder' grep 'recording stopped' /share/record.err
  ;;
*) echo "no such trouble: $trouble" >&2; exit 2 ;;
esac
say 'over'
end_watchers
# what is on the disk, not what is in the page cache
if [ "$store" != /share ]; then
  umount /tmp/disk 2>/dev/null
  mount "$disk" /tmp/disk && cp /tmp/disk/*.kmem /share/
fi
exit 0

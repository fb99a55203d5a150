// The collector for a node that is reached by hand only: a POSIX shell script that samples without a connection into a file.
import { collectorFunctions, NAME } from './collector-script.ts'

/** The script that `kmemtop collector` prints. */
export const collectorScript = `${collectorFunctions}
print_help() { say "Usage: sh c.sh [--for TIME] [--every TIME] > node.txt
Samples the kernel memory files of this node, and the kernel log, as text on stdout. Changes nothing on the node.
kmemtop replay, check and analyze read that text.

  --for TIME     end after this long (default 10m); 90, 90s, 10m, 2h
  --every TIME   time between two samples (default 10s)
  --help         print this help"; }
fail() { say "${NAME}: $1" >&2; code=2; exit 2; }
seconds() { s=\${2%[smh]}; case $s in ''|*[!0-9]*|??????????*) fail "$1 $2: expected a time like 90s, 10m or 2h" ;; esac
  while :; do case $s in 0?*) s=\${s#0} ;; *) break ;; esac; done # 09 is no octal number
  case $2 in *m) s=$((s * 60)) ;; *h) s=$((s * 3600)) ;; esac; [ "$s" -gt 0 ] || fail "$1 $2: expected more than 0"; }
NODE_FILES='/proc/meminfo
/proc/vmstat
/proc/zoneinfo
/proc/buddyinfo
/proc/pressure/memory
/proc/net/sockstat
/proc/sys/net/ipv4/tcp_mem
/proc/sys/net/netfilter/nf_conntrack_count
/proc/sys/net/netfilter/nf_conntrack_max
/proc/swaps
/proc/spl/kstat/zfs/arcstats
/proc/spl/kstat/zfs/abdstats
/sys/kernel/mm/transparent_hugepage/enabled
/proc/cgroups
/proc/slabinfo
/proc/self/mountinfo
/proc/sys/kernel/hostname
/proc/sys/kernel/osrelease
/proc/sys/kernel/random/boot_id
/proc/stat
/proc/self/smaps'
# Files of which there may be several.
find_files() (set +f; for f in /sys/devices/system/node/node*/meminfo /sys/kernel/mm/hugepages/*/*hugepages* \
  /sys/block/zram*/mm_stat /sys/block/zram*/mem_used_total /sys/block/zram*/[co]*_data_size /sys/module/zswap/parameters/*; do [ -r "$f" ] && say "$f"; done; :)
V1_FILES='memory.oom_control memory.usage_in_bytes memory.limit_in_bytes memory.failcnt memory.kmem.usage_in_bytes
memory.kmem.tcp.usage_in_bytes memory.stat'
V2_FILES='memory.events memory.current memory.max memory.swap.current memory.stat cgroup.stat'
# The cgroup trees with the memory controller: mount points of mountinfo.
find_mounts() {
  while IFS=' ' read -r a b c root path rest; do
    case $rest in *' - cgroup2 '*) ;; *' - cgroup '*memory*) ;; *) continue ;; esac
    eval "path=\\$(printf '%b' \\"\\$path\\")"; say "$path"; done </proc/self/mountinfo; }
read_cgroups() { # of many cgroups some at a time: the length of a command is bounded
  files="$1/cgroup.controllers$N$1/cgroup.events$N$1/release_agent"; count=0
  if [ -e "$1/cgroup.controllers" ]; then names=$V2_FILES; else names=$V1_FILES; fi
  for d in $(walk "$1"); do
    IFS=" $N"; for f in $names; do files="$files$N$d/$f"; done; IFS=$N
    count=$((count + 1)); [ $((count % 50)) != 0 ] || { eval "$HEAD -n 999999 /proc/uptime \\$files" 2>/dev/null; say; files=; }
  done
  [ -z "$files" ] || eval "$HEAD -n 999999 /proc/uptime \\$files" 2>/dev/null; }
# The first and the last line of a part. Whoever fills the disk should know at once.
mark() { say "$1" 2>/dev/null || fail "cannot write its output (whole samples so far: $((i - 1))): is the disk full?"; }
sample() {
  mark "B $1"; eval "$HEAD -n 999999 /proc/uptime \\$NODE_FILES" 2>/dev/null
  for m in $MOUNTS; do say; read_cgroups "$m"; done 2>/dev/null; mark "\${N}E $1 0"
  for m in $MOUNTS; do mark "T $1 $m"; list_tree "$m"; mark "\${N}E $1 0"; done; }
# While it waits only cat writes, so that no record lands inside a file's text.
pause() {
  mark "K $1"; kpid=; [ -z "$log" ] || { eval "exec $CAT" <&3 2>/dev/null & kpid=$!; }
  sleep "$every"; [ -z "$kpid" ] || { kill $kpid; wait $kpid; } 2>/dev/null; kpid=; mark "\${N}E $1 0"; }
# Hundredths of a second since boot: on a busy node samples take long too.
read_now() { IFS=' ' read -r now rest </proc/uptime; now=\${now%.*}\${now#*.}; }
record() {
  [ "$CAT" ] && [ "$HEAD" != read_by_hand ] || fail 'this needs cat and head, or busybox'
  seconds --for "$1"; for=$s; seconds --every "$2"; every=$s
  MOUNTS=$(find_mounts); NODE_FILES=$NODE_FILES$N$(find_files); log=; open_log /dev/kmsg && log=1
  i=1; say_hello file 2>/dev/null || mark; i=0; read_now; end=$((now + 100 * for))
  while :; do i=$((i + 1)); sample $i; read_now; left=$((end - now))
    if [ $left -le 0 ]; then [ $i -lt 2 ] || break; left=100; fi # two samples at least: one shows no growth
    [ $left -ge $((100 * every)) ] || every=$(((left + 99) / 100)); pause $i; done; }
main() {
  trap say_bye EXIT HUP INT TERM PIPE
  for=10m; every=10s
  while [ $# -gt 0 ]; do
    case $1 in
    --for) [ $# -gt 1 ] || fail '--for needs a time'; for=$2; shift ;;
    --every) [ $# -gt 1 ] || fail '--every needs a time'; every=$2; shift ;;
    -h|--help) print_help; exit 0 ;;
    *) fail "unknown option $1; try --help" ;;
    esac
    shift
  done
  find_tools; record "$for" "$every"
}
main "$@"
`

// The collector that runs on a node over --via: a POSIX shell script that answers requests from stdin.

/** What the hello line begins with. The nonce follows: text that was there before, or an echo of the script, is no hello. */
export const HELLO = 'kmemtop-collector 1'
/** What the line before it begins with: the script runs, and looks for its tools. On a busy node that takes a while. */
export const STARTS = 'kmemtop-collector starts'
/** Begins a line of the collector on stderr; the nonce follows. Earlier output has arrived when this line arrives. */
export const LOG_MARK = 'kmemtop-collector log'
/** What a collector that cannot run begins its reason with. */
export const NAME = 'kmemtop collector'
/** Variables, and functions of a profile, that would change what programs print, or how long read waits. */
const VARIABLES = 'TIME_STYLE QUOTING_STYLE LS_COLORS LS_BLOCK_SIZE BLOCK_SIZE POSIXLY_CORRECT TMOUT CDPATH'
const FUNCTIONS =
  'head ls find stat cat date busybox toybox printf read sleep kill cd echo command type ulimit wait test ['
/** Variables that are assigned. In some shells an assignment to one that is read-only ends the script, and what follows is read as commands. */
const ASSIGNED = 'N LEFT_OUT IFS LC_ALL PATH HEAD LS STAT FIND CAT DATE kpid code nonce line op a rest t u l d f n s'

/** What the collector of a link and that of a file have in common: its tools, listings and the kernel log. */
export const collectorFunctions = `#!/bin/sh
# kmemtop collector: reads the kernel memory files of this node. Run it with --help.
set +eux # what a profile may have set
case $- in *r*) echo '${NAME}: this shell is restricted (bash -r, rbash): sh is needed' >&2; exit 2 ;; esac
unalias -a 2>/dev/null
for v in ${FUNCTIONS}; do (unset -f $v) 2>/dev/null && unset -f $v; done
[ -z "$(command -v ulimit)" ] || case $(ulimit -n) in ?|[1-5]?) ulimit -S -n 64 ;; esac
# dash cannot redirect anything with 10 descriptors: not even this to stderr
[ "$(: >/dev/null && echo y)" ] || { echo '${NAME}: this shell may open too few files (ulimit -n): it needs 16'; exit 2; }
(for kmemtop_v in ${ASSIGNED}; do eval "$kmemtop_v=x"; done) 2>/dev/null || { kmemtop_r=
  for kmemtop_v in ${ASSIGNED}; do (eval "$kmemtop_v=x") 2>/dev/null || kmemtop_r="$kmemtop_r $kmemtop_v"; done
  echo "${NAME}: a profile there makes variables read-only that it needs:$kmemtop_r"; exit 2; }
for v in ${VARIABLES}; do (unset $v) 2>/dev/null && unset $v; done # unset of what is read-only would end the shell
(trap - DEBUG ERR) 2>/dev/null && trap - DEBUG ERR # what they print would come between
LC_ALL=C; export LC_ALL; set -f
PATH=$PATH:/bin:/usr/bin:/sbin:/usr/sbin; export PATH
N='
'
IFS=$N
say() { printf '%s\\n' "$*"; }
(printf '%s' x) >/dev/null 2>&1 || say() { print -r -- "$*"; }
# posh has to start printf, a program: echo writes what echo cannot change.
case $(command -v printf) in /*) say() { case $* in *\\\\*|-*) printf '%s\\n' "$*" ;; *) echo "$*" ;; esac; } ;; esac
case $KSH_VERSION in *MIRBSD*) say() { print -r -- "$*"; } ;; esac
# Prints how to call a program that works with these arguments.
find_tool() {
  for t in "$1" "busybox $1" "toybox $1"; do eval "$t $2" >/dev/null 2>&1 && { say "$t"; return; }; done; return 1; }
# Without head: builtins only, slower.
read_by_hand() {
  shift 2; for f; do [ -r "$f" ] && [ ! -d "$f" ] || continue; say "$N==> $f <=="
    { while IFS= read -r l || [ -n "$l" ]; do say "$l"; done; } <"$f"; done 2>/dev/null; }
# Without find: globs. The subshell keeps set +f to itself.
walk() (set +f; step() { say "$1"; for d in "$1"/*/; do d=\${d%/}
  case $d in $LEFT_OUT) ;; *) [ -d "$d" ] && [ ! -h "$d" ] && step "$d" ;; esac; done; }; step "$1")
find_tools() {
  HEAD=$(find_tool head '-n 9 /proc/version /proc/uptime') || HEAD=read_by_hand
  LS=$(find_tool ls '-ldi /') || LS=
  STAT=$(find_tool stat "-c '%i %h %n' /") && STAT="$STAT -c '%i %h %n'" || { [ -z "$LS" ] || STAT="$LS -ldi"; }
  FIND=$(find_tool find '/dev/null -type d') || FIND=
  CAT=$(find_tool cat /proc/uptime) || CAT=
  DATE=$(find_tool date +%s) || DATE=:; }
say_hello() { u=; IFS=' ' read -r u l </proc/uptime
  say "${HELLO} $1 head=$HEAD|stat=$STAT|ls=$LS|find=$FIND|cat=$CAT|uptime=$u|wall=$(eval "$DATE +%s")|pid=$$"; }
# A directory whose name has a line break is left out, with all below it. Other bytes than ASCII would end yash.
LEFT_OUT="*$N*"; [ -z "$YASH_VERSION" ] || LEFT_OUT='*[! -~]*'
list_tree() {
  if [ -n "$FIND" ] && [ -n "$STAT" ]; then eval "$FIND \\"\\$1\\" -name \\"\\$LEFT_OUT\\" -prune -o -type d -exec $STAT {} +"
  elif [ -n "$STAT" ]; then eval "$STAT \\$(walk \\"\\$1\\")"
  else walk "$1"; fi 2>/dev/null; }
list_names() {
  if [ -n "$LS" ]; then eval "$LS -l \\"\\$1/\\""
  else (set +f; cd "$1" && for f in *; do say "$f"; done); fi 2>/dev/null; }
kpid=
# An open /dev/kmsg keeps its place: after an overrun cat ends, and the next one goes on with the oldest record.
follow_log() {
  [ -n "$kpid" ] && kill -0 $kpid 2>/dev/null && return
  eval "exec $CAT" <&3 >&2 2>/dev/null & kpid=$!; }
# A failed redirection of exec would end the shell: it is tried first.
open_log() { [ -n "$CAT" ] && (: <"$1") 2>/dev/null && exec 3<"$1"; }
code=0
say_bye() { trap - EXIT; [ -n "$kpid" ] && kill $kpid 2>/dev/null; exit $code; }
`

/** What a request begins with: should a shell give up the script, what it then reads as commands are comments. */
export const REQUEST = '#'

/**
 * The collector that is sent over --via. It writes nothing on the node but its output, starts one program per sample, and ends with its stdin.
 *
 * Everything is inside functions, and `main` is called on the last line: dash and busybox read the script in blocks from the
 * same stdin that requests come from. Blanks in names survive because only a line break separates words (IFS).
 * Functions that sample without a connection are left out, and those that run once are unset: a shell keeps all it has read.
 */
export const linkScript = `${collectorFunctions}
# Why a file gave nothing.
say_why() { if [ ! -e "$1" ]; then say ENOENT; elif [ ! -r "$1" ]; then say EACCES; else say EIO; fi; }
answer() {
  while IFS= read -r line; do
    op=\${line%% *}; op=\${op#?}; line=\${line#* }; a=\${line%% *}; rest=\${line#* }
    case $op in
    V) eval "$a=\\$rest" ;;
    L) say "B $a"; eval "$HEAD -n 999999 /proc/uptime $rest 2>/dev/null"; say "\${N}E $a $?"; [ -n "$kpid" ] && follow_log ;;
    D) say "B $a"; list_tree "$rest"; say "\${N}E $a $?" ;;
    N) say "B $a"; list_names "$rest"; say "\${N}E $a $?" ;;
    R) say "B $a"; [ -z "$LS" ] || eval "$LS -ld \\"\\$rest\\"" 2>/dev/null; say "\${N}E $a $?" ;;
    H) say "B $a"; n=\${rest%% *}; eval "$HEAD -n $n \${rest#* } 2>/dev/null"; say "\${N}E $a $?" ;;
    M) say "B $a"; [ -z "$LS" ] || (set +f; eval "$LS -ld $rest") 2>/dev/null; say "\${N}E $a $?" ;;
    U) say "B $a"; eval "\${STAT%% -*} -f -c '%t %c %d %b %f %S %n' $rest" 2>/dev/null; say "\${N}E $a $?" ;;
    W) say "B $a"; say_why "$rest"; say "\${N}E $a 0" ;;
    K) say "B $a"; if open_log "$rest"; then follow_log; say STARTED; elif [ -z "$CAT" ]; then say ENOSYS
       elif [ -r "$rest" ]; then say EPERM; else say_why "$rest"; fi; say "\${N}E $a 0" ;;
    S) say "${LOG_MARK} $nonce" >&2; s=; [ -z "$kpid" ] || { IFS= read -r s </proc/$kpid/stat; } 2>/dev/null
       say "B $a"; say "$s"; say "\${N}E $a 0" ;;
    Q) say_bye ;;
    *) say "? $op" ;;
    esac
  done; }
main() {
  trap say_bye EXIT HUP INT TERM PIPE
  nonce=$kmemtop_nonce; say "${STARTS} $nonce"; find_tools
  say "\${N}${LOG_MARK} $nonce" >&2; say_hello "$nonce"
  unset -f find_tool find_tools say_hello; answer; }
main
`

# Takes COUNT kernel objects of one KIND and holds them until its standard input ends: perl leak.pl KIND COUNT
# Only what perl-base has: numbers of system calls and constants of Linux stand here, for x86_64 and aarch64.
use strict;
use warnings;
use Fcntl;
use Socket;

my ($kind, $whole) = @ARGV;
my $second = `uname -m` =~ /aarch64/ ? 1 : 0;
my $directory = "/dev/shm/kmt-leak-$$-";
my @held;
my @release;

my %number = (
  eventfd => [290, 19], timerfd => [283, 85], epoll => [291, 20], epoll_ctl => [233, 21], timer => [222, 107],
  sigqueue => [129, 138], sigprocmask => [14, 135], mmap => [9, 222], mprotect => [10, 226], add_key => [248, 217],
);

sub call {
  my ($name, @args) = @_;
  my $result = syscall($number{$name}[$second], @args);
  die "$name: $!\n" if $result == -1;
  return $result;
}

sub sockets {
  my ($family, $type) = @_;
  return sub { socket(my $s, $family, $type, 0) or die "socket: $!\n"; push @held, $s };
}

sub in_directory {
  my $own = "$directory$$";
  mkdir $own or die "$own: $!\n";
  push @release, sub {
    opendir my $all, $own or return;
    unlink map { "$own/$_" } grep { !/^\.\.?$/ } readdir $all;
    rmdir $own;
  };
  return $own;
}

# Signals that a user may have pending, timers among them.
sub pending {
  open my $limits, '<', '/proc/self/limits' or return 1000;
  my ($soft) = map { /^Max pending signals +(\d+)/ } <$limits>;
  return !$soft || $soft > 50_000 ? 50_000 : int($soft * 0.9);
}

# KIND => objects that one process takes at most, and what gives the sub that takes object 1, 2, 3 …
my %kinds = (
  eventfd => [15_000, sub { sub { call('eventfd', 0, 0) } }],
  timerfd => [15_000, sub { sub { call('timerfd', 1, 0) } }],
  tcp => [15_000, sub { sockets(AF_INET, SOCK_STREAM) }],
  udp6 => [15_000, sub { sockets(AF_INET6, SOCK_DGRAM) }],
  unix => [15_000, sub { sockets(AF_UNIX, SOCK_STREAM) }],
  pipe => [8_000, sub { sub { pipe(my $r, my $w) or die "pipe: $!\n"; push @held, $r, $w } }],
  # many watch the same few pipes
  epoll => [1e9, sub {
    my @watched = map { pipe(my $r, my $w) or die "pipe: $!\n"; push @held, $r, $w; fileno $r } 1 .. 500;
    my $epoll;
    return sub {
      $epoll = call('epoll', 0) if $_ % @watched == 1;
      call('epoll_ctl', $epoll, 1, $watched[$_ % @watched], pack('Lq', 1, 0));
    };
  }],
  # SIGEV_NONE: it would tell nobody. How many there may be is counted for each user
  timer => [pending(), sub {
    my ($event, $id) = (pack('qii x48', 0, 0, 1), pack('q', 0));
    return sub { call('timer', 1, $event, $id) };
  }],
  # real-time signals (SI_QUEUE), queued to a process that blocks them
  signal => [pending(), sub {
    my ($set, $info) = (pack('Q', 1 << 33), pack('iii x116', 34, 0, -1));
    call('sigprocmask', 0, $set, 0, 8);
    return sub { call('sigqueue', $$, 34, $info) };
  }],
  # byte ranges that do not touch; the kernel goes through those of one file in turn, so there are many files
  lock => [1e9, sub {
    my ($own, $file) = in_directory();
    return sub {
      my $at = $_ % 2000;
      if ($at == 1) {
        open my $next, '+>', "$own/$_" or die "$own/$_: $!\n";
        push @held, $file = $next;
      }
      fcntl($file, F_SETLK, pack('ss x4 qqi x4', F_WRLCK, 0, 2 * (2000 - $at), 1, 0)) or die "lock: $!\n";
    };
  }],
  # every other page gets other rights: each is a mapping of its own
  vma => [30_000, sub {
    my $base = call('mmap', 0, 8192 * 30_000, 0, 0x22, -1, 0);
    return sub { call('mprotect', $base + 8192 * ($_ - 1), 4096, 1) };
  }],
  # 200 messages of 64 bytes in each queue
  message => [1e9, sub {
    my $queue;
    return sub {
      if ($_ % 200 == 1) {
        my $next = $queue = msgget(0, 0600) // die "msgget: $!\n";
        push @release, sub { msgctl $next, 0, 0 };
      }
      msgsnd $queue, pack('q a64', 1, 'x'), 04000 or die "msgsnd: $!\n";
    };
  }],
  # sets of 100
  semaphore => [1e9, sub {
    return sub {
      my $set = semget(0, 100, 0600) // die "semget: $!\n";
      push @release, sub { semctl $set, 0, 0, 0 };
    };
  }],
  key => [1e9, sub { sub { my ($type, $name) = ('user', "kmt-$_"); call('add_key', $type, $name, 'x', 1, -2) } }],
  # packets that nobody reads
  packet => [1e9, sub {
    socket(my $from, AF_INET, SOCK_DGRAM, 0) or die "socket: $!\n";
    my $to;
    return sub {
      if ($_ % 200 == 1) {
        socket(my $next, AF_INET, SOCK_DGRAM, 0) or die "socket: $!\n";
        bind $next, pack_sockaddr_in(0, INADDR_LOOPBACK) or die "bind: $!\n";
        push @held, $next;
        $to = getsockname $next;
      }
      send $from, 'x', 0, $to or die "send: $!\n";
    };
  }],
  # empty files
  tmpfs => [1e9, sub {
    my $own = in_directory();
    return sub { open my $file, '>', "$own/$_" or die "$own/$_: $!\n" };
  }],
);

my ($most, $begin) = @{ $kinds{$kind} // die "no kind $kind\n" };
my @children;
my $ready = 1;

# Each share in a process of its own, under a user of its own: limits are for a process or a user.
for (my $rest = $whole; $rest > 0; $rest -= $most) {
  pipe(my $done, my $say) or die "pipe: $!\n";
  my $pid = fork // die "fork: $!\n";
  if (!$pid) {
    close $done;
    ($<, $>) = (40_000 + @children) x 2 if $kind =~ /timer$|signal/;
    my $count = $rest < $most ? $rest : $most;
    my $fine = eval { my $take = $begin->(); $take->() for 1 .. $count; 1 };
    $fine ? syswrite $say, "x" : warn "$kind: $@";
    close $say;
    sysread STDIN, my $end, 1 if $fine;
    $_->() for @release;
    exit !$fine;
  }
  push @children, $pid;
  close $say;
  $ready = sysread $done, my $word, 1 or last;
}
$| = 1;
print $ready ? "ready\n" : "failed\n";
waitpid $_, 0 for @children;

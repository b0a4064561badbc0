/* SPDX-License-Identifier: ISC */
/* See fence_table.h. What is not here is forbidden: to run a program, to trace
 * another, to mount, to become somebody else, to load anything into the kernel.
 * On a processor that lacks a call its row is passed over. */
#include "main/fence_table.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "base/base.h"

#define ASKS  (1U << FENCE_SMTPD_ASKS | 1U << FENCE_SMTPD_ASKS_DOOR)
#define SMTPD (1U << FENCE_SMTPD | 1U << FENCE_SMTPD_ASKS)
#define POP3D (1U << FENCE_POP3D)
#define AUTHD (1U << FENCE_AUTHD | 1U << FENCE_AUTHD_DOOR)
#define RETRY (1U << FENCE_RETRY)
#define DOORS                                                                  \
	(1U << FENCE_SMTPD_DOOR | 1U << FENCE_SMTPD_ASKS_DOOR |                \
	 1U << FENCE_POP3D_DOOR)
/* a session, started by itself or forked */
#define SERVE (SMTPD | POP3D | DOORS)
#define ALL   (SERVE | AUTHD | RETRY)
/* whoever takes connections in */
#define ACCEPTS (DOORS | 1U << FENCE_AUTHD_DOOR)
/* whoever has a process of its own beside it */
#define FORKS (SERVE | RETRY | ACCEPTS)

#define FULL (~0ULL)
#define INT  0xffffffffULL /* the kernel looks at so much of an int */

/* clang-format off */
#define IS(i, v)     { { FENCE_IS, (i), INT, (v) } }
#define NULL_IS(i)   { { FENCE_IS, (i), FULL, 0 } }
#define HAS(i, m, v) { { FENCE_IS, (i), (m), (v) } }
#define ABOVE(i, v)  { { FENCE_ABOVE, (i), INT, (v) } }
#define BOTH(i, m, v, j, n, w) \
	{ { FENCE_IS, (i), (m), (v) }, { FENCE_IS, (j), (n), (w) } }
/* clang-format on */

#define TYPE 0xfULL /* of a socket: without SOCK_CLOEXEC, SOCK_NONBLOCK */
#define WX   ((uint64_t)(PROT_WRITE | PROT_EXEC))
#define SPACES                                                                 \
	((uint64_t)(CLONE_NEWNS | CLONE_NEWUSER | CLONE_NEWPID |               \
		    CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |               \
		    CLONE_NEWCGROUP))

/* clang-format off */
const struct fence_call fence_calls[] = {
	/* ---- what is open: reading, writing ---- */
	{ .who = ALL,
	  .names = "read readv pread64 preadv write writev pwrite64 "
		   "pwritev lseek close close_range poll ppoll select "
		   "pselect6 ftruncate fallocate fsync fdatasync "
		   "sync_file_range fadvise64 copy_file_range sendfile "
		   "flock" },
	/* not F_DUPFD: see connect */
	{ .who = ALL, .names = "fcntl", .must = IS(1, F_GETFD) },
	{ .who = ALL, .names = "fcntl", .must = IS(1, F_SETFD) },
	{ .who = ALL, .names = "fcntl", .must = IS(1, F_GETFL) },
	{ .who = ALL, .names = "fcntl", .must = IS(1, F_SETFL) },
	{ .who = ALL, .names = "fcntl", .must = IS(1, F_GETLK) },
	{ .who = ALL, .names = "fcntl", .must = IS(1, F_SETLK) },
	{ .who = ALL, .names = "fcntl", .must = IS(1, F_SETLKW) },
	{ .who = ALL, .names = "fcntl", .must = IS(1, F_OFD_GETLK) },
	{ .who = ALL, .names = "fcntl", .must = IS(1, F_OFD_SETLK) },
	{ .who = ALL, .names = "fcntl", .must = IS(1, F_OFD_SETLKW) },
	{ .who = ALL, .names = "fcntl", .must = IS(1, F_ADD_SEALS) },
	{ .who = ALL, .names = "ioctl", .must = IS(1, TCGETS) },
	{ .who = ALL, .names = "ioctl", .must = IS(1, FIONREAD) },

	/* ---- files: which, Landlock and their modes say ---- */
	{ .who = ALL,
	  .names = "open openat stat fstat lstat newfstatat statx "
		   "fstatfs statfs access faccessat faccessat2 readlink "
		   "readlinkat getdents64 getcwd mkdir mkdirat" },
	{ .who = RETRY, .names = "rmdir" },
	{ .who = ALL,
	  .names = "unlink unlinkat rename renameat renameat2 link "
		   "linkat fchmod fchown umask utimensat memfd_create" },

	/* ---- memory: nothing that is writable and runs ---- */
	{ .who = ALL, .names = "brk munmap mremap madvise" },
	{ .who = ALL, .names = "mmap", .must = HAS(2, WX, 0) },
	{ .who = ALL, .names = "mmap", .must = HAS(2, WX, PROT_WRITE) },
	{ .who = ALL, .names = "mmap", .must = HAS(2, WX, PROT_EXEC) },
	{ .who = ALL, .names = "mprotect", .must = HAS(2, WX, 0) },
	{ .who = ALL, .names = "mprotect", .must = HAS(2, WX, PROT_WRITE) },
	{ .who = ALL, .names = "mprotect", .must = HAS(2, WX, PROT_EXEC) },

	/* ---- itself ---- */
	{ .who = ALL,
	  .names = "getpid getppid gettid getuid geteuid getgid getegid "
		   "getgroups getresuid getresgid uname sysinfo "
		   "getrusage getrlimit setrlimit" },
	{ .who = ALL, .names = "prlimit64", .must = IS(0, 0) },
	{ .who = ALL,
	  .names = "sched_yield sched_getaffinity getcpu futex "
		   "set_robust_list rseq membarrier set_tid_address "
		   "getrandom restart_syscall exit exit_group" },
	{ .who = ALL, .names = "prctl", .error = EPERM },

	/* ---- clocks and signals ---- */
	{ .who = ALL,
	  .names = "clock_gettime clock_getres clock_nanosleep nanosleep "
		   "gettimeofday time times alarm setitimer rt_sigaction "
		   "rt_sigprocmask rt_sigreturn rt_sigsuspend "
		   "sigaltstack" },
	/* abort(3), and dying of a forbidden call */
	{ .who = ALL, .names = "tgkill", .must = IS(2, SIGABRT) },
	{ .who = ALL, .names = "tgkill", .must = IS(2, SIGSYS) },
	/* is the maker of a lock alive? */
	{ .who = ALL, .names = "kill", .must = IS(1, 0) },
	{ .who = ACCEPTS, .names = "kill" },

	/* ---- to be fenced in further ---- */
	{ .who = ALL,
	  .names = "landlock_create_ruleset landlock_add_rule "
		   "landlock_restrict_self" },

	/* ---- processes ---- */
	{ .who = FORKS, .names = "clone", .must = HAS(0, SPACES, 0) },
	{ .who = FORKS, .names = "fork" },
	{ .who = RETRY, .names = "vfork" },
	{ .who = ACCEPTS, .names = "setpgid" },
	{ .who = FORKS, .names = "clone3", .error = ENOSYS },
	/* clone's flags can be seen */
	{ .who = ALL, .names = "wait4 waitid" },
	{ .who = RETRY | ACCEPTS, .names = "pidfd_open" },

	/* ---- sockets ---- */
	{ .who = ALL, .names = "recvfrom sendmsg" },
	/* what it brings may be a copy of the client's connection */
	{ .who = RETRY, .names = "recvmsg" },
	{ .who = SERVE | AUTHD, .names = "recvmsg", .error = EPERM },
	{ .who = ALL,
	  .names = "shutdown getsockname getpeername getsockopt "
		   "setsockopt" },
	{ .who = ALL, .names = "socketpair", .must = IS(0, AF_UNIX) },
	{ .who = ALL, .names = "socket", .must = IS(0, AF_UNIX) },
	{ .who = SERVE | AUTHD, .names = "sendto", .must = NULL_IS(4) },
	/* onto standard input, output or error: stream_end, the acceptor */
	{ .who = SERVE | ACCEPTS, .names = "dup2 dup3", .must = IS(1, 0) },
	{ .who = SERVE | ACCEPTS, .names = "dup2 dup3", .must = IS(1, 1) },
	{ .who = SERVE | ACCEPTS, .names = "dup2 dup3", .must = IS(1, 2) },
	/* a connection can be made to end and to go somewhere else: not the
	 * one that we were given, of which there is no other copy */
	{ .who = SERVE, .names = "connect", .must = ABOVE(0, 2) },
	{ .who = AUTHD | RETRY, .names = "connect" },
	{ .who = RETRY, .names = "socket",
	  .must = BOTH(0, INT, AF_INET, 1, TYPE, SOCK_STREAM) },
	{ .who = RETRY, .names = "socket",
	  .must = BOTH(0, INT, AF_INET, 1, TYPE, SOCK_DGRAM) },
	{ .who = RETRY, .names = "socket",
	  .must = BOTH(0, INT, AF_INET6, 1, TYPE, SOCK_STREAM) },
	{ .who = RETRY, .names = "socket",
	  .must = BOTH(0, INT, AF_INET6, 1, TYPE, SOCK_DGRAM) },
	{ .who = RETRY, .names = "sendto bind sendmmsg recvmmsg" },
	{ .who = ASKS, .names = "socket",
	  .must = BOTH(0, INT, AF_INET, 1, TYPE, SOCK_DGRAM) },
	{ .who = ASKS, .names = "socket",
	  .must = BOTH(0, INT, AF_INET6, 1, TYPE, SOCK_DGRAM) },
	{ .who = ASKS, .names = "socket",
	  .must = BOTH(0, INT, AF_INET, 1, TYPE, SOCK_STREAM),
	  .error = EAFNOSUPPORT },
	{ .who = ASKS, .names = "socket",
	  .must = BOTH(0, INT, AF_INET6, 1, TYPE, SOCK_STREAM),
	  .error = EAFNOSUPPORT },
	/* a name service may try; what it learns is that there is no net */
	{ .who = (SERVE | AUTHD) & ~ASKS, .names = "socket",
	  .must = IS(0, AF_INET), .error = EAFNOSUPPORT },
	{ .who = (SERVE | AUTHD) & ~ASKS, .names = "socket",
	  .must = IS(0, AF_INET6), .error = EAFNOSUPPORT },
	{ .who = ALL, .names = "socket",
	  .must = IS(0, AF_NETLINK), .error = EAFNOSUPPORT },

	/* ---- waiting: what name services do by systemd's event loop ---- */
	{ .who = ALL,
	  .names = "epoll_create1 epoll_ctl epoll_wait epoll_pwait "
		   "epoll_pwait2 eventfd2 timerfd_create timerfd_settime "
		   "signalfd4 inotify_init1 inotify_add_watch" },

	/* ---- the acceptor ---- */
	{ .who = ACCEPTS, .names = "accept accept4" },
};
/* clang-format on */

const size_t fence_calls_n = ARRAY_LEN(fence_calls);

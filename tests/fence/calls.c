/* SPDX-License-Identifier: ISC */
/* Calls that the filter refuses, whatever their arguments or because of them;
 * those that are let through by mistake do no harm with these. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "tests/fence/tries.h"

static long result(long r)
{
	return r < 0 ? -errno : r;
}

static long calls(struct scene *s, const struct try *t)
{
	const long *a = t->arguments;

	(void)s;
	return result(syscall(t->call, a[0], a[1], a[2], a[3], a[4]));
}

static long opens_socket(struct scene *s, const struct try *t)
{
	int fd = socket((int)t->arguments[0], (int)t->arguments[1],
			(int)t->arguments[2]);

	(void)s;
	if (fd < 0)
		return -errno;
	/* of a call that was trapped the result is its own number */
	if (!tries_trapped())
		(void)close(fd);
	return 0;
}

static long traces_parent(struct scene *s, const struct try *t)
{
	(void)t;
	return result(ptrace(PTRACE_ATTACH, s->parent, NULL, NULL));
}

static long reads_parent(struct scene *s, const struct try *t)
{
	char here[8];
	struct iovec in = { here, sizeof(here) }, out = { s, sizeof(here) };

	(void)t;
	return result(process_vm_readv(s->parent, &in, 1, &out, 1, 0));
}

/* A signal that does nothing. */
static long signals_parent(struct scene *s, const struct try *t)
{
	(void)t;
	return result(kill(s->parent, SIGCONT));
}

/* Out of the client's connection one to somebody else. */
static long leads_elsewhere(struct scene *s, const struct try *t)
{
	struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

	(void)s, (void)t;
	return result(connect(STDIN_FILENO, &nowhere, sizeof(nowhere)));
}

static long sends_to(struct scene *s, const struct try *t)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = (in_port_t)s->port };

	(void)t;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return result(sendto(STDIN_FILENO, "", 0, 0, (struct sockaddr *)&a,
			     sizeof(a)));
}

static long receives_rights(struct scene *s, const struct try *t)
{
	struct msghdr m = { .msg_name = NULL };

	(void)s, (void)t;
	return result(recvmsg(STDIN_FILENO, &m, MSG_DONTWAIT));
}

static long runs(struct scene *s, const struct try *t)
{
	char *const nothing[] = { NULL };

	(void)s, (void)t;
	return result(execve("/bin/true", nothing, nothing));
}

static long maps(struct scene *s, const struct try *t)
{
	void *p = mmap(NULL, 4096, (int)t->arguments[0],
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long r;

	(void)s;
	if (p == MAP_FAILED || tries_trapped())
		return -EPERM;
	r = t->arguments[1] ? result(mprotect(p, 4096, (int)t->arguments[1]))
			    : 0;
	(void)munmap(p, 4096);
	return r;
}

#define ANY(number)                                                            \
	.call = (number), .make = calls, .filtered = IN_ALL, .any = true

/* clang-format off */
const struct try tries_of_calls[] = {
	/* ---- to become another program, or another user ---- */
	{ "run a program", .make = runs, .filtered = IN_ALL },
	{ "run what is open", ANY(SYS_execveat) },
	{ "become another user", ANY(SYS_setuid) },
	{ "leave groups", ANY(SYS_setgroups) },
	{ "change capabilities", ANY(SYS_capset) },
	{ "be dumpable again", .call = SYS_prctl, .make = calls,
	  .arguments = { PR_SET_DUMPABLE, 1 }, .filtered = IN_ALL },
	{ "put up a filter of its own", ANY(SYS_seccomp) },
	{ "change personality", ANY(SYS_personality) },

	/* ---- other processes ---- */
	{ "trace a process", .make = traces_parent, .filtered = IN_ALL },
	{ "read a process's memory", .make = reads_parent,
	  .filtered = IN_ALL },
	{ "write a process's memory", ANY(SYS_process_vm_writev) },
	{ "send a signal", .make = signals_parent,
	  .filtered = IN_ALL & ~IN_SMTP_DOOR, .any = true,
	  .landed = IN_SMTP_DOOR },
	{ "take another's descriptor", ANY(SYS_pidfd_getfd) },
	{ "send a signal by descriptor", ANY(SYS_pidfd_send_signal) },
	{ "make a user namespace", .call = SYS_unshare, .make = calls,
	  .arguments = { CLONE_NEWUSER }, .filtered = IN_ALL, .any = true },
	{ "fork into a namespace", .call = SYS_clone, .make = calls,
	  .arguments = { CLONE_NEWUSER | CLONE_NEWPID | SIGCHLD },
	  .filtered = IN_ALL, .any = true },
	{ "enter a namespace", ANY(SYS_setns) },
	{ "set another's limits", .call = SYS_prlimit64, .make = calls,
	  .arguments = { 1, 0, 0, 0 }, .filtered = IN_ALL, .any = true },

	/* ---- the kernel ---- */
	{ "mount", ANY(SYS_mount) },
	{ "unmount", ANY(SYS_umount2) },
	{ "open a mount", ANY(SYS_open_tree) },
	{ "change the root", ANY(SYS_pivot_root) },
	{ "go to another root", ANY(SYS_chroot) },
	{ "load a module", ANY(SYS_init_module) },
	{ "load another kernel", ANY(SYS_kexec_load) },
	{ "load a program into the kernel", ANY(SYS_bpf) },
	{ "measure others", ANY(SYS_perf_event_open) },
	{ "ask for keys", ANY(SYS_keyctl) },
	{ "add a key", ANY(SYS_add_key) },
	{ "handle page faults", ANY(SYS_userfaultfd) },
	{ "set up io_uring", ANY(SYS_io_uring_setup) },
	{ "swap", ANY(SYS_swapon) },
	{ "reboot", ANY(SYS_reboot) },
	{ "set the clock", ANY(SYS_clock_settime) },
	{ "rename the host", ANY(SYS_sethostname) },
	{ "set quotas", ANY(SYS_quotactl) },
	{ "open by handle", ANY(SYS_open_by_handle_at) },
	{ "account", ANY(SYS_acct) },
	{ "read the kernel's log", ANY(SYS_syslog) },

	/* ---- files, other than to open them ---- */
	{ "make a device", ANY(SYS_mknodat) },
	{ "make a symbolic link", ANY(SYS_symlinkat) },
	{ "change a file's mode by name", ANY(SYS_fchmodat) },
	{ "change a file's owner by name", ANY(SYS_fchownat) },
	{ "cut a file by name", ANY(SYS_truncate) },
	{ "set an attribute", ANY(SYS_setxattr) },
	{ "watch files", .call = SYS_fanotify_init, .make = calls,
	  .filtered = IN_ALL, .any = true },
	{ "change directory", ANY(SYS_chdir) },

	/* ---- the network ---- */
	{ "open a TCP socket", .make = opens_socket,
	  .arguments = { AF_INET, SOCK_STREAM },
	  .filtered = IN_ALL & ~IN_RETRY },
	{ "open a TCP socket, IPv6", .make = opens_socket,
	  .arguments = { AF_INET6, SOCK_STREAM },
	  .filtered = IN_ALL & ~IN_RETRY, .any = true },
	{ "open a UDP socket", .make = opens_socket,
	  .arguments = { AF_INET, SOCK_DGRAM },
	  .filtered = IN_ALL & ~IN_RETRY },
	{ "open a raw socket", .make = opens_socket,
	  .arguments = { AF_INET, SOCK_RAW, IPPROTO_ICMP },
	  .filtered = IN_ALL },
	{ "open a raw socket, IPv6", .make = opens_socket,
	  .arguments = { AF_INET6, SOCK_RAW, IPPROTO_ICMPV6 },
	  .filtered = IN_ALL },
	{ "open a packet socket", .make = opens_socket,
	  .arguments = { AF_PACKET, SOCK_RAW }, .filtered = IN_ALL },
	{ "talk to the kernel's network", .make = opens_socket,
	  .arguments = { AF_NETLINK, SOCK_RAW }, .filtered = IN_ALL },
	{ "talk to a virtual machine's host", .make = opens_socket,
	  .arguments = { AF_VSOCK, SOCK_STREAM }, .filtered = IN_ALL,
	  .any = true },
	{ "lead the client's connection elsewhere", .make = leads_elsewhere,
	  .filtered = IN_SERVE, .any = true },
	{ "send to somebody else", .make = sends_to,
	  .filtered = IN_ALL & ~IN_RETRY, .any = true },
	{ "copy the client's connection", .call = SYS_dup, .make = calls,
	  .filtered = IN_ALL },
	{ "copy it by fcntl", .call = SYS_fcntl, .make = calls,
	  .arguments = { 0, F_DUPFD, 10 }, .filtered = IN_ALL },
	{ "copy it to a new number", .call = SYS_dup3, .make = calls,
	  .arguments = { 0, 10, 0 }, .filtered = IN_ALL },
	{ "be sent descriptors", .make = receives_rights,
	  .filtered = IN_ALL & ~IN_RETRY, .any = true },
	{ "listen", .call = SYS_listen, .make = calls,
	  .arguments = { 0, 1 }, .filtered = IN_ALL },
	{ "bind", .call = SYS_bind, .make = calls,
	  .arguments = { -1 }, .filtered = IN_ALL & ~IN_RETRY, .any = true },
	{ "accept", .call = SYS_accept4, .make = calls,
	  .arguments = { -1 }, .filtered = IN_ALL & ~IN_SMTP_DOOR,
	  .any = true },

	/* ---- memory ---- */
	{ "write what runs", .make = maps,
	  .arguments = { PROT_READ | PROT_WRITE | PROT_EXEC, 0 },
	  .filtered = IN_ALL },
	{ "run what was written and stays writable", .make = maps,
	  .arguments = { PROT_READ | PROT_WRITE,
			 PROT_READ | PROT_WRITE | PROT_EXEC },
	  .filtered = IN_ALL },
};
/* clang-format on */
const size_t tries_of_calls_n = ARRAY_LEN(tries_of_calls);

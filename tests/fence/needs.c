/* SPDX-License-Identifier: ISC */
/* What each state must be able to do. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "store/mbox.h"
#include "store/quota.h"
#include "tests/fence/tries.h"

static long result(long r)
{
	return r < 0 ? -errno : r;
}

static long opens(struct scene *s, const struct try *t)
{
	int fd = open(scene_path(s, t->path), t->flags | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	(void)close(fd);
	return 0;
}

static long appends(struct scene *s, const struct try *t)
{
	const struct mbox_message m = {
		.sender = SLICE("a@blue.example"),
		.head = SLICE("Return-Path: <a@blue.example>\n"),
		.text = SLICE("Subject: x\n\nx\n"),
		.fd = -1,
		.owner = (uid_t)-1,
		.once = SLICE(""),
	};

	return !s->store ? -EPERM
			 : mbox_append(s->store, slice_of(t->path), &m);
}

static long measures(struct scene *s, const struct try *t)
{
	struct usage u;

	return !s->store ? -EPERM
			 : quota_usage(s->store, slice_of(t->path), true, &u);
}

/* tmp/ → new/ → gone, as a message goes. */
static long queues(struct scene *s, const struct try *t)
{
	char from[PATH_MAX], to[PATH_MAX];
	int fd;

	(void)t;
	(void)snprintf(from, sizeof(from), "%s", scene_path(s, "queue/tmp/m"));
	(void)snprintf(to, sizeof(to), "%s", scene_path(s, "queue/new/m"));
	fd = open(from, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (write(fd, "x", 1) != 1 || rename(from, to) < 0 || unlink(to) < 0 ||
	    fsync(fd) < 0)
		return -errno;
	(void)close(fd);
	return 0;
}

/* As store/dotlock.c does. */
static long locks(struct scene *s, const struct try *t)
{
	char own[PATH_MAX], lock[PATH_MAX];
	int fd;
	long r;

	(void)t;
	(void)snprintf(own, sizeof(own), "%s",
		       scene_path(s, "mail/.postern/alice.lock.host"));
	(void)snprintf(lock, sizeof(lock), "%s",
		       scene_path(s, "mail/alice.lock"));
	fd = open(own, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	(void)close(fd);
	r = result(link(own, lock));
	if (r == 0)
		r = result(unlink(lock));
	return r;
}

static long asks(struct scene *s, const struct try *t)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	long r;

	(void)t;
	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%.100s",
		       scene_path(s, "run/auth"));
	r = fd < 0 ? -errno
		   : result(connect(fd, (struct sockaddr *)&a, sizeof(a)));
	(void)close(fd);
	return r;
}

static long calls_out(struct scene *s, const struct try *t)
{
	struct sockaddr_storage a;
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	long r;

	(void)t;
	if (fd < 0 || getpeername(STDIN_FILENO, (struct sockaddr *)&a, &n) < 0)
		return -errno;
	r = result(connect(fd, (struct sockaddr *)&a, n));
	(void)close(fd);
	return r;
}

/* A library, as dlopen(3) does. */
static long loads(struct scene *s, const struct try *t)
{
	int fd = open("/lib64/ld-linux-x86-64.so.2", O_RDONLY | O_CLOEXEC);
	void *p;

	(void)s, (void)t;
	if (fd < 0 && errno == ENOENT)
		fd = open("/lib/ld-linux-aarch64.so.1", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	(void)close(fd);
	if (p == MAP_FAILED)
		return -errno;
	return result(munmap(p, 4096));
}

static long forks(struct scene *s, const struct try *t)
{
	pid_t pid = fork();

	(void)s, (void)t;
	if (pid == 0)
		_exit(0);
	return pid < 0 || waitpid(pid, NULL, 0) < 0 ? -errno : 0;
}

/* To root, who may be trying this, it is no limit. */
static long has_forks_left(struct scene *s, const struct try *t)
{
	struct rlimit l;

	(void)s, (void)t;
	if (getrlimit(RLIMIT_NPROC, &l) < 0)
		return -errno;
	return l.rlim_cur > 0 && l.rlim_max > 0 ? 0 : -EPERM;
}

#define ELSE(x) (IN_ALL & ~(x)), .any = true

/* clang-format off */
const struct try needs[] = {
	{ "append to a mailbox", .make = appends, .path = "alice",
	  .landed = IN_POP3_BOX | IN_WORKER, .filtered = IN_POP3 | IN_JUDGE,
	  .any = true },
	{ "ask how full it is", .make = measures, .path = "alice",
	  .filtered = IN_POP3 | IN_JUDGE, .landed = IN_WORKER, .any = true },
	{ "lock it", .make = locks,
	  .landed = ELSE(IN_KEEPER | IN_HOUSE | IN_POP3_BOX | IN_RUN) },
	{ "put a message into the queue", .make = queues,
	  .landed = ELSE(IN_SMTP | IN_SMTP_DOOR | IN_RUN) },
	{ "read the users file", .make = opens, .path = "etc/users",
	  .landed = ELSE(IN_JUDGE) },
	{ "read a list that they include", .make = opens, .path = "etc/list",
	  .landed = ELSE(IN_SMTP | IN_SMTP_DOOR | IN_RUN) },
	{ "ask postern-authd", .make = asks },
	{ "call another host", .make = calls_out,
	  .filtered = IN_ALL & ~IN_RETRY },
	{ "load a library", .make = loads,
	  .landed = ELSE(IN_SMTP | IN_SMTP_DOOR | IN_POP3 | IN_JUDGE |
			 IN_RETRY) },
	{ "fork", .make = forks, .filtered = IN_JUDGE, .any = true },
	{ "have another process or thread", .make = has_forks_left,
	  .limited = IN_ALL & ~(IN_RUN | IN_HOUSE) },
};
/* clang-format on */
const size_t needs_n = ARRAY_LEN(needs);

/* SPDX-License-Identifier: ISC */
/* See starter.h. A request is the descriptor that will be the program's
 * standard input and output; nothing else is ever read from the session. */
#include "auth/starter.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>

#include "base/file.h"

/* ---- the process ---- */

struct starter {
	int requests;
	const char *program, *config;
	bool stderr_is_ours;
};

/* Until it is read: to be gone before the session has said anything would be
 * an error of its own there. */
static void say_failed(int error)
{
	char text[32];
	ssize_t n = snprintf(text, sizeof(text), STARTER_FAILED "%d\n", error);

	if (write(STDOUT_FILENO, text, (size_t)n) == n)
		while (read(STDIN_FILENO, text, sizeof(text)) > 0)
			;
}

static _Noreturn void become(const struct starter *s, int fd)
{
	if (dup2(fd, STDIN_FILENO) >= 0 && dup2(fd, STDOUT_FILENO) >= 0) {
		(void)close_range(3, ~0U, 0); /* O_CLOEXEC does so as well */
		/* it waits for children of its own */
		(void)signal(SIGCHLD, SIG_DFL);
		(void)execl(s->program, "postern-authd", "-c", s->config,
			    (char *)NULL);
		say_failed(errno);
	}
	_exit(127);
}

/* Descriptor, -ENOMSG (there was none in it), or -errno; 0: the end. */
static int receive(int requests)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = "" };
	char byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control.room,
			    .msg_controllen = sizeof(control.room) };
	ssize_t n = recvmsg(requests, &m, MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int fd;

	if (n <= 0)
		return n < 0 ? -errno : 0;
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(sizeof(fd)))
		return -ENOMSG;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/* What a process does with the descriptor it is forked for; does not return. */
typedef void task(const struct starter *s, int fd);

static void serve(const struct starter *s, task *run)
{
	int fd;

	while ((fd = receive(s->requests)) != 0) {
		if (fd == -EINTR || fd == -ENOMSG)
			continue;
		if (fd < 0)
			return;
		if (fork() == 0)
			run(s, fd);
		(void)close(fd); /* the child's; without one it shows */
	}
}

/* A process for each line: what comes by one is no other session's trouble. */
static _Noreturn void attend(const struct starter *s, int line)
{
	const struct starter own = { line, s->program, s->config,
				     s->stderr_is_ours };

	(void)close(s->requests); /* the acceptor's */
	serve(&own, become);
	_exit(0);
}

/* Nothing of the session's: standard error may be the connection too. */
static int let_go(int *requests, bool stderr_is_ours)
{
	int r = file_let_go(stderr_is_ours ? STDOUT_FILENO : STDERR_FILENO);

	if (r < 0)
		return r;
	if (*requests != 3) {
		if (dup3(*requests, 3, O_CLOEXEC) < 0)
			return -errno;
		*requests = 3;
	}
	return close_range(4, ~0U, 0) < 0 ? -errno : 0;
}

static _Noreturn void live(struct starter s, task *run)
{
	/* who was started is nobody's to wait for */
	if (signal(SIGCHLD, SIG_IGN) != SIG_ERR &&
	    let_go(&s.requests, s.stderr_is_ours) == 0)
		serve(&s, run);
	_exit(0);
}

/* ---- the session's side ---- */

bool starter_needed(const struct settings *s)
{
	return s->auth.socket.n == 0 || access(s->auth.socket.p, F_OK) < 0;
}

static int start(const struct settings *s, const char *config,
		 bool stderr_is_ours, task *run)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		live((struct starter){ .requests = pair[1],
				       .program = s->auth.program.p,
				       .config = config,
				       .stderr_is_ours = stderr_is_ours },
		     run);
	(void)close(pair[1]); /* the child's */
	if (pid > 0)
		return pair[0];
	(void)close(pair[0]); /* of no use */
	return -EAGAIN;
}

int starter_new(const struct settings *s, const char *config,
		bool stderr_is_ours)
{
	return start(s, config, stderr_is_ours, become);
}

int starter_of_many(const struct settings *s, const char *config,
		    bool stderr_is_ours)
{
	return start(s, config, stderr_is_ours, attend);
}

static int send_it(int starter, int fd, int flags)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = "" };
	char byte = 0;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control.room,
			    .msg_controllen = sizeof(control.room) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(starter, &m, MSG_NOSIGNAL | flags) < 0 ? -errno : 0;
}

int starter_pass(int starters, int line)
{
	return send_it(starters, line, MSG_DONTWAIT);
}

int starter_ask(int starter)
{
	int pair[2];
	int r;

	if (starter < 0)
		return -ENOENT;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	r = send_it(starter, pair[1], 0);
	(void)close(pair[1]); /* is on its way, or of no use */
	if (r < 0)
		(void)close(pair[0]); /* likewise */
	return r < 0 ? r : pair[0];
}

/* SPDX-License-Identifier: ISC */
/* A stream on descriptors: sockets, pipes, terminals, files. Never changes
 * O_NONBLOCK: the descriptor may be shared with the shell that started us. */
#include "net/stream.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/clock.h"

struct ends {
	int in, out;
	bool in_socket, out_socket;
};

static volatile sig_atomic_t term_came;
static const sigset_t *while_waiting; /* blocked then; NULL: as ever */

static void note_term(int signal)
{
	(void)signal;
	term_came = 1;
}

int stream_heed_term(void)
{
	static sigset_t before;
	struct sigaction a = { .sa_handler = note_term };
	sigset_t term;

	(void)sigemptyset(&term); /* fail only for signals that there are not */
	(void)sigaddset(&term, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &term, &before) < 0 ||
	    sigaction(SIGTERM, &a, NULL) < 0)
		return -errno;
	(void)sigdelset(&before, SIGTERM);
	while_waiting = &before;
	return 0;
}

/* poll(2), in which signals that are held back may come. */
static int poll_for(struct pollfd *p, int64_t wait_ms)
{
	const struct timespec t = { .tv_sec = wait_ms / 1000,
				    .tv_nsec = wait_ms % 1000 * 1000000 };

	return ppoll(p, 1, wait_ms < 0 ? NULL : &t, while_waiting);
}

/* Wait until `fd` is ready: 0, -ETIMEDOUT, -ECANCELED, -errno. A regular file
 * always is. Another signal does not end the wait. */
static int wait_for(int fd, short events, int64_t wait_ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t until = wait_ms < 0 ? 0 : clock_mono_ms() + wait_ms;
	int n;

	for (;;) {
		n = poll_for(&p, term_came ? 0 : wait_ms);
		if (n > 0)
			return 0;
		if (n == 0)
			return term_came && wait_ms != 0 ? -ECANCELED
							 : -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
		if (wait_ms < 0)
			continue;
		wait_ms = until - clock_mono_ms();
		if (wait_ms < 0)
			return -ETIMEDOUT;
	}
}

/* Did a call only find that it would have to wait? */
static bool would_wait(ssize_t n)
{
	/* readiness can be spurious (select(2), Bugs) */
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* A socket is tried first and waited for only when there is nothing; others
 * have no call that cannot block. */
static ssize_t fd_read(void *context, void *p, size_t n, int64_t wait_ms)
{
	struct ends *e = context;
	bool tried = !e->in_socket;

	for (;;) {
		ssize_t got;
		int r = tried ? wait_for(e->in, POLLIN, wait_ms) : 0;

		if (r < 0)
			return r;
		got = e->in_socket ? recv(e->in, p, n, MSG_DONTWAIT)
				   : read(e->in, p, n);
		if (!would_wait(got))
			return got < 0 ? -errno : got;
		if (wait_ms == 0)
			return -ETIMEDOUT;
		tried = true;
	}
}

/* A pipe that is ready takes PIPE_BUF bytes at once; more could block past the
 * deadline, for O_NONBLOCK is not ours to set. */
static ssize_t write_some(int fd, const void *p, size_t n)
{
	return write(fd, p, n < PIPE_BUF ? n : PIPE_BUF);
}

static ssize_t fd_write(void *context, const void *p, size_t n, int64_t wait_ms)
{
	struct ends *e = context;
	bool tried = !e->out_socket;

	for (;;) {
		ssize_t done;
		int r = tried ? wait_for(e->out, POLLOUT, wait_ms) : 0;

		if (r < 0)
			return r;
		done = e->out_socket
			       ? send(e->out, p, n, MSG_DONTWAIT | MSG_NOSIGNAL)
			       : write_some(e->out, p, n);
		if (!would_wait(done))
			return done < 0 ? -errno : done;
		tried = true;
	}
}

static bool fd_ready(void *context)
{
	struct ends *e = context;

	return wait_for(e->in, POLLIN, 0) == 0;
}

/* A pipe's reader sees the end when the last descriptor is gone. Its number is
 * kept: no file that is opened later shall get it. */
static void fd_end(void *context)
{
	struct ends *e = context;
	int nothing;

	if (e->out_socket) {
		/* it fails when the peer has gone: likewise good */
		ignore(shutdown(e->out, SHUT_WR));
		return;
	}
	nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (nothing < 0)
		return; /* then he waits for our end */
	ignore(dup3(nothing, e->out, O_CLOEXEC));
	(void)close(nothing); /* nothing was written */
}

static const struct stream_ops fd_ops = {
	.read = fd_read,
	.write = fd_write,
	.ready = fd_ready,
	.end = fd_end,
	.done = free,
};

static bool is_socket(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

struct stream *stream_new_fd(int in, int out)
{
	struct ends *e = calloc(1, sizeof(*e));
	struct stream *s;

	if (!e)
		return NULL;
	*e = (struct ends){ in, out, is_socket(in), is_socket(out) };
	/* other sockets than TCP's refuse it */
	if (e->out_socket)
		ignore(setsockopt(out, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 },
				  sizeof(int)));
	s = stream_new(&fd_ops, e);
	if (!s)
		free(e);
	return s;
}

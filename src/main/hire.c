/* SPDX-License-Identifier: ISC */
/* See hire.h. */
#include "main/hire.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/file.h"
#include "main/fence.h"
#include "store/keeper.h"

/* Most sessions bring no message, and need no fenced-in keeper. */
static bool is_wanted(int fd)
{
	char octet;
	ssize_t n;

	do
		n = recv(fd, &octet, 1, MSG_PEEK);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

void hire_for_good(void)
{
	/* fails for signals only that there are not */
	(void)signal(SIGTERM, SIG_IGN);
}

/* The client must see the session end, and standard error may be the
 * connection too. */
static void live(struct store *store, const struct settings *settings, int fd)
{
	hire_for_good();
	if (file_let_go(STDERR_FILENO) == 0 && is_wanted(fd) &&
	    fence_session(FENCE_KEEPER, settings, NULL) == 0)
		keeper_serve(store, fd);
}

int hire_keeper(struct store *store, const struct settings *settings,
		pid_t *ret)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		(void)close(pair[0]); /* else it would never see it closed */
		live(store, settings, pair[1]);
		_exit(0);
	}
	(void)close(pair[1]); /* the keeper's */
	if (pid < 0) {
		(void)close(pair[0]); /* of no use */
		return -EAGAIN;
	}
	keeper_hire(store, pair[0]);
	*ret = pid;
	return 0;
}

void hire_over(pid_t keeper)
{
	if (keeper > 0)
		while (waitpid(keeper, NULL, 0) < 0 && errno == EINTR)
			;
}

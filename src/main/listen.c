/* SPDX-License-Identifier: ISC */
/* See listen.h. */
#include "main/listen.h"

#include <fcntl.h>
#include <sys/socket.h>

#include "main/manager.h"

#define FIRST_HANDED 3 /* SD_LISTEN_FDS_START */

static bool is_listening(int fd)
{
	int yes = 0;
	socklen_t n = sizeof(yes);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &n) == 0 && yes;
}

static void take(struct listeners *l, int fd, const char *name)
{
	int flags = fcntl(fd, F_GETFL);

	if (l->n == LISTENERS_MAX || flags < 0 ||
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return;
	(void)snprintf(l->names[l->n], LISTENER_NAME_MAX, "%s", name);
	l->v[l->n++] = fd;
}

static const char *name_of(char **names, int i)
{
	/* sd_listen_fds_with_names(3): where the manager does not say */
	return names && strcmp(names[i], "unknown") != 0 ? names[i] : "";
}

/* Does a descriptor listen that a manager may have handed over? */
static bool some_listen(void)
{
	int fd = FIRST_HANDED;

	while (fd < FIRST_HANDED + LISTENERS_MAX && fcntl(fd, F_GETFD) >= 0)
		if (is_listening(fd++))
			return true;
	return false;
}

int listeners_find(struct listeners *ret)
{
	char **names = NULL;
	int handed = some_listen() ? manager_sockets(&names) : 0;
	int fd;

	ret->n = 0;
	if (handed < 0)
		return handed;
	for (int i = 0; i < handed; i++) {
		fd = FIRST_HANDED + i;
		/* a program that comes in our place needs it too */
		if (is_listening(fd) && fcntl(fd, F_SETFD, 0) == 0)
			take(ret, fd, name_of(names, i));
	}
	manager_names_done(names);
	if (ret->n == 0 && is_listening(STDIN_FILENO)) {
		/* a session has its connection there */
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, FIRST_HANDED);
		if (fd >= 0)
			take(ret, fd, "");
	}
	return (int)ret->n;
}

void listeners_close(const struct listeners *l)
{
	for (size_t i = 0; i < l->n; i++)
		(void)close(l->v[i]); /* another process has it still */
}

/* SPDX-License-Identifier: ISC */
/* See signals.h. */
#include "main/signals.h"

#include <signal.h>
#include <sys/signalfd.h>

int signals_open(void)
{
	static const int heard[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP };
	sigset_t set;
	int fd;

	(void)sigemptyset(&set); /* fail only for signals that there are not */
	for (size_t i = 0; i < ARRAY_LEN(heard); i++)
		(void)sigaddset(&set, heard[i]);
	if (sigprocmask(SIG_SETMASK, &set, NULL) < 0)
		return -errno;
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

void signals_let_through(void)
{
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL); /* cannot fail */
}

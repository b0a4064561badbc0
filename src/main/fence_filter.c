/* SPDX-License-Identifier: ISC */
/* See fence_filter.h. A forbidden call is not made: the kernel sends SIGSYS
 * instead, and whoever tried it says so in the log and dies. An intruder may
 * have taken that signal for himself; the call is not made all the same. */
#include "main/fence_filter.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <syslog.h>

#include "base/log.h"
#include "fence_filters.h"

#define LOG_MOST_S 2

static const struct log_kind forbidden = {
	.id = "f3a9d0c41e5b4b7f9d62c8a07e15b934",
	.level = LOG_CRIT,
	.text = "a forbidden system call; the process ends",
};

static const char *name_of(int number)
{
	const char *name = NULL;

	if (number >= 0 && (size_t)number < ARRAY_LEN(call_names))
		name = call_names[number];
	return name ? name : "unknown";
}

/* Nothing is left but to say it. Whoever was inside malloc() when it happened
 * cannot: then the alarm ends it. */
static void trapped(int signal_number, siginfo_t *info, void *context)
{
	char text[64];
	struct log_field field = { .name = "DETAIL" };

	(void)context;
	(void)alarm(LOG_MOST_S);
	(void)snprintf(text, sizeof(text), "%s (%d)", name_of(info->si_syscall),
		       info->si_syscall);
	field.value = slice_of(text);
	log_event(&forbidden, &field, 1);
	(void)signal(signal_number, SIG_DFL); /* else _exit */
	(void)raise(signal_number);
	_exit(1);
}

static int catch_it(void)
{
	struct sigaction a = { .sa_sigaction = trapped };

	a.sa_flags = SA_SIGINFO | SA_NODEFER;
	(void)sigemptyset(&a.sa_mask); /* cannot fail */
	return sigaction(SIGSYS, &a, NULL) < 0 ? -errno : 0;
}

int fence_filter(enum fence_program program)
{
	int r = catch_it();

	if (r == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER,
			    &filters[program], 0, 0) < 0)
		r = -errno;
	return r;
}

bool fence_has_filter(void)
{
	return true;
}

/* SPDX-License-Identifier: ISC */
/* See porter.h. */
#include "main/porter.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>

#include "base/clock.h"
#include "base/log.h"
#include "main/manager.h"
#include "main/signals.h"
#include "main/sink.h"

#define PAUSE_MS     500 /* after an acceptor that died, before the next */
#define FAILURES_MAX 10  /* in a row: then the manager shall try */

static const struct log_kind acceptor_died = {
	.id = "c93f5e1a7d2b4b06a8e417f2d05c6b93",
	.level = LOG_ERR,
	.text = "an acceptor died; another takes its place",
};
static const struct log_kind not_replaced = {
	.id = "7be2d90c41f84e3c9a6f3d58b1270ea4",
	.level = LOG_ERR,
	.text = "the new program cannot be started, the old one goes on",
};

struct porter {
	const struct acceptor_job *job;
	const struct listeners *listeners;
	struct ledger *ledger;
	char program[PATH_MAX]; /* where ours lies; empty: not known */
	struct watch watch;     /* it */
	int signals;
	int words[2];
	pid_t current; /* who accepts; 0: nobody */
	bool ready;    /* the manager knows */
	bool ending;
	unsigned failures;   /* acceptors that never got ready, in a row */
	int64_t start_at_ms; /* the next acceptor; 0: not */
};

/* "submission, submissions: "; or empty. */
static void name_doors(const struct listeners *l, char *ret, size_t room)
{
	size_t at = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < l->n && at < room; i++)
		if (l->names[i][0] != '\0')
			at += (size_t)snprintf(ret + at, room - at, "%s%s",
					       at > 0 ? ", " : "", l->names[i]);
	if (at > 0 && at < room)
		(void)snprintf(ret + at, room - at, ": ");
}

static void tell_counts(const struct porter *k)
{
	struct ledger_sum s = ledger_sum(k->ledger);
	char text[512], doors[256];

	name_doors(k->listeners, doors, sizeof(doors));
	(void)snprintf(text, sizeof(text),
		       "STATUS=%s%ju sessions now, %ju since the start, %ju "
		       "turned away",
		       doors, (uintmax_t)s.live, (uintmax_t)s.served,
		       (uintmax_t)s.refused);
	manager_tell(text);
}

/* ---- acceptors ---- */

static _Noreturn void become_acceptor(struct porter *k, struct ledger_row *row)
{
	const struct acceptor_place place = {
		.listeners = k->listeners,
		.program = &k->watch,
		.ledger = k->ledger,
		.row = row,
		.porter = k->words[1],
	};

	row->pid = getpid();
	(void)close(k->signals);    /* the porter's */
	(void)close(k->words[0]);   /* likewise */
	(void)close(k->ledger->fd); /* it is mapped */
	_exit(acceptor_run(k->job, &place));
}

/* With very many that still have sessions, the first of them must go. */
static struct ledger_row *row_of_next(struct porter *k)
{
	struct ledger_row *row = ledger_take(k->ledger), *oldest;

	if (row)
		return row;
	oldest = ledger_oldest(k->ledger);
	if (oldest)
		(void)kill(oldest->pid, SIGTERM); /* or it has just ended */
	return NULL;
}

static void start_acceptor(struct porter *k)
{
	struct ledger_row *row = row_of_next(k);
	pid_t pid = row ? fork() : -1;

	k->start_at_ms = 0;
	if (pid == 0)
		become_acceptor(k, row);
	if (pid < 0) {
		k->start_at_ms = clock_mono_ms() + PAUSE_MS;
		return;
	}
	row->pid = pid;
	k->current = pid;
}

static void log_died(pid_t pid, int status)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "pid %ld, %s %d", (long)pid,
		       WIFSIGNALED(status) ? "signal" : "status",
		       WIFSIGNALED(status) ? WTERMSIG(status)
					   : WEXITSTATUS(status));
	const struct log_field fields[] = { { "DETAIL", slice_of(text) } };

	log_event(&acceptor_died, fields, ARRAY_LEN(fields));
}

/* The one that accepted has ended: it was idle, or something is wrong. */
static void without_acceptor(struct porter *k, int status)
{
	k->current = 0;
	if (k->ending)
		return;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		k->ending = true;
		return;
	}
	k->failures++;
	k->start_at_ms = clock_mono_ms() + PAUSE_MS;
}

/* ---- a new program ---- */

static void log_not_replaced(const struct porter *k, int error)
{
	const struct log_field fields[] = {
		{ "PLACE", slice_of(k->program) },
		{ "STATUS", slice_of(strerror(error)) },
	};

	log_event(&not_replaced, fields, ARRAY_LEN(fields));
}

/* Acceptors stay our children, their rows stay in the ledger; signals that
 * come meanwhile stay blocked, and are not lost. */
static void give_place(struct porter *k)
{
	if (k->program[0] == '\0' || !watch_changed(&k->watch))
		return;
	(void)execv(k->program, k->job->argv);
	log_not_replaced(k, errno);
	watch_done(&k->watch);
	watch_add(&k->watch, k->program);
}

static void renew(struct porter *k)
{
	k->current = 0;
	give_place(k);
	start_acceptor(k);
}

/* ---- what it hears ---- */

static void hear_word(struct porter *k, const struct acceptor_word *w)
{
	bool of_current = w->pid == k->current;

	switch (w->what) {
	case ACCEPTOR_READY:
		k->failures = 0;
		if (!k->ready)
			manager_tell("READY=1");
		k->ready = true;
		break;
	case ACCEPTOR_STALE:
		if (of_current && !k->ending)
			renew(k);
		break;
	case ACCEPTOR_COUNT:
		break;
	}
	tell_counts(k);
}

static void hear_words(struct porter *k)
{
	struct acceptor_word w;

	/* a record is written whole (PIPE_BUF), and so read */
	while (read(k->words[0], &w, sizeof(w)) == sizeof(w))
		hear_word(k, &w);
}

static void bury(struct porter *k)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct ledger_row *row = ledger_find(k->ledger, pid);

		if (row)
			ledger_give_back(k->ledger, row);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			log_died(pid, status);
		/* its last may have been that it was stale, not idle */
		hear_words(k);
		if (pid == k->current)
			without_acceptor(k, status);
	}
}

static void end(struct porter *k)
{
	k->ending = true;
	k->start_at_ms = 0;
	manager_tell("STOPPING=1");
	ledger_signal(k->ledger, SIGTERM);
}

static void reload(struct porter *k)
{
	if (k->ending)
		return;
	if (k->current > 0)
		(void)kill(k->current, SIGHUP); /* or it has just ended */
	renew(k);
}

static void hear_signals(struct porter *k)
{
	struct signalfd_siginfo s;

	while (read(k->signals, &s, sizeof(s)) == sizeof(s)) {
		if (s.ssi_signo == SIGTERM || s.ssi_signo == SIGINT)
			end(k);
		else if (s.ssi_signo == SIGHUP)
			reload(k);
	}
	bury(k);
}

/* ---- its life ---- */

static int wait_ms(const struct porter *k)
{
	int64_t left;

	if (k->start_at_ms == 0)
		return -1;
	left = k->start_at_ms - clock_mono_ms();
	return left > 0 ? (int)left : 0;
}

static void wait_and_act(struct porter *k)
{
	struct pollfd p[] = {
		{ .fd = k->signals, .events = POLLIN },
		{ .fd = k->words[0], .events = POLLIN },
	};

	if (poll(p, ARRAY_LEN(p), wait_ms(k)) < 0)
		return; /* EINTR: a debugger */
	if (p[1].revents)
		hear_words(k);
	if (p[0].revents)
		hear_signals(k);
	if (k->start_at_ms > 0 && wait_ms(k) == 0)
		start_acceptor(k);
}

static bool is_ours(const char *program)
{
	struct stat ours, there;

	return stat("/proc/self/exe", &ours) == 0 &&
	       stat(program, &there) == 0 && ours.st_dev == there.st_dev &&
	       ours.st_ino == there.st_ino;
}

/* It may have been replaced since it was executed; proc(5) then says so behind
 * its name. */
static void find_program(struct porter *k)
{
	static const char gone[] = " (deleted)";
	ssize_t n =
		readlink("/proc/self/exe", k->program, sizeof(k->program) - 1);
	size_t end = n > 0 ? (size_t)n : 0;

	k->program[end] = '\0';
	if (end == 0)
		return;
	if (end > strlen(gone) &&
	    strcmp(k->program + end - strlen(gone), gone) == 0)
		k->program[end - strlen(gone)] = '\0';
	watch_add(&k->watch, k->program);
	k->watch.blind |= !is_ours(k->program);
}

static int open_all(struct porter *k)
{
	find_program(k);
	k->ledger = ledger_open();
	k->signals = signals_open();
	/* no configuration says where the log goes */
	if (sink_install(k->job->name, SLICE("auto"), LOG_INFO,
			 isatty(STDERR_FILENO)) < 0)
		return -ENOTSUP;
	if (!k->ledger || k->signals < 0 || pipe2(k->words, O_CLOEXEC) < 0)
		return -errno;
	/* acceptors wait until there is room, the porter never does */
	return fcntl(k->words[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

int porter_run(const struct acceptor_job *job,
	       const struct listeners *listeners)
{
	struct porter k = { .job = job, .listeners = listeners };
	bool failed;

	if (open_all(&k) < 0)
		return 1;
	start_acceptor(&k);
	/* those of a program before us may have ended unseen */
	bury(&k);
	while ((!k.ending || ledger_sum(k.ledger).acceptors > 0) &&
	       k.failures < FAILURES_MAX)
		wait_and_act(&k);
	failed = k.failures >= FAILURES_MAX;
	watch_done(&k.watch);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: ISC */
/* See acceptor.h. Must never read from a connection. */
#include "main/acceptor.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <syslog.h>

#include "base/clock.h"
#include "base/log.h"
#include "main/manager.h"
#include "main/signals.h"

#define EVENTS_AT_ONCE 64
#define TAKEN_AT_ONCE  16
#define WANTED_BY      2    /* one may be a passing stranger */
#define WORD_MS        1000 /* between two words about counts */
#define GRACE_MS       1000 /* for sessions to end by themselves */
#define PAUSE_US       20000

static const struct log_kind turned_away = {
	.id = "4f6a2bd3f27c4a5d8f15a74e0b6d9a31",
	.level = LOG_NOTICE,
	.text = "connections turned away: too many",
};
static const struct log_kind cannot_accept = {
	.id = "a1c7e05d9b3f4d68b2f04e97c85d1a62",
	.level = LOG_ERR,
	.text = "cannot accept connections",
};

/* Who was turned away and not told of yet: so many, the last of them. */
struct away {
	uint64_t n;
	struct peer last;
	const char *why;
};

struct acceptor {
	const struct acceptor_job *job;
	const struct acceptor_place *place;
	struct acceptor_terms terms;
	struct watch watch;
	struct crowd *crowd;
	int signals;
	int events;         /* epoll(7) */
	int first;          /* descriptors from here on are of sessions */
	bool wanted;        /* as it began: job->load */
	unsigned loaded;    /* sessions that were ACCEPTOR_LOADED */
	bool closed;        /* accepts no more */
	bool alone;         /* no session, of older acceptors neither */
	int64_t idle_at_ms; /* since when */
	int64_t told_at_ms; /* the last word about counts */
	bool dirty;         /* they have changed since */
	struct away away;
	int64_t end_at_ms; /* when sessions are told to end; 0: not yet */
};

static void say(struct acceptor *a, int what)
{
	const struct acceptor_word w = { .pid = getpid(), .what = what };

	/* a porter that is no more (an upgrade) need not be told */
	ignore(write(a->place->porter, &w, sizeof(w)));
}

static void count(struct acceptor *a)
{
	a->place->row->live = crowd_count(a->crowd);
	a->dirty = true;
}

/* Once a second, however many: who floods us shall not have us write, or wait
 * for the journal, each time. */
static void tell_of_away(struct acceptor *a)
{
	char peer[PEER_TEXT_MAX], n[24];

	peer_text(&a->away.last, peer);
	(void)snprintf(n, sizeof(n), "%ju", (uintmax_t)a->away.n);
	const struct log_field fields[] = {
		{ "PEER", slice_of(peer) },
		{ "COUNT", slice_of(n) },
		{ "DETAIL", slice_of(a->away.why) },
	};

	log_event(&turned_away, fields, ARRAY_LEN(fields));
	a->away.n = 0;
}

static void say_counts(struct acceptor *a)
{
	int64_t now = clock_mono_ms();

	if (!a->dirty || now - a->told_at_ms < WORD_MS)
		return;
	if (a->away.n > 0)
		tell_of_away(a);
	a->dirty = false;
	a->told_at_ms = now;
	say(a, ACCEPTOR_COUNT);
}

/* ---- one connection ---- */

/* A new process is to have what it would have behind another door: no signal
 * blocked, nothing of the acceptor's and nothing of other sessions' but these
 * two, either of which may be -1. */
static void forget_all_but(const struct acceptor *a, int low, int high)
{
	const int kept[] = { low, high };
	unsigned from = (unsigned)a->first;

	signals_let_through();
	(void)close(a->signals);       /* not a session's, */
	(void)close(a->events);        /* nor this, */
	(void)close(a->place->porter); /* nor this */
	listeners_close(a->place->listeners);
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		if (kept[i] < a->first)
			continue; /* there is none */
		if ((unsigned)kept[i] > from)
			(void)close_range(from, (unsigned)kept[i] - 1, 0);
		from = (unsigned)kept[i] + 1;
	}
	(void)close_range(from, ~0U, 0); /* some are open */
}

static _Noreturn void become_session(struct acceptor *a, int fd,
				     struct acceptor_ends ends)
{
	if (dup2(fd, STDIN_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0)
		_exit(1);
	if (ends.keeper < ends.starter)
		forget_all_but(a, ends.keeper, ends.starter);
	else
		forget_all_but(a, ends.starter, ends.keeper);
	/* a signal is for all processes that it may fork: see crowd_signal */
	(void)setpgid(0, 0);
	_exit(a->job->serve(a->job->context, ends));
}

static _Noreturn void become_keeper(struct acceptor *a, int fd)
{
	forget_all_but(a, -1, fd);
	a->job->keep(a->job->context, fd);
	_exit(0);
}

/* A new socket takes so few octets without waiting. */
static void turn_away(struct acceptor *a, int fd, const struct peer *p,
		      struct slice text, const char *why)
{
	a->place->row->refused++;
	a->dirty = true;
	a->away = (struct away){ a->away.n + 1, *p, why };
	if (text.n > 0)
		ignore(send(fd, text.p, text.n, MSG_DONTWAIT | MSG_NOSIGNAL));
	(void)shutdown(fd, SHUT_WR); /* or he has gone */
}

static bool is_exempt(const struct acceptor *a, const struct peer *p)
{
	for (size_t i = 0; i < ACCEPTOR_EXEMPT_MAX; i++)
		if (a->terms.exempt[i] && networks_have(a->terms.exempt[i], p))
			return true;
	return false;
}

/* Those of older acceptors count too, where all are counted. */
static enum crowd_answer judge(const struct acceptor *a, const struct peer *p)
{
	const struct peer nobody = { .kind = PEER_NONE };
	struct ledger_sum sum = ledger_sum(a->place->ledger);

	if (sum.live >= a->terms.limits.all)
		return CROWD_FULL;
	return crowd_judge(a->crowd, is_exempt(a, p) ? &nobody : p);
}

enum {
	OF_SIGNALS,
	OF_LISTENER,
	OF_KEEPER, /* our ends of a session's pairs */
	OF_STARTER,
};

static int expect(const struct acceptor *a, unsigned what, int fd)
{
	struct epoll_event e = { .events = EPOLLIN,
				 .data.u64 =
					 (uint64_t)what << 32 | (uint32_t)fd };

	return epoll_ctl(a->events, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
}

/* Closing would not do: another process has it still. */
static void forget(const struct acceptor *a, int fd)
{
	/* fails only for what was never expected */
	(void)epoll_ctl(a->events, EPOLL_CTL_DEL, fd, NULL);
}

/* Of pairs the first end is ours, the second a session's. */
struct pairs {
	int keeper[2], starter[2];
};

static int make_pair(const struct acceptor *a, unsigned what, int ret[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ret) < 0)
		return -errno;
	return expect(a, what, ret[0]);
}

/* Each session has its own: it can harm no other by them. */
static int make_pairs(const struct acceptor *a, struct pairs *ret)
{
	int r = 0;

	*ret = (struct pairs){ { -1, -1 }, { -1, -1 } };
	if (a->job->keep)
		r = make_pair(a, OF_KEEPER, ret->keeper);
	if (r == 0 && a->terms.starts)
		r = make_pair(a, OF_STARTER, ret->starter);
	return r;
}

static void close_ends(const struct pairs *p, int which)
{
	const int ends[] = { p->keeper[which], p->starter[which] };

	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (ends[i] >= 0)
			(void)close(ends[i]); /* was of no use, or is a copy */
}

static void start_session(struct acceptor *a, int fd, const struct peer *p)
{
	struct pairs pairs;
	pid_t pid = make_pairs(a, &pairs) < 0 ? -1 : fork();

	if (pid == 0)
		become_session(a, fd,
			       (struct acceptor_ends){ pairs.keeper[1],
						       pairs.starter[1] });
	close_ends(&pairs, 1);
	if (pid < 0) {
		turn_away(a, fd, p, a->terms.full, "no process for it");
		close_ends(&pairs, 0);
		return;
	}
	crowd_enter(a->crowd, pid, p);
	a->place->row->served++;
	count(a);
}

/* A session has said something to its keeper, who is not there yet, or it has
 * ended. Not one octet of it is read here. Without a keeper the session finds
 * the other end closed. */
static void call_keeper(struct acceptor *a, int fd, bool gone)
{
	forget(a, fd);
	if (!gone && fork() == 0)
		become_keeper(a, fd);
	(void)close(fd); /* the keeper's now, and no more waited for */
}

static void receive(struct acceptor *a, int fd)
{
	struct peer p;

	if (peer_of_socket(fd, &p) < 0)
		return; /* has gone already */
	switch (judge(a, &p)) {
	case CROWD_WELCOME:
		start_session(a, fd, &p);
		return;
	case CROWD_FULL:
		turn_away(a, fd, &p, a->terms.full, "in all");
		return;
	case CROWD_SOURCE_FULL:
		turn_away(a, fd, &p, a->terms.source_full, "from one source");
		return;
	}
}

static void log_cannot(int error)
{
	const struct log_field fields[] = {
		{ "STATUS", slice_of(strerror(error)) },
	};

	log_event(&cannot_accept, fields, ARRAY_LEN(fields));
}

/* accept(2): errors of the connection are passed on like this, and say nothing
 * about the next one. */
static bool is_of_connection(int error)
{
	static const int errors[] = { EINTR,      ECONNABORTED, ENETDOWN,
				      EPROTO,     ENOPROTOOPT,  EHOSTDOWN,
				      ENONET,     EHOSTUNREACH, EOPNOTSUPP,
				      ENETUNREACH };

	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		if (error == errors[i])
			return true;
	return false;
}

/* So many wait to be accepted, of one that is readable. Of TCP the kernel says
 * it in the field that it has for a connection's segments (tcp_get_info). */
static unsigned waiting(int listener)
{
	struct tcp_info i;
	socklen_t n = sizeof(i);

	if (getsockopt(listener, IPPROTO_TCP, TCP_INFO, &i, &n) < 0 ||
	    i.tcpi_unacked < 1)
		return 1;
	return i.tcpi_unacked < TAKEN_AT_ONCE ? i.tcpi_unacked : TAKEN_AT_ONCE;
}

static bool take(struct acceptor *a, int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0) {
		receive(a, fd);
		(void)close(fd); /* the session's now */
	} else if (errno != EAGAIN && !is_of_connection(errno)) {
		log_cannot(errno);
		clock_pause_us(PAUSE_US);
	}
	return fd >= 0;
}

/* ---- its life ---- */

static void stop_accepting(struct acceptor *a)
{
	const struct listeners *l = a->place->listeners;

	a->closed = true;
	for (size_t i = 0; i < l->n; i++)
		forget(a, l->v[i]);
	listeners_close(l);
}

/* What has waited meanwhile is for the next acceptor. */
static void be_stale(struct acceptor *a)
{
	if (a->closed)
		return;
	stop_accepting(a);
	say(a, ACCEPTOR_STALE);
}

/* A session has something to be started for the first time, or has ended. That
 * is not read here either. The next acceptor makes up for a starter that died.
 */
static void call_starter(struct acceptor *a, int fd, bool gone)
{
	int r;

	forget(a, fd);
	r = gone ? 0 : a->job->start(a->job->context, fd);
	(void)close(fd); /* has been passed on, or the session sees it */
	if (r < 0 && r != -EAGAIN)
		be_stale(a);
}

/* A session's last word. */
static void hear_status(struct acceptor *a, int status)
{
	if (a->wanted || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != ACCEPTOR_LOADED || ++a->loaded < WANTED_BY)
		return;
	a->place->ledger->wanted = true;
	be_stale(a);
}

static void bury(struct acceptor *a)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (crowd_leave(a->crowd, pid)) {
			count(a);
			hear_status(a, status);
		}
}

static void hear_signals(struct acceptor *a)
{
	struct signalfd_siginfo s[8];
	ssize_t n = read(a->signals, s, sizeof(s));

	for (size_t i = 0; n > 0 && i < (size_t)n / sizeof(s[0]); i++) {
		if (s[i].ssi_signo != SIGCHLD && !a->closed)
			stop_accepting(a);
		/* told again, it is no later */
		if ((s[i].ssi_signo == SIGTERM || s[i].ssi_signo == SIGINT) &&
		    a->end_at_ms == 0)
			a->end_at_ms = clock_mono_ms() + GRACE_MS;
	}
	bury(a);
}

/* Those that were there before the files were looked at: what comes after them
 * may have come after a change, and is for the next acceptor if it has. */
static void accept_some(struct acceptor *a, int listener)
{
	unsigned n;

	if (a->closed)
		return;
	n = waiting(listener);
	if (watch_changed(a->place->program) || watch_changed(&a->watch)) {
		be_stale(a);
		return;
	}
	while (n > 0 && take(a, listener))
		n--;
}

/* Nobody says when the last session of an older acceptor ends. */
static void look_around(struct acceptor *a)
{
	bool alone = ledger_sum(a->place->ledger).live == 0;

	if (!alone || !a->alone)
		a->idle_at_ms = clock_mono_ms();
	a->alone = alone;
}

static int64_t at_most(int64_t wait_ms, int64_t until_ms)
{
	int64_t left = until_ms - clock_mono_ms();

	if (left < 0)
		left = 0;
	return wait_ms < 0 || left < wait_ms ? left : wait_ms;
}

static int64_t idle_until(const struct acceptor *a)
{
	return a->idle_at_ms + (int64_t)a->terms.idle_s * 1000;
}

static int wait_ms(const struct acceptor *a)
{
	int64_t ms = -1;

	if (!a->closed && crowd_count(a->crowd) == 0 && a->terms.idle_s > 0)
		ms = at_most(ms, idle_until(a));
	if (a->dirty)
		ms = at_most(ms, a->told_at_ms + WORD_MS);
	if (a->end_at_ms > 0)
		ms = at_most(ms, a->end_at_ms);
	return ms < INT_MAX ? (int)ms : INT_MAX;
}

static void act(struct acceptor *a, const struct epoll_event *e)
{
	int fd = (int)(uint32_t)e->data.u64;

	switch (e->data.u64 >> 32) {
	case OF_SIGNALS:
		hear_signals(a);
		break;
	case OF_LISTENER:
		accept_some(a, fd);
		break;
	case OF_KEEPER:
		call_keeper(a, fd, e->events & EPOLLHUP);
		break;
	default:
		call_starter(a, fd, e->events & EPOLLHUP);
		break;
	}
}

static void wait_and_act(struct acceptor *a)
{
	struct epoll_event e[EVENTS_AT_ONCE];
	/* < 0: EINTR, a debugger */
	int n = epoll_wait(a->events, e, EVENTS_AT_ONCE, wait_ms(a));

	for (int i = 0; i < n; i++)
		act(a, &e[i]);
	look_around(a);
	say_counts(a);
	if (a->end_at_ms > 0 && clock_mono_ms() >= a->end_at_ms) {
		a->end_at_ms = 0;
		crowd_signal(a->crowd, SIGTERM);
	}
}

static bool is_over(const struct acceptor *a)
{
	if (a->closed)
		return crowd_count(a->crowd) == 0;
	return a->alone && a->terms.idle_s > 0 &&
	       clock_mono_ms() >= idle_until(a);
}

/* A socket for each session: as many as may be. */
static void raise_limit(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur == l.rlim_max)
		return;
	l.rlim_cur = l.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &l); /* or it is as it was */
}

/* From a->first on every descriptor will be a session's: whatever is free
 * below is filled. */
static int find_first(struct acceptor *a)
{
	int fd;

	a->first = a->events + 1;
	do {
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return -errno;
	} while (fd < a->first);
	return close(fd);
}

static int open_events(struct acceptor *a)
{
	const struct listeners *l = a->place->listeners;
	int r;

	a->events = epoll_create1(EPOLL_CLOEXEC);
	if (a->events < 0)
		return -errno;
	r = expect(a, OF_SIGNALS, a->signals);
	for (size_t i = 0; i < l->n && r == 0; i++)
		r = expect(a, OF_LISTENER, l->v[i]);
	return r < 0 ? r : find_first(a);
}

static int open_all(struct acceptor *a)
{
	/* what is left of sessions ends with them, should the porter be gone */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	manager_forget();
	raise_limit();
	ledger_keep(a->place->ledger);
	a->wanted = a->place->ledger->wanted;
	a->job->load(a->job->context, a->wanted, &a->watch, &a->terms);
	a->crowd = crowd_new(&a->terms.limits);
	a->signals = signals_open();
	if (!a->crowd || a->signals < 0)
		return -ENOMEM;
	return open_events(a);
}

int acceptor_run(const struct acceptor_job *job,
		 const struct acceptor_place *place)
{
	struct acceptor a = { .job = job, .place = place };

	if (open_all(&a) < 0)
		return 1;
	a.idle_at_ms = a.told_at_ms = clock_mono_ms();
	say(&a, ACCEPTOR_READY);
	while (!is_over(&a))
		wait_and_act(&a);
	if (a.away.n > 0)
		tell_of_away(&a);
	watch_done(&a.watch);
	crowd_free(a.crowd);
	return 0;
}

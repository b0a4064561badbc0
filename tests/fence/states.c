/* SPDX-License-Identifier: ISC */
/* The states, raised by the calls the programs make, in their order. */
#include <fcntl.h>

#include "main/fence.h"
#include "main/hire.h"
#include "route/route.h"
#include "store/maildrop.h"
#include "tests/fence/tries.h"

static int open_store(struct scene *s)
{
	const struct store_options o = { .lock_wait_ms = 1000,
					 .dotlock = true };

	return store_open(s->settings.store.directory.p, &o, &s->store);
}

static int smtp_as(struct scene *s, enum fence_program program)
{
	pid_t keeper;
	int r = open_store(s);

	if (r == 0)
		r = fence_process(program, 0);
	if (r == 0)
		r = hire_keeper(s->store, &s->settings, &keeper);
	return r < 0 ? r : fence_session(FENCE_SMTP, &s->settings, route_lists);
}

static int smtp(struct scene *s)
{
	return smtp_as(s, FENCE_SMTPD);
}

/* The acceptor makes the rules before it forks; its child enters. */
static int smtp_door(struct scene *s)
{
	int rules = -1, r = open_store(s);
	pid_t keeper;

	if (r == 0)
		r = fence_process(FENCE_SMTPD_DOOR, 0);
	if (r == 0)
		r = fence_rules(FENCE_SMTP, &s->settings, route_lists, &rules);
	if (r == 0)
		r = hire_keeper(s->store, &s->settings, &keeper);
	return r < 0 ? r : fence_enter(FENCE_SMTP, rules);
}

static int keeper(struct scene *s)
{
	int r = open_store(s);

	if (r == 0)
		r = fence_process(FENCE_SMTPD, 0);
	return r < 0 ? r : fence_session(FENCE_KEEPER, &s->settings, NULL);
}

static int pop3(struct scene *s)
{
	int r = fence_process(FENCE_POP3D, 0);

	return r < 0 ? r : fence_session(FENCE_POP3, &s->settings, NULL);
}

static int house(struct scene *s)
{
	int r = open_store(s);

	if (r == 0)
		r = fence_process(FENCE_POP3D, 0);
	return r < 0 ? r : fence_session(FENCE_HOUSE, &s->settings, NULL);
}

static int pop3_box(struct scene *s)
{
	struct maildrop *m;
	struct maildrop_places p;
	int64_t wait_ms;
	int r = house(s);

	if (r == 0)
		r = maildrop_open(s->store, SLICE("alice"), 0, &m, &wait_ms);
	if (r < 0)
		return r;
	p = maildrop_places(m);
	return fence_mailbox(p.mailbox, p.dir, p.side);
}

static int judge(struct scene *s)
{
	int r = fence_process(FENCE_AUTHD, 0);

	return r < 0 ? r : fence_session(FENCE_JUDGE, &s->settings, NULL);
}

static int run(struct scene *s)
{
	int r = open_store(s);

	if (r == 0)
		r = fence_process(FENCE_RETRY, 0);
	return r < 0 ? r : fence_session(FENCE_RUN, &s->settings, route_lists);
}

static int worker(struct scene *s)
{
	int r = run(s);

	return r < 0 ? r : fence_session(FENCE_WORKER, &s->settings, NULL);
}

const struct state states[] = {
	{ "an SMTP session", IN_SMTP, smtp },
	{ "an SMTP session behind an acceptor", IN_SMTP_DOOR, smtp_door },
	{ "an SMTP session's keeper", IN_KEEPER, keeper },
	{ "a POP3 session's porch", IN_POP3, pop3 },
	{ "its house before a login", IN_HOUSE, house },
	{ "a POP3 session behind its login", IN_POP3_BOX, pop3_box },
	{ "postern-authd", IN_JUDGE, judge },
	{ "postern-retry", IN_RUN, run },
	{ "a worker of postern-retry", IN_WORKER, worker },
};
const size_t states_n = ARRAY_LEN(states);

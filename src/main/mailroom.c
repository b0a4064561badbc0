/* SPDX-License-Identifier: ISC */
/* See mailroom.h. */
#include "main/mailroom.h"

#include "base/file.h"
#include "main/gate.h"
#include "main/hire.h"
#include "main/program.h"
#include "main/space.h"
#include "net/biff.h"

#define SENDER_MAX ((size_t)1 << 20)
#define LOGIN_MAX  1024

/* Whether anybody listens is nothing to the mail. */
static void announce(void *context, struct slice mailbox, uint64_t at)
{
	const struct mailroom *m = context;

	ignore(biff_send(m->biff, mailbox, at));
}

int mailroom_biff(const struct settings *settings)
{
	/* whether they can be told is nothing to the mail either */
	return settings->notice.biff
		       ? biff_open(settings->notice.biff_address.p)
		       : -1;
}

int mailroom_open(struct mailroom *m, const struct settings *settings,
		  struct store *store, int biff, const char **ret_what)
{
	int r;

	*m = (struct mailroom){
		.settings = settings,
		.store = store,
		.biff = biff,
		.sender = arena_new(SENDER_MAX),
		.login = BUF(LOGIN_MAX),
	};
	*ret_what = "memory";
	if (!m->sender)
		return -ENOMEM;
	*ret_what = "the mail directory";
	r = store ? 0 : program_open_store(settings, &m->store);
	if (r < 0)
		return r;
	*ret_what = "the queue directory";
	r = queue_open(settings->queue.directory.p, false, &m->queue);
	if (r < 0)
		return r;
	*ret_what = "the routing tables";
	r = route_new(settings, &m->route);
	if (r < 0)
		return r;
	*ret_what = "memory";
	r = deliver_new(settings, m->store, m->queue, m->route, &m->deliver);
	if (r == 0 && biff >= 0)
		deliver_on_arrival(m->deliver, announce, m);
	return r;
}

void mailroom_close(struct mailroom *m)
{
	incoming_free(m->incoming);
	deliver_free(m->deliver);
	route_free(m->route);
	queue_close(m->queue);
	store_close(m->store);
	hire_over(m->keeper);
	arena_free(m->sender);
	buf_done(&m->login);
	file_close(&m->biff);
	*m = (struct mailroom){ .biff = -1 };
}

static struct verdict refuse(enum reply_id why, struct slice detail)
{
	return (struct verdict){ why, detail };
}

static enum reply_id reply_of_route(enum route_outcome outcome)
{
	switch (outcome) {
	case ROUTE_FOUND:
		return REPLY_RCPT_OK;
	case ROUTE_NO_USER:
		return REPLY_NO_USER;
	case ROUTE_LOOP:
		return REPLY_LOOP;
	case ROUTE_TOO_MANY:
		return REPLY_TOO_MANY_TARGETS;
	case ROUTE_BROKEN:
		return REPLY_LOCAL_CONFIG;
	case ROUTE_AGAIN:
		break;
	}
	return REPLY_LOCAL_ERROR;
}

/* ---- who may send as whom: RFC 6409 §6.1 ---- */

static bool own_address(const struct route_target *targets, size_t n,
			struct slice own)
{
	for (size_t i = 0; i < n; i++)
		if (targets[i].here && slice_eq(targets[i].mailbox, own))
			return true;
	return false;
}

/* Does `from` lead to the mailbox of who has logged in? */
static enum reply_id judge_sender(struct mailroom *m, const struct addr *from)
{
	struct route_target own, *targets = NULL;
	struct slice line;
	size_t n = 0;
	bool alias;
	enum route_outcome o =
		route_final(m->route, buf_slice(&m->login), m->sender, &own);

	if (o == ROUTE_FOUND && own.here)
		o = route_expand(m->route, from, m->sender, &targets, &n,
				 &alias, &line);
	if (o == ROUTE_AGAIN)
		return REPLY_LOCAL_ERROR;
	return o == ROUTE_FOUND && own_address(targets, n, own.mailbox)
		       ? REPLY_SENDER_OK
		       : REPLY_SENDER_NOT_YOURS;
}

static struct verdict mail(void *context, const struct addr *from,
			   uint64_t size)
{
	struct mailroom *m = context;

	m->size = size;
	/* the null sender is everybody's: a receipt or a notification */
	if (!m->settings->smtp.own_sender || m->login.n == 0 || !from->local.p)
		return refuse(REPLY_SENDER_OK, SLICE_NONE);
	arena_reset(m->sender);
	return refuse(judge_sender(m, from), SLICE_NONE);
}

static struct verdict add(const struct recipient *asked, bool alias,
			  const struct route_target *target,
			  struct envelope *env, struct arena *arena)
{
	struct recipient *r = envelope_add(env, arena);

	if (!r)
		return refuse(REPLY_TOO_MANY_RCPTS, SLICE_NONE);
	*r = *asked;
	r->original = alias ? asked->address : SLICE_NONE;
	r->address = target->address;
	r->final = true;
	return refuse(REPLY_RCPT_OK, SLICE_NONE);
}

static struct verdict rcpt(void *context, const struct addr *to,
			   const struct recipient *asked, struct envelope *env,
			   struct arena *arena)
{
	struct mailroom *m = context;
	struct route_target *targets = NULL;
	struct slice line = SLICE_NONE;
	size_t n = 0;
	size_t before = env->n_to;
	bool alias = false;
	enum route_outcome outcome;
	struct verdict v;

	if (!route_is_local(m->route, to) && !m->may_relay)
		return refuse(REPLY_RELAY_DENIED, SLICE_NONE);
	outcome =
		route_expand(m->route, to, arena, &targets, &n, &alias, &line);
	if (outcome != ROUTE_FOUND)
		return refuse(reply_of_route(outcome), SLICE_NONE);
	v = refuse(space_judge(m->store, targets, n, m->size), SLICE_NONE);
	for (size_t i = 0; i < n && v.reply == REPLY_RCPT_OK; i++)
		v = add(asked, alias, &targets[i], env, arena);
	if (v.reply != REPLY_RCPT_OK)
		env->n_to = before;
	return v;
}

static int begin(void *context, struct envelope *env)
{
	struct mailroom *m = context;

	return incoming_new(m->deliver, env, &m->incoming);
}

static int write_bytes(void *context, struct slice bytes)
{
	struct mailroom *m = context;

	return incoming_write(m->incoming, bytes);
}

static int commit(void *context, uint64_t octets)
{
	struct mailroom *m = context;
	struct incoming *in = m->incoming;

	m->incoming = NULL;
	return incoming_commit(in, octets);
}

static void abort_message(void *context)
{
	struct mailroom *m = context;

	incoming_free(m->incoming);
	m->incoming = NULL;
}

static void login(void *context, struct slice name)
{
	struct mailroom *m = context;

	buf_reset(&m->login);
	m->may_relay = name.n > 0 && buf_put(&m->login, name) == 0;
}

int mailroom_stand_in(struct mailroom *m, struct slice name, bool may_relay)
{
	buf_reset(&m->login);
	m->may_relay = may_relay;
	return buf_put(&m->login, name);
}

static int starttls(void *context, struct stream *s, struct tls_info *ret)
{
	struct mailroom *m = context;

	return gate_shake(m->gate, s, ret);
}

static int tls_ready(void *context)
{
	const struct mailroom *m = context;

	return gate_ready(m->gate);
}

struct smtp_hooks mailroom_hooks(struct mailroom *m)
{
	return (struct smtp_hooks){
		.context = m,
		.mail = mail,
		.rcpt = rcpt,
		.begin = begin,
		.write = write_bytes,
		.commit = commit,
		.abort = abort_message,
		.login = login,
		.tls_ready = tls_ready,
		.starttls =
			m->gate && gate_offers_tls(m->gate) ? starttls : NULL,
	};
}

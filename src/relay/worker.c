/* SPDX-License-Identifier: ISC */
/* See worker.h. */
#include "relay/worker.h"

#include "base/clock.h"
#include "net/connect.h"
#include "relay/backoff.h"
#include "relay/events.h"
#include "relay/handshake.h"
#include "relay/login.h"
#include "smtp/client.h"

#define ARENA_MAX      ((size_t)1 << 20)
#define REMOTE_MAX     400
#define TLS_TEXT_MAX   128
#define RECONNECTS_MAX 3 /* in a row, without a message getting through */

/* What a message wants of the connection; RFC 8689 §2, §3. */
enum need { NEED_NOTHING, NEED_REQUIRETLS, NEED_NO_TLS, NEEDS };

struct worker {
	const struct relay *relay;
	struct slice next_hop;
	struct route_manner manner;
	struct arena *arena;
	struct route_host *hosts;
	size_t n_hosts, host; /* the one in use */
	enum need need;       /* of those whose turn it is */
	struct smtp_client *client;
	int fd;
	uint64_t sent; /* over this connection */
	char remote[REMOTE_MAX];
	char tls[TLS_TEXT_MAX]; /* of this connection, for the log */
	struct handshake handshake;
	struct outcome last; /* why no host could be used */
	char last_text[512];
	bool unsure; /* a host that could not be used may be fit later */
	size_t open; /* recipients without a final outcome */
};

/* ---- outcomes ---- */

static void set_last(struct worker *w, const char *status, struct slice text)
{
	int n = snprintf(w->last_text, sizeof(w->last_text), "%.*s",
			 SLICE_ARG(text));

	w->last.kind = status[0] == '5' ? OUTCOME_NEVER : OUTCOME_LATER;
	(void)snprintf(w->last.status, sizeof(w->last.status), "%s", status);
	w->last.text = slice_upto(slice_of(w->last_text), (size_t)n);
}

static const struct log_kind *apply(struct recipient *r,
				    const struct outcome *o)
{
	r->attempts++;
	r->status = slice_of(o->status);
	r->detail = o->text;
	switch (o->kind) {
	case OUTCOME_OK:
		r->state = RECIPIENT_RELAYED;
		return &relay_event_relayed;
	case OUTCOME_NEVER:
		r->state = RECIPIENT_FAILED;
		return &relay_event_failed;
	case OUTCOME_LATER:
		break;
	}
	return &relay_event_deferred;
}

static void record(struct worker *w, struct queue_item *item, size_t i,
		   const struct outcome *o)
{
	struct envelope *env = queue_item_envelope(item);
	struct recipient *r = &env->to[i];
	const struct log_kind *kind = apply(r, o);
	int error;

	r->remote = slice_of(w->remote);
	/* NOTIFY went along: the promise is that host's now (RFC 3461 §5.2.2)
	 */
	if (r->state == RECIPIENT_RELAYED &&
	    smtp_client_offers(w->client) & CLIENT_DSN)
		r->reported = true;
	error = queue_item_record(item, r, o->kind != OUTCOME_LATER);
	relay_log_recipient(kind, env, r, slice_of(w->tls));
	if (error < 0)
		relay_log_trouble(env->id, error);
	if (o->kind == OUTCOME_LATER)
		w->open++;
}

static enum need need_of(const struct load *l)
{
	const struct envelope *env = queue_item_envelope(l->item);

	if (env->requiretls)
		return NEED_REQUIRETLS;
	return env->tls_optional ? NEED_NO_TLS : NEED_NOTHING;
}

/* The first of those whose turn it is. */
static const struct load *in_turn(const struct worker *w, const struct load *l)
{
	while (l && need_of(l) != w->need)
		l = l->next;
	return l;
}

static void record_all(struct worker *w, const struct load *loads,
		       const struct outcome *o)
{
	for (const struct load *l = in_turn(w, loads); l;
	     l = in_turn(w, l->next))
		for (size_t i = 0; i < l->n; i++)
			record(w, l->item, l->which[i], o);
}

/* ---- connections ---- */

static void hang_up(struct worker *w)
{
	smtp_client_free(w->client);
	w->client = NULL;
	if (w->fd >= 0)
		(void)close(w->fd); /* a socket: nothing left to write */
	w->fd = -1;
}

static const char *text_of_connect(int error)
{
	switch (error) {
	case -ETIMEDOUT:
		return "connection timed out";
	case -ECONNREFUSED:
		return "connection refused";
	default:
		return strerror(-error);
	}
}

/* A refusal is final only where no other host may think better of it. */
static void host_failed(struct worker *w, const char *status, struct slice text)
{
	set_last(w, status, text);
	if (w->last.kind == OUTCOME_LATER) {
		w->unsure = true;
	} else if (w->unsure) {
		w->last.kind = OUTCOME_LATER;
		w->last.status[0] = '4';
	}
}

static bool open_stream(struct worker *w)
{
	struct stream *s = stream_new_fd(w->fd, w->fd);

	if (s)
		w->client = smtp_client_new(s, w->relay->settings->host.name);
	if (!w->client)
		stream_free(s);
	return w->client != NULL;
}

/* "mx.example [192.0.2.1]:25"; without the name where it is the address. */
static void name_remote(struct worker *w, const struct route_host *h)
{
	struct peer p;
	bool is_ip = peer_parse(slice_of(h->ip.p), &p) == 0 &&
		     h->name.n >= h->ip.n &&
		     memmem(h->name.p, h->name.n, h->ip.p, h->ip.n) != NULL;

	(void)snprintf(w->remote, sizeof(w->remote), "%.*s%s[%.*s]:%u",
		       is_ip ? 0 : (int)h->name.n, h->name.p, is_ip ? "" : " ",
		       SLICE_ARG(h->ip), h->port);
}

/* Whom its certificate has to name. Without DNSSEC an MX record is whoever's
 * who forges it: then name= says it better (RFC 7672 §1.3.2). */
static void name_peer(struct worker *w, const struct route_host *h)
{
	struct peer p;
	bool by_ip = slice_starts(h->name, SLICE("["));
	struct slice name =
		by_ip && peer_parse(h->ip, &p) == 0 ? h->ip : h->name;

	if (w->manner.name.n > 0)
		name = w->manner.name;
	(void)snprintf(w->handshake.name, sizeof(w->handshake.name), "%.*s",
		       SLICE_ARG(name));
}

static struct outcome no_connection(const char *status, const char *text)
{
	struct outcome o = { .kind = status[0] == '5' ? OUTCOME_NEVER
						      : OUTCOME_LATER,
			     .text = slice_of(text) };

	(void)snprintf(o.status, sizeof(o.status), "%s", status);
	return o;
}

/* Nobody's mail goes until it is mended: that has to be seen. */
static struct outcome log_in(struct worker *w)
{
	struct slice name = w->manner.login;
	struct outcome o = login_run(w->relay->settings, w->client, name);

	if (o.kind != OUTCOME_OK)
		relay_log_no_login(slice_of(w->remote), name, o.text);
	return o;
}

static struct outcome call(struct worker *w, const struct route_host *h,
			   enum tls_policy policy)
{
	struct client_security security = {
		.policy = policy,
		.implicit = w->manner.implicit,
		.starttls = handshake_run,
		.context = &w->handshake,
	};
	struct outcome o;

	w->tls[0] = '\0';
	w->sent = 0;
	w->fd = connect_tcp(h->ip.p, h->port, NULL,
			    (int64_t)w->relay->settings->relay.connect_s *
				    1000);
	if (w->fd < 0)
		return no_connection("4.4.1", text_of_connect(w->fd));
	if (!open_stream(w))
		return no_connection("4.3.0", "out of memory");
	w->handshake.must = policy == TLS_VERIFY;
	smtp_client_secure(w->client, &security);
	o = smtp_client_greet(w->client);
	handshake_text(smtp_client_tls(w->client), w->tls, sizeof(w->tls));
	return o.kind == OUTCOME_OK && w->manner.login.n > 0 ? log_in(w) : o;
}

/* A sender may waive what we want for his message's sake (RFC 8689 §3), not
 * what keeps our password, nor TLS where there is nothing else. */
static enum tls_policy policy_of(const struct worker *w)
{
	const struct route_manner *m = &w->manner;

	if (w->need == NEED_REQUIRETLS)
		return TLS_VERIFY;
	if (w->need == NEED_NO_TLS && m->tls > TLS_OPPORTUNISTIC &&
	    !m->implicit && m->login.n == 0)
		return TLS_OPPORTUNISTIC;
	return m->tls;
}

/* RFC 8689 §4.2.1: a host whose name is sure, TLS with a good certificate, and
 * REQUIRETLS there too; or the next host, or not at all. */
static struct outcome hold_to_it(const struct worker *w,
				 const struct route_host *h, struct outcome o)
{
	if (o.kind == OUTCOME_OK &&
	    !(smtp_client_offers(w->client) & CLIENT_REQUIRETLS))
		o = no_connection("5.7.30",
				  "the host does not offer REQUIRETLS");
	else if (o.kind == OUTCOME_OK && !h->sure && w->manner.name.n == 0)
		o = no_connection("5.7.30", "REQUIRETLS, and the host's name "
					    "is from DNS without DNSSEC");
	else if (strcmp(o.status, "4.7.5") == 0)
		(void)snprintf(o.status, sizeof(o.status), "5.7.30");
	return o;
}

static bool connect_to(struct worker *w, const struct route_host *h)
{
	enum tls_policy policy = policy_of(w);
	struct outcome o;

	name_remote(w, h);
	name_peer(w, h);
	o = call(w, h, policy);
	/* RFC 7435 §3: broken TLS must not be worse than none */
	if (o.kind != OUTCOME_OK && policy == TLS_OPPORTUNISTIC && w->client &&
	    smtp_client_tls_failed(w->client)) {
		relay_log_no_tls(slice_of(w->remote), o.text);
		hang_up(w);
		o = call(w, h, TLS_NEVER);
	}
	if (w->need == NEED_REQUIRETLS)
		o = hold_to_it(w, h, o);
	if (o.kind == OUTCOME_OK)
		return true;
	host_failed(w, o.status, o.text);
	return false;
}

/* The host in use or, if it is of no use, the next that is. */
static bool connected(struct worker *w)
{
	const struct settings *s = w->relay->settings;

	if (w->client && w->sent >= s->relay.per_connection)
		hang_up(w);
	if (w->client)
		return true;
	for (; w->host < w->n_hosts; w->host++) {
		if (connect_to(w, &w->hosts[w->host]))
			return true;
		hang_up(w);
	}
	return false;
}

/* ---- messages ---- */

static ssize_t read_body(void *context, uint64_t offset, void *p, size_t n)
{
	struct queue_item *item = context;
	uint64_t start, length;
	int fd;

	queue_item_message(item, &fd, &start, &length);
	if (offset >= length)
		return 0;
	if (n > length - offset)
		n = (size_t)(length - offset);
	return file_read_at(fd, p, n, start + offset);
}

/* Has the host had enough of this connection, which others were sent over,
 * before it took anything of this message for anybody? */
static bool had_enough(const struct worker *w, const struct outcome *results,
		       size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!results[i].from_peer ||
		    !slice_starts(results[i].text, SLICE("421 ")))
			return false;
	return w->sent > 0;
}

enum sent { SENT, BROKEN, ONCE_MORE };

static enum sent send_load(struct worker *w, const struct load *l)
{
	struct outcome *results = calloc(l->n, sizeof(*results));
	enum sent sent = SENT;

	if (!results) {
		set_last(w, "4.3.0", SLICE("out of memory"));
		for (size_t i = 0; i < l->n; i++)
			record(w, l->item, l->which[i], &w->last);
		return sent;
	}
	if (!smtp_client_send(w->client, queue_item_envelope(l->item), l->which,
			      l->n, read_body, l->item, results))
		sent = had_enough(w, results, l->n) ? ONCE_MORE : BROKEN;
	for (size_t i = 0; i < l->n && sent != ONCE_MORE; i++)
		record(w, l->item, l->which[i], &results[i]);
	w->sent++;
	free(results);
	return sent;
}

static void send_all(struct worker *w, const struct load *loads)
{
	unsigned broken = 0;

	loads = in_turn(w, loads);
	while (loads) {
		enum sent sent;

		if (!connected(w)) {
			record_all(w, loads, &w->last);
			return;
		}
		sent = send_load(w, loads);
		if (sent != ONCE_MORE)
			loads = in_turn(w, loads->next);
		if (sent != SENT)
			hang_up(w);
		broken = sent == BROKEN ? broken + 1 : 0;
		if (broken == RECONNECTS_MAX) {
			broken = 0;
			w->host++;
			host_failed(w, "4.4.2",
				    SLICE("the connection keeps breaking"));
		}
	}
}

/* ---- hosts ---- */

static const struct {
	const char *status, *text;
} no_hosts[] = {
	[ROUTE_HOSTS_NULL_MX] = { "5.1.10",
				  "the domain takes no mail (null MX)" },
	[ROUTE_HOSTS_NO_NAME] = { "5.1.2", "there is no such domain" },
	[ROUTE_HOSTS_SELF] = { "5.4.6", "mail for it loops back to us" },
	[ROUTE_HOSTS_AGAIN] = { "4.4.3", "its name servers do not answer" },
	[ROUTE_HOSTS_NONE] = { "5.4.4", "the domain has no mail host" },
};

static bool find_hosts(struct worker *w)
{
	const struct relay *r = w->relay;
	enum route_hosts o = route_hosts(r->route, r->dns, w->next_hop,
					 w->arena, &w->hosts, &w->n_hosts);

	if (o == ROUTE_HOSTS_FOUND &&
	    !route_manner(r->route, w->next_hop, &w->manner))
		o = ROUTE_HOSTS_NONE; /* not after route_hosts */
	if (o == ROUTE_HOSTS_FOUND)
		return true;
	set_last(w, no_hosts[o].status, slice_of(no_hosts[o].text));
	return false;
}

/* The destination's memory: down until when, or nothing to remember. */
static void remember(struct worker *w, bool reached)
{
	const struct settings *s = w->relay->settings;
	struct queue_host h;

	queue_host_get(w->relay->queue, w->next_hop, &h);
	if (reached && h.failures == 0)
		return;
	h = reached ? (struct queue_host){ 0 }
		    : (struct queue_host){ .failures = h.failures + 1 };
	if (!reached)
		h.not_before_us =
			clock_real_us() +
			backoff_us(h.failures, s->queue.retry_min_s,
				   s->queue.retry_max_s, backoff_random());
	queue_host_set(w->relay->queue, w->next_hop, &h);
}

/* Those that want the same go over the same connections. False: no host could
 * be reached for them. */
static bool send_in_turn(struct worker *w, enum need need,
			 const struct load *loads)
{
	w->need = need;
	w->host = 0;
	w->unsure = false;
	send_all(w, loads);
	hang_up(w);
	return w->host < w->n_hosts || w->last.kind == OUTCOME_NEVER;
}

static bool send_to_hosts(struct worker *w, const struct load *loads)
{
	bool reached = false;

	for (enum need need = NEED_NOTHING; need < NEEDS; need++) {
		w->need = need;
		if (in_turn(w, loads) && send_in_turn(w, need, loads))
			reached = true;
	}
	return reached;
}

static void give_up_all(struct worker *w, const struct load *loads)
{
	for (w->need = NEED_NOTHING; w->need < NEEDS; w->need++)
		record_all(w, loads, &w->last);
}

size_t worker_send(const struct relay *r, struct slice next_hop,
		   const struct load *loads)
{
	struct worker w = { .relay = r,
			    .next_hop = next_hop,
			    .fd = -1,
			    .handshake = { .settings = r->settings } };
	bool reached = false;

	w.arena = arena_new(ARENA_MAX);
	set_last(&w, "4.3.0", SLICE("out of memory"));
	if (w.arena && find_hosts(&w)) {
		reached = send_to_hosts(&w, loads);
	} else {
		give_up_all(&w, loads);
		reached = w.last.kind == OUTCOME_NEVER;
	}
	remember(&w, reached);
	handshake_done(&w.handshake);
	arena_free(w.arena);
	return w.open;
}

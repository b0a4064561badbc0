/* SPDX-License-Identifier: ISC */
/* See handler_accept in handler.h: what of a handler is done once for all
 * sessions of an acceptor. */
#include "main/handler.h"

#include <time.h>

#include "auth/starter.h"
#include "base/file.h"
#include "main/gate.h"
#include "main/porter.h"
#include "main/padlock.h"

#define TEXT_MAX 512

/* What an acceptor holds for its whole life. */
struct accepting {
	struct handler *handler;
	struct buf full, source_full;
};

/* Else each session, and each keeper, would read it. */
static void load_time(struct watch *w)
{
	watch_add(w, "/etc/localtime");
	tzset();
}

/* A certificate may come later. With the TLS library a fork costs a third more,
 * which clients of an inner relay for instance never want. */
static void load_tls(struct handler *h, bool wanted, struct watch *w)
{
	const struct settings *s = &h->program.settings;
	const char *directory;
	bool there = padlock_directory(s, &directory);

	watch_add(w, directory);
	if (s->tls.client_ca.n > 0)
		watch_add(w, s->tls.client_ca.p);
	/* what cannot be loaded now is tried, and logged, by the session that
	 * wants it */
	if (there && wanted && padlock_open(s, h->service, true, &h->side) < 0)
		h->side = NULL;
}

static int watch_bound(void *context, const char *path)
{
	watch_add_place(context, path);
	return 0;
}

static int watch_list(void *context, const char *path)
{
	watch_add(context, path);
	return 0;
}

/* The files that `more` names, and what it reads to know them. */
static int watch_lists(const struct handler *h, struct watch *w)
{
	const struct settings *s = &h->program.settings;

	if (!h->more)
		return 0;
	if (s->users.aliases.n > 0)
		watch_add(w, s->users.aliases.p);
	return h->more(s, watch_list, w);
}

/* A file that was replaced, and that rules bind to or that is open, is one more
 * reason for another acceptor. 0 or -errno. */
static int watch_places(const struct handler *h, struct watch *w)
{
	int r = watch_lists(h, w);

	for (size_t i = 0; i < h->n_states && r == 0; i++)
		r = fence_bound(h->states[i], &h->program.settings, watch_bound,
				w);
	return r;
}

/* For all sessions. 0 or -errno. */
static int make_rules(struct handler *h)
{
	const struct settings *s = &h->program.settings;
	int r = 0;

	for (size_t i = 0; i < h->n_states && r == 0; i++) {
		struct fence_made *m = &h->made[i];

		m->state = h->states[i];
		r = fence_rules(m->state, s, handler_more(h, m->state),
				&m->rules);
		m->made = r == 0;
	}
	return r;
}

static struct slice text_of(struct handler *h, bool of_source, struct buf *b)
{
	*b = BUF(TEXT_MAX);
	/* before a handshake nothing can be said */
	h->stream = h->tls ? NULL : stream_new_memory(SLICE_NONE, 0, b);
	if (h->stream)
		h->refuse_many(h, of_source);
	stream_free(h->stream);
	h->stream = NULL;
	return buf_slice(b);
}

static void load(void *context, bool wanted, struct watch *w,
		 struct acceptor_terms *ret)
{
	struct accepting *a = context;
	struct handler *h = a->handler;

	acceptor_watch_config(w, program_config(&h->program));
	h->started = program_start(&h->program, isatty(STDERR_FILENO));
	if (h->started == 0) {
		load_time(w);
		load_tls(h, wanted || h->tls, w);
		/* behind a broken fence no session is served either */
		h->started = watch_places(h, w);
		if (h->started == 0)
			h->started = gate_fence(h, true);
		if (h->started == 0)
			h->started = make_rules(h);
	} else /* for the terms; no session is served with them */
		ignore(settings_default(h->program.arena,
					&h->program.settings));
	*ret = acceptor_terms_of(&h->program.settings);
	ret->starts = h->starters >= 0;
	ret->full = text_of(h, false, &a->full);
	ret->source_full = text_of(h, true, &a->source_full);
}

static int serve(void *context, struct acceptor_ends ends)
{
	struct accepting *a = context;
	struct handler *h = a->handler;
	int status;

	/* by it one session could end the logins of all */
	file_close(&h->starters);
	h->second = ends.keeper;
	h->starter = ends.starter;
	status = handler_session(h);
	return status == PROGRAM_OK && h->loaded_tls ? ACCEPTOR_LOADED : status;
}

static void keep(void *context, int fd)
{
	struct accepting *a = context;

	file_close(&a->handler->starters);
	a->handler->keep(a->handler, fd);
}

static int start(void *context, int fd)
{
	const struct accepting *a = context;

	return starter_pass(a->handler->starters, fd);
}

struct kind {
	bool tls;
	unsigned role;
};

static struct kind kind_of(const struct handler *h, const char *name)
{
	struct kind k = { h->tls, h->role };

	for (size_t i = 0; i < h->n_names; i++)
		if (strcmp(name, h->names[i].name) == 0) {
			k.tls |= h->names[i].tls;
			if (h->names[i].role > 0)
				k.role = h->names[i].role;
		}
	return k;
}

/* One acceptor serves all its sockets alike: else one of them would be served
 * in the clear that is meant for TLS, and nobody would notice. */
static void heed_names(struct handler *h, const struct listeners *l)
{
	const struct kind first = kind_of(h, l->names[0]);

	for (size_t i = 1; i < l->n; i++) {
		struct kind k = kind_of(h, l->names[i]);

		if (k.tls != first.tls || k.role != first.role)
			program_usage(&h->program,
				      "sockets of these names need a service "
				      "each, not one for all");
	}
	h->tls = first.tls;
	h->role = first.role;
}

int handler_accept(struct handler *h, const struct listeners *l,
		   char *const *argv)
{
	struct accepting a = { .handler = h };
	const struct acceptor_job job = {
		.name = h->program.name,
		.context = &a,
		.argv = argv,
		.load = load,
		.serve = serve,
		.keep = h->keep ? keep : NULL,
		.start = start,
	};

	if (h->claimed)
		program_usage(&h->program, "--peer is for one connection");
	heed_names(h, l);
	return porter_run(&job, l);
}

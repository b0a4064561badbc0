/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <ftw.h>

#include "base/clock.h"
#include "post.h"

struct post post;

/* ---- doubles ---- */

static enum route_outcome where(struct slice address, struct arena *arena,
				struct route_target *ret)
{
	ret->address = arena_copy(arena, address);
	ret->here = slice_ends(address, SLICE("@here.example"));
	ret->mailbox = slice_upto(ret->address, slice_find(ret->address, '@'));
	ret->owner = (uid_t)-1;
	ret->quota = post.quota;
	if (slice_eq(address, SLICE("nobody@here.example")))
		return ROUTE_NO_USER;
	return slice_eq(address, SLICE("later@here.example")) ? ROUTE_AGAIN
							      : ROUTE_FOUND;
}

enum route_outcome route_final(struct route *r, struct slice address,
			       struct arena *arena, struct route_target *ret)
{
	(void)r;
	return where(address, arena, ret);
}

enum route_outcome route_expand(struct route *r, const struct addr *address,
				struct arena *arena, struct route_target **ret,
				size_t *ret_n, bool *ret_alias,
				struct slice *ret_line)
{
	(void)r;
	(void)ret_line;
	*ret = arena_alloc(arena, sizeof(**ret));
	*ret_n = 1;
	*ret_alias = false;
	return where(addr_text(address, false, arena), arena, *ret);
}

int mbox_append(struct store *s, struct slice mailbox,
		const struct mbox_message *m)
{
	struct delivery *d = &post.got[post.n_got];

	(void)s;
	if (post.store_error < 0 &&
	    (!post.error_of || slice_eq(mailbox, slice_of(post.error_of))))
		return post.store_error;
	if (post.warning_error < 0 && m->sender.n == 0)
		return post.warning_error;
	post.asked = m->quota;
	if (m->ret_did)
		*m->ret_did = post.did;
	for (size_t i = 0; i < post.n_got && m->once.n > 0; i++)
		if (slice_eq(slice_of(post.got[i].once), m->once))
			return 0;
	cr_assert(post.n_got < ARRAY_LEN(post.got));
	(void)snprintf(d->mailbox, sizeof(d->mailbox), "%.*s",
		       SLICE_ARG(mailbox));
	(void)snprintf(d->once, sizeof(d->once), "%.*s", SLICE_ARG(m->once));
	d->n = m->head.n + m->length;
	d->text = malloc(d->n + 1);
	memcpy(d->text, m->head.p, m->head.n);
	if (m->fd >= 0)
		cr_assert_eq(file_read_at(m->fd, d->text + m->head.n, m->length,
					  m->offset),
			     (ssize_t)m->length);
	else
		memcpy(d->text + m->head.n, m->text.p, m->length);
	d->text[d->n] = '\0';
	post.n_got++;
	return 0;
}

int mbox_append_forget(struct store *s, struct slice mailbox, struct slice once)
{
	(void)s;
	(void)mailbox;
	(void)once;
	post.n_forgotten++;
	return 0;
}

/* ---- the post office ---- */

void post_open(void)
{
	post = (struct post){ .directory = "/tmp/postern-deliver-XXXXXX" };
	clock_freeze(NOON_US, 0);
	cr_assert(mkdtemp(post.directory));
	post.settings.host.name = SLICE("mx.here.example");
	post.settings.host.postmaster = SLICE("root@here.example");
	post.settings.queue.retry_min_s = 300;
	post.settings.queue.warn_s = 4 * 3600;
	post.settings.queue.expire_s = 5 * 86400;
	post.arena = arena_new(1 << 20);
	cr_assert_eq(queue_open(post.directory, true, &post.queue), 0);
	cr_assert_eq(store_open(post.directory, &(struct store_options){ 0 },
				&post.store),
		     0);
	cr_assert_eq(deliver_new(&post.settings, post.store, post.queue, NULL,
				 &post.deliver),
		     0);
}

static int remove_one(const char *path, const struct stat *st, int flag,
		      struct FTW *at)
{
	(void)st;
	(void)flag;
	(void)at;
	return remove(path);
}

void post_close(void)
{
	for (size_t i = 0; i < post.n_got; i++)
		free(post.got[i].text);
	deliver_free(post.deliver);
	queue_close(post.queue);
	store_close(post.store);
	arena_free(post.arena);
	(void)nftw(post.directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void post_envelope(const char *from)
{
	ident_new(post.id);
	post.env = (struct envelope){
		.from = slice_of(from),
		.arrived_us = clock_real_us(),
		.id = slice_of(post.id),
		.peer = SLICE("client.example [192.0.2.1]"),
	};
}

struct recipient *post_to(const char *address)
{
	struct recipient *r = envelope_add(&post.env, post.arena);

	r->address = slice_of(address);
	r->final = true;
	return r;
}

int post_commit(const char *text)
{
	struct incoming *in;

	cr_assert_eq(incoming_new(post.deliver, &post.env, &in), 0);
	cr_assert_eq(incoming_write(in, slice_of(text)), 0);
	return incoming_commit(in, strlen(text));
}

static int count(void *context, struct queue_item *item, int64_t due_us,
		 bool claimed)
{
	(void)item;
	(void)due_us;
	(void)claimed;
	++*(size_t *)context;
	return 0;
}

size_t post_queued(void)
{
	size_t n = 0;

	cr_assert_eq(queue_walk(post.queue, count, &n), 0);
	return n;
}

struct queue_item *post_claim(void)
{
	struct queue_item **items, *item;
	size_t n = 0;

	cr_assert_eq(queue_claim_due(post.queue, INT64_MAX / 2, 9, &items, &n),
		     0);
	cr_assert_eq(n, 1);
	item = items[0];
	free(items);
	return item;
}

bool post_got(size_t i, const char *part)
{
	return i < post.n_got && strstr(post.got[i].text, part);
}

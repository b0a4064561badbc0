/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <ftw.h>

#include "house.h"

static int remove_one(const char *path, const struct stat *st, int flag,
		      struct FTW *at)
{
	(void)st;
	(void)flag;
	(void)at;
	return remove(path);
}

void house_open(struct house *h)
{
	*h = (struct house){ .directory = "/tmp/postern-queue-XXXXXX" };
	cr_assert(mkdtemp(h->directory));
	cr_assert_eq(queue_open(h->directory, true, &h->queue), 0);
}

void house_close(struct house *h)
{
	queue_close(h->queue);
	(void)nftw(h->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void house_envelope(struct house *h)
{
	ident_new(h->id);
	h->to[0] = (struct recipient){ .address = SLICE("bob@example.net") };
	h->to[1] = (struct recipient){ .address = SLICE("eve@example.org") };
	h->env = (struct envelope){
		.from = SLICE("alice@example.org"),
		.arrived_us = NOON_US,
		.id = slice_of(h->id),
		.to = h->to,
		.n_to = 2,
	};
}

void house_publish(struct house *h, struct queue_item **claim)
{
	struct queue_draft *d = NULL;

	house_envelope(h);
	cr_assert_eq(queue_draft_new(h->queue, &h->env, &d), 0);
	cr_assert_eq(queue_draft_write(d, SLICE("body of ")), 0);
	cr_assert_eq(queue_draft_write(d, h->env.id), 0);
	cr_assert_eq(queue_draft_publish(d, 23, claim), 0);
}

static size_t counted;

static int count_one(const char *path, const struct stat *st, int flag,
		     struct FTW *at)
{
	(void)path;
	(void)st;
	(void)at;
	counted += flag == FTW_F;
	return 0;
}

size_t house_files(const struct house *h, const char *folder)
{
	char path[128];

	counted = 0;
	(void)snprintf(path, sizeof(path), "%s/%s", h->directory, folder);
	(void)nftw(path, count_one, 8, FTW_PHYS);
	return counted;
}

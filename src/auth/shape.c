/* SPDX-License-Identifier: ISC */
/* See shape.h. */
#include "auth/shape.h"

#include "auth/scram.h"
#include "conf/map.h"

#define KINDS 16 /* what comes after them is left out */

struct kind {
	struct scram_shape shape;
	uint32_t n;
};

struct count {
	struct kind kinds[KINDS]; /* in their order */
	size_t n;
	uint32_t total;
	unsigned lines;
};

static bool is_before(const struct scram_shape *a, const struct scram_shape *b)
{
	return a->iterations != b->iterations ? a->iterations < b->iterations
					      : a->salt_n < b->salt_n;
}

static void add(struct count *c, const struct scram_shape *shape)
{
	size_t i = 0;

	while (i < c->n && is_before(&c->kinds[i].shape, shape))
		i++;
	if (i == c->n || is_before(shape, &c->kinds[i].shape)) {
		if (c->n == KINDS)
			return;
		memmove(&c->kinds[i + 1], &c->kinds[i],
			(c->n - i) * sizeof(c->kinds[0]));
		c->kinds[i] = (struct kind){ .shape = *shape };
		c->n++;
	}
	c->kinds[i].n++;
	c->total++;
}

static int take_line(void *context, unsigned line, struct slice key,
		     struct slice value)
{
	struct count *c = context;
	struct slice hash, scram = SLICE("");
	struct scram_keys keys;

	(void)line;
	(void)key;
	if (value.p && slice_field(&value, ':', &hash))
		(void)slice_field(&value, ':', &scram); /* may be left out */
	if (scram_parse(slice_trim(scram), &keys) == 0) {
		add(c, &(struct scram_shape){ keys.iterations, keys.salt_n });
		explicit_bzero(&keys, sizeof(keys));
	}
	return ++c->lines < SHAPE_LINES ? 0 : 1;
}

void scram_shape_pick(const char *passwords, uint32_t point,
		      struct scram_shape *shape)
{
	struct count c = { .n = 0 };
	struct map *m = NULL;
	uint32_t at;

	if (map_open(passwords, ':', true, &m) < 0)
		return; /* whoever needs the file will say so */
	ignore(map_walk(m, take_line, &c)); /* as far as it could be read */
	map_close(m);
	at = (uint32_t)((uint64_t)point * c.total >> 32);
	for (size_t i = 0; i < c.n; i++) {
		if (at < c.kinds[i].n) {
			*shape = c.kinds[i].shape;
			return;
		}
		at -= c.kinds[i].n;
	}
}

/* SPDX-License-Identifier: ISC */
/* See twins.h. The second and further of a kind have a number over 1. */
#include "store/twins.h"

#include "store/uidl_table.h"

static int put(struct twins *t, uint64_t tag)
{
	if (t->n == t->room) {
		size_t more = t->room ? 2 * t->room : 64;
		uint64_t *p = reallocarray(t->tags, more, sizeof(*p));

		if (!p)
			return -ENOMEM;
		t->tags = p;
		t->room = more;
	}
	t->tags[t->n++] = tag;
	return 0;
}

int twins_add(struct twins *t, struct index *x)
{
	uint64_t n = index_has_twins(x) ? index_count(x) : 0;
	struct index_entry e;
	int r = 0;

	for (uint64_t i = 0; r == 0 && i < n && !t->all; i++) {
		r = index_get(x, i, &e);
		if (r < 0 || e.number <= 1)
			continue;
		t->all = t->n == TWINS_MOST;
		if (!t->all)
			r = put(t, uidl_tag(e.digest));
	}
	return r;
}

static int by_tag(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void twins_sort(struct twins *t)
{
	if (t->n > 0)
		qsort(t->tags, t->n, sizeof(*t->tags), by_tag);
}

bool twins_have(const struct twins *t, const uint8_t digest[INDEX_DIGEST])
{
	uint64_t tag = uidl_tag(digest);

	return t->all || (t->n > 0 && bsearch(&tag, t->tags, t->n, sizeof(tag),
					      by_tag) != NULL);
}

void twins_done(struct twins *t)
{
	free(t->tags);
	*t = (struct twins){ .n = 0 };
}

/* SPDX-License-Identifier: ISC */
/* See uidl_ids.h. */
#include "cli/uidl_ids.h"

int uidl_ids_new(size_t n, struct uidl_ids *ret)
{
	*ret = (struct uidl_ids){ .v = calloc(n + 1, sizeof(*ret->v)), .n = n };
	return ret->v ? 0 : -ENOMEM;
}

void uidl_ids_done(struct uidl_ids *ids)
{
	free(ids->v);
	ids->v = NULL;
}

/* ---- do they differ? ---- */

struct final {
	char text[UIDL_MAX + 1];
	uint64_t line;
	size_t message;
};

static int by_text(const void *a, const void *b)
{
	const struct final *x = a, *y = b;
	int r = strcmp(x->text, y->text);

	return r != 0 ? r : x->message < y->message ? -1 : 1;
}

static int fill(const struct uidl_ids *ids, struct index *x, struct final *all)
{
	struct index_entry e;
	int r = 0;

	for (size_t i = 0; r == 0 && i < ids->n; i++) {
		all[i].message = i + 1;
		all[i].line = ids->v[i].line;
		memcpy(all[i].text, ids->v[i].text, sizeof(all[i].text));
		if (all[i].text[0] != '\0')
			continue;
		r = index_get(x, i, &e);
		if (r == 0)
			r = uidl_text(x, &e, all[i].text);
	}
	return r;
}

/* The later line is the one to look at. */
static void complain(const struct final *a, const struct final *b,
		     struct uidl_complaint *ret)
{
	*ret = (struct uidl_complaint){
		.line = a->line > b->line ? a->line : b->line,
		.remedy = "give one of them another unique-id, or none",
	};
	if (a->line > 0 && b->line > 0)
		(void)snprintf(
			ret->problem, sizeof(ret->problem),
			"this unique-id, %s, stands in line %llu too", a->text,
			(unsigned long long)(a->line < b->line ? a->line
							       : b->line));
	else
		(void)snprintf(ret->problem, sizeof(ret->problem),
			       "messages %zu and %zu would both have the "
			       "unique-id %s",
			       a->message, b->message, a->text);
}

int uidl_ids_differ(const struct uidl_ids *ids, struct index *x,
		    struct uidl_complaint *ret)
{
	struct final *all = calloc(ids->n + 1, sizeof(*all));
	int r = all ? fill(ids, x, all) : -ENOMEM;

	if (r == 0 && ids->n > 1)
		qsort(all, ids->n, sizeof(*all), by_text);
	for (size_t i = 1; r == 0 && i < ids->n; i++)
		if (strcmp(all[i - 1].text, all[i].text) == 0) {
			complain(&all[i - 1], &all[i], ret);
			r = -EBADMSG;
		}
	free(all);
	return r;
}

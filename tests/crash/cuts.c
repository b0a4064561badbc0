/* SPDX-License-Identifier: ISC */
/* See cuts.h. */
#include "cuts.h"

#include <assert.h>

struct cuts {
	const struct disk *disk;
	struct dice *dice;
	uint16_t *choice;
	size_t *pending; /* units */
	size_t n;
	size_t *ops; /* numbers of the operations that are pending, ascending */
	size_t ops_n;
	bool *in; /* [op] */
	size_t left;
	cuts_seen *seen;
	void *context;
};

uint64_t dice_roll(struct dice *d, uint64_t below)
{
	uint64_t z = d->state += 0x9e3779b97f4a7c15ULL; /* splitmix64 */

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return (z ^ z >> 31) % below;
}

static const struct unit *unit_of(const struct cuts *c, size_t i)
{
	return &c->disk->units[c->pending[i]];
}

static void give(struct cuts *c, const char *what, size_t number)
{
	char text[80];

	if (c->left == 0)
		return;
	(void)snprintf(text, sizeof(text), "%s %zu", what, number);
	if (c->seen(c->context, c->choice, text))
		c->left--;
	else
		c->left = 0;
}

/* ---- all of them ---- */

static size_t count_all(const struct cuts *c, size_t most)
{
	size_t all = 1;

	for (size_t i = 0; i < c->n; i++) {
		all *= unit_of(c, i)->n - unit_of(c, i)->floor;
		if (all > most)
			return 0;
	}
	return all;
}

static void give_all(struct cuts *c, size_t all)
{
	c->left = all;
	for (size_t number = 0; number < all; number++) {
		size_t rest = number;

		for (size_t i = 0; i < c->n; i++) {
			const struct unit *u = unit_of(c, i);
			size_t versions = u->n - u->floor;

			c->choice[c->pending[i]] =
				(uint16_t)(u->floor + rest % versions);
			rest /= versions;
		}
		give(c, "combination", number);
	}
}

/* ---- by operations ---- */

/* The last version of the unit that an operation of the set made. */
static size_t by_set(const struct cuts *c, const struct unit *u)
{
	size_t v = u->n - 1;

	while (v > u->floor && !c->in[u->v[v].op])
		v--;
	return v;
}

static bool matters(const struct unit *u, int aspect)
{
	return aspect < 0 || (aspect == 0) == (u->kind == UNIT_SECTOR);
}

/* aspect: 0: of the units that are no sectors everything, 1: the other way
 * round, -1: as the set says. */
static void give_set(struct cuts *c, const char *what, size_t number,
		     int aspect)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct unit *u = unit_of(c, i);

		c->choice[c->pending[i]] =
			(uint16_t)(matters(u, aspect) ? by_set(c, u)
						      : u->n - 1);
	}
	give(c, what, number);
}

static void fill(struct cuts *c, bool in)
{
	memset(c->in, in, c->disk->done + 1);
}

static void give_corners(struct cuts *c)
{
	fill(c, true);
	give_set(c, "everything", 0, -1);
	fill(c, false);
	give_set(c, "nothing", 0, -1);
	give_set(c, "no data", 0, 0);
	give_set(c, "only data", 0, 1);
	for (size_t i = 0; i < c->ops_n && c->left > 0; i++) {
		size_t op = c->ops[i];

		fill(c, true);
		c->in[op] = false;
		give_set(c, "all but operation", op - 1, -1);
		give_set(c, "all but the data of operation", op - 1, 0);
		give_set(c, "all but the size, name of operation", op - 1, 1);
		fill(c, false);
		c->in[op] = true;
		give_set(c, "only operation", op - 1, -1);
	}
	fill(c, false);
	for (size_t i = 0; i + 1 < c->ops_n && c->left > 0; i++) {
		c->in[c->ops[i]] = true;
		give_set(c, "up to operation", c->ops[i] - 1, -1);
	}
}

/* ---- by chance ---- */

static void give_some_ops(struct cuts *c, size_t number)
{
	fill(c, false);
	for (size_t i = 0; i < c->ops_n; i++)
		c->in[c->ops[i]] = dice_roll(c->dice, 2) == 1;
	give_set(c, "random operations", number,
		 (int)dice_roll(c->dice, 3) - 1);
}

static size_t any_version(struct cuts *c, const struct unit *u)
{
	return u->floor + dice_roll(c->dice, u->n - u->floor);
}

/* keep, of 8: how often a unit is as new as can be. */
static void give_some_units(struct cuts *c, size_t number, size_t keep)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct unit *u = unit_of(c, i);

		c->choice[c->pending[i]] =
			(uint16_t)(dice_roll(c->dice, 8) < keep
					   ? u->n - 1
					   : any_version(c, u));
	}
	give(c, "random units", number);
}

/* Sectors of one page have the same fate: new, old, or anything. */
static void give_some_pages(struct cuts *c, size_t number)
{
	uint64_t page = UINT64_MAX, fate = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct unit *u = unit_of(c, i);
		uint64_t own = u->kind == UNIT_SECTOR
				       ? u->at / 8 + ((uint64_t)u->inode << 40)
				       : UINT64_MAX;

		if (own != page || own == UINT64_MAX)
			fate = dice_roll(c->dice, 5);
		page = own;
		c->choice[c->pending[i]] =
			(uint16_t)(fate < 2   ? u->n - 1
				   : fate < 4 ? u->floor
					      : any_version(c, u));
	}
	give(c, "random pages", number);
}

/* One pending unit is old, or new, alone. */
static void give_odd_one(struct cuts *c, size_t number)
{
	bool rest_new = dice_roll(c->dice, 2) == 1;
	const struct unit *u;
	size_t odd = dice_roll(c->dice, c->n);

	for (size_t i = 0; i < c->n; i++) {
		u = unit_of(c, i);
		c->choice[c->pending[i]] =
			(uint16_t)(rest_new ? u->n - 1 : u->floor);
	}
	u = unit_of(c, odd);
	c->choice[c->pending[odd]] = (uint16_t)(rest_new ? u->floor : u->n - 1);
	give(c, rest_new ? "all but one unit" : "only one unit", number);
}

static void give_sample(struct cuts *c)
{
	for (size_t i = 0; c->left > 0; i++)
		switch (i % 5) {
		case 0:
			give_some_ops(c, i);
			break;
		case 1:
			give_some_units(c, i, i % 3 * 3);
			break;
		case 2:
			give_some_pages(c, i);
			break;
		case 3:
			give_odd_one(c, i);
			break;
		case 4:
			give_some_units(c, i, 7);
			break;
		}
}

/* ---- what is pending ---- */

static void find_pending(struct cuts *c)
{
	const struct disk *d = c->disk;

	fill(c, false);
	for (size_t i = 0; i < d->n; i++) {
		const struct unit *u = &d->units[i];

		c->choice[i] = (uint16_t)(u->n - 1);
		if (!disk_pending(d, i))
			continue;
		c->pending[c->n++] = i;
		for (size_t v = u->floor + 1; v < u->n; v++)
			c->in[u->v[v].op] = true;
	}
	for (size_t op = 1; op <= d->done; op++)
		if (c->in[op])
			c->ops[c->ops_n++] = op;
}

void cuts_each(const struct disk *d, size_t all, size_t most, struct dice *dice,
	       cuts_seen *seen, void *context)
{
	struct cuts c = { .disk = d,
			  .dice = dice,
			  .left = most,
			  .seen = seen,
			  .context = context };
	size_t combinations;

	c.choice = calloc(d->n + 1, sizeof(*c.choice));
	c.pending = calloc(d->n + 1, sizeof(*c.pending));
	c.ops = calloc(d->done + 1, sizeof(*c.ops));
	c.in = calloc(d->done + 1, sizeof(*c.in));
	assert(c.choice && c.pending && c.ops && c.in);
	find_pending(&c);
	combinations = count_all(&c, all);
	if (combinations > 0) {
		give_all(&c, combinations);
	} else {
		give_corners(&c);
		give_sample(&c);
	}
	free(c.choice);
	free(c.pending);
	free(c.ops);
	free(c.in);
}

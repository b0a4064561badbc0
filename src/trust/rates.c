/* SPDX-License-Identifier: ISC */
/* See rates.h. Must never refuse because of what stands in the file: a level
 * beyond a bucket's brim, be it damage or a clock that was set back, is none.
 *
 * A file read and written in place under a lock of one set of buckets, not
 * mapped: who cuts it short meanwhile must not kill us (SIGBUS). */
#include "trust/rates.h"

#include "base/clock.h"
#include "base/slots.h"

#define WAYS      8
#define SETS      1024 /* of each table: 128 KiB */
#define SET_BYTES (WAYS * sizeof(struct bucket))

enum table { SOURCES, LOGINS, TABLES };

struct rates {
	struct slots *slots;
};

/* empty_us: when, since 1970, it will have leaked to nothing. */
struct bucket {
	uint64_t key;
	int64_t empty_us;
};

_Static_assert(sizeof(struct bucket) == 16, "no holes");

/* A bucket found, or the one it may have; what is in it now, and what one more
 * and the most of them come to. */
struct found {
	uint64_t set_at, at, key;
	int64_t level_us, one_us, most_us;
};

int rates_open(const char *path, struct rates **ret)
{
	struct rates *r = calloc(1, sizeof(*r));
	int e;

	if (!r)
		return -ENOMEM;
	e = slots_open(path, SLICE("rates"),
		       (uint64_t)TABLES * SETS * SET_BYTES, &r->slots);
	if (e < 0) {
		free(r);
		return e;
	}
	*ret = r;
	return 0;
}

void rates_close(struct rates *r)
{
	if (!r)
		return;
	slots_close(r->slots);
	free(r);
}

/* No bucket is ever fuller than the longest rate allows. */
static int64_t level_of(const struct bucket *b, int64_t now_us, int64_t most_us)
{
	int64_t level_us;

	if (__builtin_sub_overflow(b->empty_us, now_us, &level_us))
		return 0;
	return level_us > 0 && level_us <= most_us ? level_us : 0;
}

/* The bucket's own slot, else the emptiest. */
static size_t way_for(const struct bucket *set, uint64_t key, int64_t now_us)
{
	int64_t least_us = INT64_MAX;
	size_t way = 0;

	for (size_t i = 0; i < WAYS; i++) {
		int64_t level_us =
			level_of(&set[i], now_us, RATE_PER_MS * 1000);

		if (set[i].key == key)
			return i;
		if (level_us < least_us) {
			least_us = level_us;
			way = i;
		}
	}
	return way;
}

/* Where, before anything is read. */
static struct found place(const struct rates *r, enum rates_what what,
			  const struct rate *limit, struct slice whose)
{
	const uint8_t kind = (uint8_t)what;
	const struct slice parts[] = { { (const char *)&kind, 1 }, whose };
	enum table table = what < RATES_USER_MESSAGES ? SOURCES : LOGINS;
	int64_t per_us = (int64_t)limit->per_ms * 1000;
	struct found f = { .one_us = per_us / (int64_t)limit->n };
	uint8_t mac[DIGEST_KEYED_BYTES];
	uint32_t set;

	slots_mac(r->slots, parts, ARRAY_LEN(parts), mac);
	memcpy(&f.key, mac, sizeof(f.key));
	memcpy(&set, mac + sizeof(f.key), sizeof(set));
	f.set_at = ((uint64_t)table * SETS + set % SETS) * SET_BYTES;
	f.most_us = f.one_us * (int64_t)limit->n;
	return f;
}

static void search(struct rates *r, struct found *f, int64_t now_us)
{
	struct bucket set[WAYS];
	size_t way;

	slots_read(r->slots, set, sizeof(set), f->set_at);
	way = way_for(set, f->key, now_us);
	f->at = f->set_at + way * sizeof(*set);
	if (set[way].key == f->key)
		f->level_us = level_of(&set[way], now_us, f->most_us);
}

static bool has_room(const struct found *f)
{
	return f->level_us + f->one_us <= f->most_us;
}

static bool is_counted(const struct rates *r, const struct rate *limit,
		       struct slice whose)
{
	return r && limit->n > 0 && whose.n > 0;
}

bool rates_have(struct rates *r, enum rates_what what, const struct rate *limit,
		struct slice whose)
{
	struct found f;

	if (!is_counted(r, limit, whose))
		return true;
	f = place(r, what, limit, whose);
	search(r, &f, clock_real_us());
	return has_room(&f);
}

bool rates_take(struct rates *r, enum rates_what what, const struct rate *limit,
		struct slice whose)
{
	struct bucket b;
	struct found f;
	int64_t now_us;
	bool locked, yes;

	if (!is_counted(r, limit, whose))
		return true;
	f = place(r, what, limit, whose);
	locked = slots_lock(r->slots, SET_BYTES, f.set_at);
	now_us = clock_real_us(); /* after those who had the lock before us */
	search(r, &f, now_us);
	yes = has_room(&f);
	b = (struct bucket){ f.key, now_us + f.level_us + f.one_us };
	if (yes)
		slots_write(r->slots, &b, sizeof(b), f.at);
	if (locked)
		slots_unlock(r->slots, SET_BYTES, f.set_at);
	return yes;
}

/* ---- names ---- */

struct slice rates_source(const struct peer *p, unsigned ipv4_prefix,
			  unsigned ipv6_prefix, char ret[RATES_SOURCE_MAX])
{
	struct in6_addr ip = peer_source(p, ipv4_prefix, ipv6_prefix);

	if (p->kind != PEER_IP)
		return SLICE_NONE;
	memcpy(ret, &ip, sizeof(ip));
	return (struct slice){ ret, sizeof(ip) };
}

struct slice rates_login(struct slice login, char ret[RATES_LOGIN_MAX])
{
	size_t n = login.n < RATES_LOGIN_MAX ? login.n : RATES_LOGIN_MAX;

	for (size_t i = 0; i < n; i++)
		ret[i] = ascii_lower(login.p[i]);
	return (struct slice){ ret, n };
}

/* SPDX-License-Identifier: ISC */
/* See brake.h. Must never keep everybody out, whatever stands in the file: no
 * level is believed beyond its bound, and no time that is yet to come.
 *
 * The file is three tables of sets of slots: an attack from many sources must
 * push neither the known good out, nor, by what it has to take back, a bucket
 * that brakes. Within a set the emptiest bucket
 * makes room for a new one; which set is whose the file's key decides, so
 * nobody can aim. Two who write one slot at once lose a failure; no more. */
#include "auth/brake.h"

#include "base/clock.h"
#include "base/slots.h"

#define WAYS        4
#define SETS        1024 /* of each table: 64 KiB */
#define BURSTS      4
#define ACCOUNT_MAX 320 /* what comes after it is not looked at */
#define SOURCE_MAX  17

/* SHARES: what a source's failures at one account still have in its bucket. It
 * leaks as fast, and gets no more, so it is never fuller. */
enum table { FAILURES, KNOWN, SHARES, TABLES };

struct brake {
	struct slots *slots;
	struct brake_limits limits;
};

/* level_s: how many seconds it took, at at_s, to leak to nothing. */
struct bucket {
	uint64_t key;
	uint32_t level_s;
	uint32_t at_s; /* since 1970; good until 2106 */
};

_Static_assert(sizeof(struct bucket) == 16, "no holes");

/* Where a bucket is, or may be put. */
struct found {
	uint64_t at;
	uint64_t key;
	uint32_t level_s; /* now */
};

int brake_open(const char *path, const struct brake_limits *l,
	       struct brake **ret)
{
	struct brake *b = calloc(1, sizeof(*b));
	int r;

	if (!b)
		return -ENOMEM;
	b->limits = *l;
	r = slots_open(path, SLICE("brake"),
		       TABLES * SETS * WAYS * sizeof(struct bucket), &b->slots);
	if (r < 0) {
		free(b);
		return r;
	}
	*ret = b;
	return 0;
}

void brake_close(struct brake *b)
{
	if (!b)
		return;
	slots_close(b->slots);
	free(b);
}

static uint32_t now_s(void)
{
	return (uint32_t)(clock_real_us() / 1000000);
}

static uint32_t level_of(const struct bucket *b, uint32_t now)
{
	uint32_t gone_s = now > b->at_s ? now - b->at_s : 0;

	return b->level_s > gone_s ? b->level_s - gone_s : 0;
}

/* What nobody touches stays as it is when its time is yet to come, or its
 * level beyond all bounds: worth nothing, lest it keep its slot for ever. */
static uint32_t worth_of(const struct bucket *b, uint32_t now, uint32_t bound_s)
{
	return b->at_s > now || b->level_s > bound_s ? 0 : level_of(b, now);
}

static void write_level(struct brake *b, const struct found *f,
			uint32_t level_s)
{
	const struct bucket bucket = { f->key, level_s, now_s() };

	slots_write(b->slots, &bucket, sizeof(bucket), f->at);
}

static uint32_t leaks(const struct brake_limit *l, uint64_t failures)
{
	uint32_t s;

	return __builtin_mul_overflow(failures, l->leak_s, &s) ? UINT32_MAX : s;
}

static uint32_t most_of(const struct brake_limit *l)
{
	return leaks(l, (uint64_t)BURSTS * l->burst);
}

/* The most that any bucket of a table can hold. */
static uint32_t bound_of(const struct brake *b, enum table table)
{
	uint32_t source_s = most_of(&b->limits.source);
	uint32_t account_s = most_of(&b->limits.account);

	if (table == KNOWN)
		return b->limits.known_s;
	if (table == SHARES)
		return source_s;
	return source_s > account_s ? source_s : account_s;
}

/* The bucket's own slot, else the one that loses least. */
static size_t way_for(const struct bucket *set, uint64_t key, uint32_t bound_s)
{
	uint32_t now = now_s(), least = UINT32_MAX;
	size_t way = 0;

	for (size_t i = 0; i < WAYS; i++) {
		uint32_t worth = worth_of(&set[i], now, bound_s);

		if (set[i].key == key)
			return i;
		if (worth < least) {
			least = worth;
			way = i;
		}
	}
	return way;
}

/* f->at: from the set to the slot. */
static void search(struct brake *b, struct found *f, enum table table,
		   uint32_t most_s)
{
	struct bucket set[WAYS];
	const struct bucket *bucket = set;
	uint32_t now = now_s();

	slots_read(b->slots, set, sizeof(set), f->at);
	bucket += way_for(set, f->key, bound_of(b, table));
	f->at += (uint64_t)((const char *)bucket - (const char *)set);
	if (bucket->key != f->key)
		return;
	f->level_s = level_of(bucket, now);
	if (f->level_s <= most_s && bucket->at_s <= now)
		return;
	/* believed as far as may be, and leaking from now on */
	if (f->level_s > most_s)
		f->level_s = most_s;
	write_level(b, f, f->level_s);
}

static struct found find(struct brake *b, enum table table,
			 const struct slice *parts, size_t n, uint32_t most_s)
{
	uint8_t mac[DIGEST_KEYED_BYTES];
	struct found f = { 0 };
	uint32_t set;

	slots_mac(b->slots, parts, n, mac);
	memcpy(&f.key, mac, sizeof(f.key));
	memcpy(&set, mac + sizeof(f.key), sizeof(set));
	f.at = (table * SETS + set % SETS) * WAYS * sizeof(struct bucket);
	search(b, &f, table, most_s);
	return f;
}

static struct slice source_name(const struct peer *p, char ret[SOURCE_MAX])
{
	size_t n = 0;

	ret[0] = (char)p->kind;
	if (p->kind == PEER_IP) {
		/* who has one address of an IPv6 /64 has all */
		n = IN6_IS_ADDR_V4MAPPED(&p->ip) ? 16 : 8;
		memcpy(ret + 1, &p->ip, n);
	} else if (p->kind == PEER_UNIX) {
		n = sizeof(p->uid);
		memcpy(ret + 1, &p->uid, n);
	}
	return (struct slice){ ret, n + 1 };
}

/* Names differ in more than case: see user_find. */
static struct slice account_name(struct slice account, char ret[ACCOUNT_MAX])
{
	size_t n = account.n < ACCOUNT_MAX ? account.n : ACCOUNT_MAX;

	for (size_t i = 0; i < n; i++)
		ret[i] = ascii_lower(account.p[i]);
	return (struct slice){ ret, n };
}

static struct found find_source(struct brake *b, const struct peer *source)
{
	char name[SOURCE_MAX];
	const struct slice parts[] = { SLICE("source"),
				       source_name(source, name) };

	return find(b, FAILURES, parts, ARRAY_LEN(parts),
		    most_of(&b->limits.source));
}

static struct found find_account(struct brake *b, struct slice account)
{
	char name[ACCOUNT_MAX];
	const struct slice parts[] = { SLICE("account"),
				       account_name(account, name) };

	return find(b, FAILURES, parts, ARRAY_LEN(parts),
		    most_of(&b->limits.account));
}

static struct found find_pair(struct brake *b, enum table table,
			      const struct peer *source, struct slice account)
{
	char from[SOURCE_MAX], name[ACCOUNT_MAX];
	const struct slice parts[] = { source_name(source, from),
				       account_name(account, name) };

	return find(b, table, parts, ARRAY_LEN(parts), bound_of(b, table));
}

static bool is_full(const struct brake_limit *l, const struct found *f)
{
	return l->burst > 0 && f->level_s > leaks(l, l->burst - 1);
}

static bool is_known(struct brake *b, const struct peer *source,
		     struct slice account)
{
	return source && find_pair(b, KNOWN, source, account).level_s > 0;
}

bool brake_holds(struct brake *b, const struct peer *source,
		 struct slice account)
{
	struct found f;

	if (!b)
		return false;
	if (source) {
		f = find_source(b, source);
		if (is_full(&b->limits.source, &f))
			return true;
	}
	if (account.n == 0)
		return false;
	f = find_account(b, account);
	return is_full(&b->limits.account, &f) && !is_known(b, source, account);
}

static void add(struct brake *b, const struct brake_limit *l,
		const struct found *f)
{
	uint64_t level_s = (uint64_t)f->level_s + l->leak_s;
	uint32_t most_s = most_of(l);

	write_level(b, f, level_s < most_s ? (uint32_t)level_s : most_s);
}

static void add_to_source(struct brake *b, const struct peer *source,
			  struct slice account)
{
	struct found f = find_source(b, source);

	add(b, &b->limits.source, &f);
	if (account.n == 0)
		return;
	f = find_pair(b, SHARES, source, account);
	add(b, &b->limits.source, &f);
}

void brake_failed(struct brake *b, const struct peer *source,
		  struct slice account)
{
	struct found f;

	if (!b)
		return;
	if (source)
		add_to_source(b, source, account);
	if (account.n == 0 || is_known(b, source, account))
		return;
	f = find_account(b, account);
	add(b, &b->limits.account, &f);
}

static void take_back(struct brake *b, const struct peer *source,
		      struct slice account)
{
	struct found share = find_pair(b, SHARES, source, account), f;

	if (share.level_s == 0)
		return;
	f = find_source(b, source);
	write_level(b, &f,
		    f.level_s > share.level_s ? f.level_s - share.level_s : 0);
	write_level(b, &share, 0);
}

void brake_passed(struct brake *b, const struct peer *source,
		  struct slice account)
{
	struct found f;

	if (!b || !source)
		return;
	take_back(b, source, account);
	f = find_pair(b, KNOWN, source, account);
	write_level(b, &f, b->limits.known_s);
}

/* SPDX-License-Identifier: ISC */
/* See brake.h. Must never keep everybody out, whatever stands in the file: no
 * level is believed beyond its bound, and no time that is yet to come.
 *
 * The file is three tables of sets of slots: an attack from many sources must
 * push neither the known good out, nor, by what it has to take back, a bucket
 * that brakes. Within a set the emptiest bucket
 * makes room for a new one; which set is whose the file's key decides, so
 * nobody can aim. Who counts locks the file; where that takes too long he goes
 * on without, and two who write one slot at once lose a failure; no more. */
#include "auth/brake.h"

#include "base/clock.h"
#include "base/slots.h"

#define WAYS        4
#define SETS        1024 /* of each table: 64 KiB */
#define BURSTS      4
#define ACCOUNT_MAX 320 /* what comes after it is not looked at */
#define SOURCE_MAX  17

/* How long those who would be held wait for the logins that are being checked:
 * one of SCRAM takes two journeys. */
#define WAIT_MS       3000
#define WAIT_PAUSE_US 20000
#define PENDING_S     30 /* whoever takes longer has died */

/* SHARES: what a source's failures at one account still have in its bucket. It
 * leaks as fast, and gets no more, so it is never fuller. PENDING: a source's
 * logins that are being checked; no more than a reason to wait. */
enum table { FAILURES, KNOWN, SHARES, PENDING, TABLES };

#define FILE_BYTES (TABLES * SETS * WAYS * sizeof(struct bucket))

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
	r = slots_open(path, SLICE("brake"), FILE_BYTES, &b->slots);
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

static struct brake_limit pending_limit(const struct brake *b)
{
	return (struct brake_limit){ b->limits.source.burst, PENDING_S };
}

/* The most that any bucket of a table can hold. */
static uint32_t bound_of(const struct brake *b, enum table table)
{
	uint32_t source_s = most_of(&b->limits.source);
	uint32_t account_s = most_of(&b->limits.account);
	struct brake_limit pending = pending_limit(b);

	if (table == KNOWN)
		return b->limits.known_s;
	if (table == PENDING)
		return most_of(&pending);
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

static struct found find_pending(struct brake *b, const struct peer *source)
{
	char name[SOURCE_MAX];
	const struct slice parts[] = { SLICE("pending"),
				       source_name(source, name) };

	return find(b, PENDING, parts, ARRAY_LEN(parts), bound_of(b, PENDING));
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

static bool holds(struct brake *b, const struct peer *source,
		  struct slice account)
{
	struct found f;

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

/* Is it worth to look again, until then? Other devices of the same user may be
 * about to turn out right. */
static bool waits(struct brake *b, const struct peer *source, int64_t until_ms)
{
	if (!source || clock_mono_ms() >= until_ms ||
	    find_pending(b, source).level_s == 0)
		return false;
	clock_pause_us(WAIT_PAUSE_US);
	return true;
}

bool brake_holds(struct brake *b, const struct peer *source,
		 struct slice account)
{
	int64_t until_ms = clock_mono_ms() + WAIT_MS;
	bool held = b && holds(b, source, account);

	while (held && waits(b, source, until_ms))
		held = holds(b, source, account);
	return held;
}

static void add(struct brake *b, const struct brake_limit *l,
		const struct found *f)
{
	uint64_t level_s = (uint64_t)f->level_s + l->leak_s;
	uint32_t most_s = most_of(l);

	write_level(b, f, level_s < most_s ? (uint32_t)level_s : most_s);
}

static void take(struct brake *b, const struct found *f, uint32_t much_s)
{
	write_level(b, f, f->level_s > much_s ? f->level_s - much_s : 0);
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

/* Was it counted against the account, too? */
static bool count(struct brake *b, const struct peer *source,
		  struct slice account)
{
	struct found f;

	if (source)
		add_to_source(b, source, account);
	if (account.n == 0 || is_known(b, source, account))
		return false;
	f = find_account(b, account);
	add(b, &b->limits.account, &f);
	return true;
}

void brake_failed(struct brake *b, const struct peer *source,
		  struct slice account)
{
	bool locked;

	if (!b)
		return;
	locked = slots_lock(b->slots, FILE_BYTES, 0);
	(void)count(b, source, account); /* it stays counted */
	if (locked)
		slots_unlock(b->slots, FILE_BYTES, 0);
}

static void take_back(struct brake *b, const struct peer *source,
		      struct slice account)
{
	struct found share = find_pair(b, SHARES, source, account), f;

	if (share.level_s == 0)
		return;
	f = find_source(b, source);
	take(b, &f, share.level_s);
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

static void add_pending(struct brake *b, const struct peer *source)
{
	const struct brake_limit l = pending_limit(b);
	struct found f = find_pending(b, source);

	add(b, &l, &f);
}

static bool begin(struct brake *b, struct brake_try *t)
{
	bool locked = slots_lock(b->slots, FILE_BYTES, 0);
	bool held = holds(b, t->source, t->account);

	if (!held) {
		t->from_account = count(b, t->source, t->account);
		if (t->source)
			add_pending(b, t->source);
	}
	if (locked)
		slots_unlock(b->slots, FILE_BYTES, 0);
	return !held;
}

bool brake_begin(struct brake *b, struct brake_try *t)
{
	int64_t until_ms = clock_mono_ms() + WAIT_MS;

	if (!b)
		return true;
	t->counted = begin(b, t);
	/* the lock is everybody's: only where there is something to do */
	while (!t->counted && waits(b, t->source, until_ms))
		if (!holds(b, t->source, t->account))
			t->counted = begin(b, t);
	return t->counted;
}

/* Of the source's bucket no more than the share has: what another's success
 * took back is gone. */
static void refund(struct brake *b, const struct brake_try *t)
{
	uint32_t one_s = b->limits.source.leak_s;
	struct found f, share;

	if (t->from_account) {
		f = find_account(b, t->account);
		take(b, &f, b->limits.account.leak_s);
	}
	if (!t->source || t->account.n == 0)
		return;
	share = find_pair(b, SHARES, t->source, t->account);
	f = find_source(b, t->source);
	take(b, &f, share.level_s < one_s ? share.level_s : one_s);
	take(b, &share, one_s);
}

void brake_end(struct brake *b, struct brake_try *t, enum brake_outcome outcome)
{
	struct found pending;
	bool locked;

	if (!b || !t->counted)
		return;
	locked = slots_lock(b->slots, FILE_BYTES, 0);
	if (outcome != BRAKE_FAILED)
		refund(b, t);
	if (outcome == BRAKE_PASSED)
		brake_passed(b, t->source, t->account);
	if (t->source) {
		pending = find_pending(b, t->source);
		take(b, &pending, PENDING_S);
	}
	if (locked)
		slots_unlock(b->slots, FILE_BYTES, 0);
	t->counted = false;
}

/* SPDX-License-Identifier: ISC */
/* See greylist.h. Must never put the same attempt off for ever, whatever stands
 * in the file: a time that is yet to come is none. */
#include "trust/greylist.h"

#include "base/clock.h"
#include "base/slots.h"
#include "trust/rates.h"

#define WAYS        8
#define TRIAL_SETS  4096 /* 512 KiB */
#define KNOWN_SETS  2048 /* 256 KiB */
#define SPREAD      8    /* sets that one network's trials may lie in */
#define SET_BYTES   (WAYS * sizeof(struct seen))
#define RENEW_S     86400
#define IPV4_PREFIX 24
#define IPV6_PREFIX 64

struct greylist {
	struct slots *slots;
	struct greylist_times times;
};

/* at_s: since 1970, good until 2106; 0: never. */
struct seen {
	uint64_t key;
	uint32_t at_s;
	uint32_t unused;
};

_Static_assert(sizeof(struct seen) == 16, "no holes");

struct found {
	uint64_t at, key;
	uint32_t at_s; /* 0: there is none */
};

int greylist_open(const char *path, const struct greylist_times *t,
		  struct greylist **ret)
{
	struct greylist *g = calloc(1, sizeof(*g));
	int r;

	if (!g)
		return -ENOMEM;
	g->times = *t;
	r = slots_open(path, SLICE("greylist"),
		       (TRIAL_SETS + KNOWN_SETS) * SET_BYTES, &g->slots);
	if (r < 0) {
		free(g);
		return r;
	}
	*ret = g;
	return 0;
}

void greylist_close(struct greylist *g)
{
	if (!g)
		return;
	slots_close(g->slots);
	free(g);
}

static uint32_t now_s(void)
{
	return (uint32_t)(clock_real_us() / 1000000);
}

/* Its own slot, else the oldest; what is yet to come is older than all. */
static size_t way_for(const struct seen *set, uint64_t key, uint32_t now)
{
	uint32_t oldest = UINT32_MAX;
	size_t way = 0;

	for (size_t i = 0; i < WAYS; i++) {
		uint32_t at_s = set[i].at_s > now ? 0 : set[i].at_s;

		if (set[i].key == key)
			return i;
		if (at_s < oldest) {
			oldest = at_s;
			way = i;
		}
	}
	return way;
}

static void search(struct greylist *g, struct found *f, uint32_t now)
{
	struct seen set[WAYS];
	size_t way;

	slots_read(g->slots, set, sizeof(set), f->at);
	way = way_for(set, f->key, now);
	f->at += way * sizeof(*set);
	if (set[way].key == f->key && set[way].at_s <= now)
		f->at_s = set[way].at_s;
}

static void write_now(struct greylist *g, const struct found *f, uint32_t now)
{
	const struct seen seen = { .key = f->key, .at_s = now };

	slots_write(g->slots, &seen, sizeof(seen), f->at);
}

/* The key of these, and a number for the set. */
static uint64_t key_of(struct greylist *g, const struct slice *parts, size_t n,
		       uint32_t *ret_set)
{
	uint8_t mac[DIGEST_KEYED_BYTES];
	uint64_t key;

	slots_mac(g->slots, parts, n, mac);
	memcpy(&key, mac, sizeof(key));
	memcpy(ret_set, mac + sizeof(key), sizeof(*ret_set));
	return key;
}

static struct found find_known(struct greylist *g, struct slice source,
			       uint32_t now, uint32_t *ret_set)
{
	const struct slice parts[] = { source };
	struct found f = { .key = key_of(g, parts, 1, ret_set) };

	f.at = (TRIAL_SETS + *ret_set % KNOWN_SETS) * SET_BYTES;
	search(g, &f, now);
	return f;
}

static struct found find_trial(struct greylist *g, struct slice source,
			       uint32_t source_set, struct slice from,
			       struct slice to, uint32_t now)
{
	const struct slice parts[] = { source, from, to };
	struct found f = { 0 };
	uint32_t set;

	f.key = key_of(g, parts, ARRAY_LEN(parts), &set);
	f.at = (source_set + set % SPREAD) % TRIAL_SETS * SET_BYTES;
	search(g, &f, now);
	return f;
}

bool greylist_passes(struct greylist *g, const struct peer *source,
		     struct slice from, struct slice to)
{
	char name[RATES_SOURCE_MAX];
	struct slice network =
		rates_source(source, IPV4_PREFIX, IPV6_PREFIX, name);
	uint32_t now = now_s(), set, age_s;
	struct found known, trial;

	if (!g || network.n == 0)
		return true;
	known = find_known(g, network, now, &set);
	if (known.at_s > 0 && now - known.at_s <= g->times.known_s) {
		if (now - known.at_s >= RENEW_S)
			write_now(g, &known, now);
		return true;
	}
	trial = find_trial(g, network, set, from, to, now);
	age_s = now - trial.at_s;
	if (trial.at_s == 0 || age_s > g->times.window_s) {
		write_now(g, &trial, now);
		return false;
	}
	if (age_s < g->times.delay_s)
		return false;
	write_now(g, &known, now);
	return true;
}

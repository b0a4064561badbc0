/* SPDX-License-Identifier: ISC */
/* See remember.h. Must never say yes to what was not put, whatever stands in
 * the file, nor leave a password or its HMAC behind in memory. */
#include "auth/remember.h"

#include <fcntl.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/slots.h"

#define WAYS       4
#define SETS       1024 /* a power of two: 160 KiB, one page a look */
#define BOOT_BYTES 36

struct remember {
	struct slots *slots;
	uint64_t lasts_ms;
};

/* Monotonic: the same for all processes of a boot, and nobody sets it. */
struct memory {
	uint8_t mac[DIGEST_KEYED_BYTES];
	uint64_t expires_ms;
};

/* Where a password's memory may lie, and what lies there. */
struct look {
	uint8_t mac[DIGEST_KEYED_BYTES];
	uint64_t at;
	struct memory set[WAYS];
};

int remember_open_in_boot(const char *path, unsigned lasts_s, struct slice boot,
			  struct remember **ret)
{
	struct remember *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return -ENOMEM;
	m->lasts_ms = (uint64_t)lasts_s * 1000;
	r = slots_open(path, boot, SETS * WAYS * sizeof(struct memory),
		       &m->slots);
	if (r < 0) {
		free(m);
		return r;
	}
	*ret = m;
	return 0;
}

int remember_open(const char *path, unsigned lasts_s, struct remember **ret)
{
	static const char id[] = "/proc/sys/kernel/random/boot_id";
	int fd CLEANUP(file_close) = file_open(AT_FDCWD, id, O_RDONLY);
	char boot[BOOT_BYTES];
	ssize_t n = fd < 0 ? fd : file_read_at(fd, boot, sizeof(boot), 0);

	if (n < 0)
		return (int)n;
	if (n != sizeof(boot))
		return -EIO;
	return remember_open_in_boot(path, lasts_s,
				     (struct slice){ boot, sizeof(boot) }, ret);
}

/* A time further off than ours can be is none of ours. */
static bool is_live(const struct remember *r, const struct memory *m,
		    uint64_t now)
{
	return m->expires_ms > now && m->expires_ms - now <= r->lasts_ms;
}

static void look_up(struct remember *r, struct slice name,
		    struct slice password, struct slice hash, struct look *ret)
{
	const struct slice parts[] = { name, password, hash };
	uint32_t set;

	slots_mac(r->slots, parts, ARRAY_LEN(parts), ret->mac);
	memcpy(&set, ret->mac, sizeof(set));
	ret->at = set % SETS * sizeof(ret->set);
	slots_read(r->slots, ret->set, sizeof(ret->set), ret->at);
}

bool remember_has(struct remember *r, struct slice name, struct slice password,
		  struct slice hash)
{
	uint64_t now = (uint64_t)clock_mono_ms();
	struct look look;
	bool has = false;

	if (!r)
		return false;
	look_up(r, name, password, hash, &look);
	for (size_t i = 0; i < WAYS; i++)
		if (digest_same(look.mac, look.set[i].mac, sizeof(look.mac)))
			has |= is_live(r, &look.set[i], now);
	explicit_bzero(&look, sizeof(look));
	return has;
}

/* Its own place, else the one that loses least. */
static size_t way_for(const struct remember *r, const struct look *look,
		      uint64_t now)
{
	uint64_t least = UINT64_MAX;
	size_t way = 0;

	for (size_t i = 0; i < WAYS; i++) {
		const struct memory *m = &look->set[i];
		uint64_t worth = is_live(r, m, now) ? m->expires_ms - now : 0;

		if (digest_same(look->mac, m->mac, sizeof(m->mac)))
			return i;
		if (worth < least) {
			least = worth;
			way = i;
		}
	}
	return way;
}

void remember_put(struct remember *r, struct slice name, struct slice password,
		  struct slice hash)
{
	uint64_t now = (uint64_t)clock_mono_ms();
	struct look look;
	struct memory *m;
	size_t way;

	if (!r)
		return;
	look_up(r, name, password, hash, &look);
	way = way_for(r, &look, now);
	m = &look.set[way];
	memcpy(m->mac, look.mac, sizeof(m->mac));
	m->expires_ms = now + r->lasts_ms;
	slots_write(r->slots, m, sizeof(*m), look.at + way * sizeof(*m));
	explicit_bzero(&look, sizeof(look));
}

void remember_close(struct remember *r)
{
	if (!r)
		return;
	slots_close(r->slots);
	free(r);
}

/* SPDX-License-Identifier: ISC */
/* See brake.h. A bucket is the time at which it will be empty (the "virtual
 * scheduling" of ITU-T I.371's generic cell rate algorithm). Slots are read
 * and written without a lock: of two failures at the same instant one may go
 * uncounted. */
#include "auth/brake.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/clock.h"

#define SETS   1024
#define WAYS   8
#define GOOD_S (30 * 24 * 3600ULL)

struct slot {
	uint64_t key;
	uint64_t until_s;
};

struct brake {
	struct brake_config config;
	struct slot *slots;
};

static struct slot *map_file(const char *path)
{
	const size_t bytes = sizeof(struct slot) * SETS * WAYS;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat st;
	void *p = MAP_FAILED;

	if (fd < 0)
		return NULL;
	/* never cut: another process may have it mapped */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    ((size_t)st.st_size >= bytes || ftruncate(fd, (off_t)bytes) == 0))
		p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			 0);
	(void)close(fd); /* the mapping stays */
	return p == MAP_FAILED ? NULL : p;
}

struct brake *brake_open(const struct brake_config *config)
{
	struct brake *b;

	if (!config->path || config->path[0] == '\0')
		return NULL;
	b = calloc(1, sizeof(*b));
	if (!b)
		return NULL;
	b->config = *config;
	b->slots = map_file(config->path);
	if (b->slots)
		return b;
	free(b);
	return NULL;
}

void brake_close(struct brake *b)
{
	if (!b)
		return;
	if (b->slots)
		(void)munmap(b->slots, sizeof(struct slot) * SETS * WAYS);
	free(b);
}

static uint64_t now_s(void)
{
	return (uint64_t)(clock_real_us() / 1000000);
}

/* A host has a /64 of IPv6 to itself. */
static struct slice source_of(struct slice ip, char ret[INET6_ADDRSTRLEN])
{
	struct in6_addr a;

	if (ip.n >= INET6_ADDRSTRLEN)
		return ip;
	memcpy(ret, ip.p, ip.n);
	ret[ip.n] = '\0';
	if (inet_pton(AF_INET6, ret, &a) != 1)
		return ip;
	return (struct slice){ memcpy(ret, &a, 8), 8 };
}

static uint64_t key_of(const struct brake *b, const char *kind, struct slice ip,
		       struct slice name)
{
	char text[INET6_ADDRSTRLEN], folded[256];
	struct slice parts[] = { slice_of(kind), SLICE(""), SLICE("") };

	if (ip.n > 0)
		parts[1] = source_of(ip, text);
	name = slice_upto(name, sizeof(folded));
	for (size_t i = 0; i < name.n; i++)
		folded[i] = ascii_lower(name.p[i]);
	parts[2] = (struct slice){ folded, name.n };
	return secret_mac(b->config.secret, parts, ARRAY_LEN(parts));
}

static uint64_t until(const struct brake *b, uint64_t key)
{
	const struct slot *set = b->slots + key % SETS * WAYS;

	for (size_t i = 0; i < WAYS; i++)
		if (__atomic_load_n(&set[i].key, __ATOMIC_RELAXED) == key)
			return __atomic_load_n(&set[i].until_s,
					       __ATOMIC_RELAXED);
	return 0;
}

/* Over the slot that has the key, or the one that is empty first. */
static void put(struct brake *b, uint64_t key, uint64_t until_s)
{
	struct slot *set = b->slots + key % SETS * WAYS, *s = set;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].key == key) {
			s = set + i;
			break;
		}
		if (set[i].until_s < s->until_s)
			s = set + i;
	}
	__atomic_store_n(&s->key, key, __ATOMIC_RELAXED);
	__atomic_store_n(&s->until_s, until_s, __ATOMIC_RELAXED);
}

/* How long a bucket still leaks; what no bucket of ours can hold is none. */
static uint64_t level(const struct brake *b, uint64_t key, uint64_t now)
{
	uint64_t at = until(b, key);
	uint64_t most = (b->config.failures + 1) * b->config.relief_s;

	return at > now && at - now <= most ? at - now : 0;
}

static bool is_full(const struct brake *b, uint64_t key)
{
	return level(b, key, now_s()) >
	       (b->config.failures - 1) * b->config.relief_s;
}

static bool is_good(const struct brake *b, struct slice ip, struct slice name)
{
	uint64_t at = until(b, key_of(b, "good", ip, name)), now = now_s();

	return at > now && at - now <= GOOD_S;
}

bool brake_holds(const struct brake *b, struct slice ip, struct slice name)
{
	if (!b)
		return false;
	if (ip.n > 0 && is_full(b, key_of(b, "source", ip, SLICE(""))))
		return true;
	return name.n > 0 &&
	       is_full(b, key_of(b, "account", SLICE(""), name)) &&
	       !is_good(b, ip, name);
}

static void pour(struct brake *b, uint64_t key)
{
	uint64_t now = now_s(), most = b->config.failures * b->config.relief_s;
	uint64_t more = level(b, key, now) + b->config.relief_s;

	put(b, key, now + (more < most ? more : most));
}

void brake_failed(struct brake *b, struct slice ip, struct slice name)
{
	if (!b)
		return;
	if (ip.n > 0)
		pour(b, key_of(b, "source", ip, SLICE("")));
	if (name.n > 0 && !is_good(b, ip, name))
		pour(b, key_of(b, "account", SLICE(""), name));
}

void brake_passed(struct brake *b, struct slice ip, struct slice name)
{
	if (b)
		put(b, key_of(b, "good", ip, name), now_s() + GOOD_S);
}

static uint64_t password_key(const struct brake *b, struct slice name,
			     struct slice password, struct slice hash)
{
	const struct slice parts[] = { SLICE("right"), name, password, hash };

	return secret_mac(b->config.secret, parts, ARRAY_LEN(parts));
}

bool brake_remembers(const struct brake *b, struct slice name,
		     struct slice password, struct slice hash)
{
	uint64_t at, now = now_s();

	if (!b || b->config.remember_s == 0)
		return false;
	at = until(b, password_key(b, name, password, hash));
	return at > now && at - now <= b->config.remember_s;
}

void brake_remember(struct brake *b, struct slice name, struct slice password,
		    struct slice hash)
{
	if (b && b->config.remember_s > 0)
		put(b, password_key(b, name, password, hash),
		    now_s() + b->config.remember_s);
}

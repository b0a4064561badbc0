/* SPDX-License-Identifier: ISC */
/* See crowd.h: two tables with linear probing, no more than half full. What
 * is taken out closes its gap (Knuth 6.4, algorithm R), so that no graves
 * gather. */
#include "main/crowd.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/random.h>

struct person {
	pid_t pid; /* 0: nobody */
	struct in6_addr source;
};

struct source {
	struct in6_addr ip;
	unsigned n; /* 0: nobody */
};

struct crowd {
	struct crowd_limits limits;
	size_t n;
	size_t mask; /* of both tables */
	uint64_t seed;
	struct person *persons;
	struct source *sources;
	size_t octets; /* of both tables, mapped */
};

static uint64_t mix(uint64_t x)
{
	/* the finalizer of MurmurHash3 (Appleby): every bit counts */
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdU;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53U;
	return x ^ x >> 33;
}

static size_t place_of_pid(const struct crowd *c, pid_t pid)
{
	return mix((uint64_t)pid) & c->mask;
}

static size_t place_of_source(const struct crowd *c, const struct in6_addr *ip)
{
	uint64_t half[2];

	memcpy(half, ip, sizeof(half));
	/* strangers choose their addresses: the seed is not theirs to know */
	return mix(mix(half[0] ^ c->seed) ^ half[1]) & c->mask;
}

/* Where it is, or the gap where it would be. */
static size_t find_person(const struct crowd *c, pid_t pid)
{
	size_t i = place_of_pid(c, pid);

	while (c->persons[i].pid != 0 && c->persons[i].pid != pid)
		i = (i + 1) & c->mask;
	return i;
}

static size_t find_source(const struct crowd *c, const struct in6_addr *ip)
{
	size_t i = place_of_source(c, ip);

	while (c->sources[i].n > 0 &&
	       memcmp(&c->sources[i].ip, ip, sizeof(*ip)) != 0)
		i = (i + 1) & c->mask;
	return i;
}

/* Would what belongs at `home` and lies at `at` be found with a gap at `gap`?
 */
static bool reaches(const struct crowd *c, size_t home, size_t gap, size_t at)
{
	return ((at - home) & c->mask) < ((at - gap) & c->mask);
}

static void take_out_person(struct crowd *c, size_t gap)
{
	for (size_t i = gap;;) {
		i = (i + 1) & c->mask;
		if (c->persons[i].pid == 0)
			break;
		if (reaches(c, place_of_pid(c, c->persons[i].pid), gap, i))
			continue;
		c->persons[gap] = c->persons[i];
		gap = i;
	}
	c->persons[gap].pid = 0;
}

static void take_out_source(struct crowd *c, size_t gap)
{
	for (size_t i = gap;;) {
		i = (i + 1) & c->mask;
		if (c->sources[i].n == 0)
			break;
		if (reaches(c, place_of_source(c, &c->sources[i].ip), gap, i))
			continue;
		c->sources[gap] = c->sources[i];
		gap = i;
	}
	c->sources[gap].n = 0;
}

static struct in6_addr source_of(const struct crowd *c, const struct peer *p)
{
	return peer_source(p, c->limits.bits4, c->limits.bits6);
}

/* No child has them: a session is not to know the others, and private pages
 * would be copied behind every fork, when they are next written to. */
static bool map_tables(struct crowd *c, size_t size)
{
	size_t persons = size * sizeof(*c->persons);
	void *p;

	c->octets = persons + size * sizeof(*c->sources);
	p = mmap(NULL, c->octets, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return false;
	(void)madvise(p, c->octets, MADV_DONTFORK); /* then they have */
	c->persons = p;
	c->sources = (void *)((char *)p + persons);
	return true;
}

struct crowd *crowd_new(const struct crowd_limits *limits)
{
	struct crowd *c = calloc(1, sizeof(*c));
	size_t size = 16;

	if (!c)
		return NULL;
	while (size / 2 < limits->all)
		size *= 2;
	c->limits = *limits;
	c->mask = size - 1;
	/* without randomness it still works */
	ignore(getrandom(&c->seed, sizeof(c->seed), 0));
	if (map_tables(c, size))
		return c;
	crowd_free(c);
	return NULL;
}

enum crowd_answer crowd_judge(const struct crowd *c, const struct peer *p)
{
	struct in6_addr source = source_of(c, p);

	if (c->n >= c->limits.all)
		return CROWD_FULL;
	if (c->limits.per_source == 0 || p->kind != PEER_IP)
		return CROWD_WELCOME;
	return c->sources[find_source(c, &source)].n < c->limits.per_source
		       ? CROWD_WELCOME
		       : CROWD_SOURCE_FULL;
}

void crowd_enter(struct crowd *c, pid_t pid, const struct peer *p)
{
	struct in6_addr source = source_of(c, p);
	size_t i = find_source(c, &source);

	c->sources[i].ip = source;
	c->sources[i].n++;
	c->persons[find_person(c, pid)] = (struct person){ pid, source };
	c->n++;
}

bool crowd_leave(struct crowd *c, pid_t pid)
{
	size_t i = find_person(c, pid), source;

	if (c->persons[i].pid == 0)
		return false;
	source = find_source(c, &c->persons[i].source);
	if (--c->sources[source].n == 0)
		take_out_source(c, source);
	take_out_person(c, i);
	c->n--;
	return true;
}

size_t crowd_count(const struct crowd *c)
{
	return c->n;
}

/* It may be so young that it leads no group yet. */
static void send_to(pid_t pid, int signal)
{
	if (kill(-pid, signal) < 0)
		(void)kill(pid, signal); /* or it has gone */
}

void crowd_signal(const struct crowd *c, int signal)
{
	for (size_t i = 0; i <= c->mask; i++)
		if (c->persons[i].pid != 0)
			send_to(c->persons[i].pid, signal);
}

void crowd_free(struct crowd *c)
{
	if (!c)
		return;
	if (c->persons)
		(void)munmap(c->persons, c->octets); /* ours */
	free(c);
}

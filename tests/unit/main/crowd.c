/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "main/crowd.h"

#define PERSONS 500
#define STEPS   60000

static struct peer from(const char *text)
{
	struct peer p;

	cr_assert_eq(peer_parse(slice_of(text), &p), 0, "%s", text);
	p.kind = PEER_IP;
	return p;
}

/* The same numbers in each run. */
static unsigned next(uint64_t *state)
{
	*state = *state * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(*state >> 33);
}

/* One of a few sources, so that some are full and many share chains: IPv4
 * addresses, IPv6 networks of 64 bits with differing ends, and none. */
static struct peer somebody(uint64_t *state, unsigned *ret_source)
{
	unsigned source = next(state) % 90;
	char text[64];

	*ret_source = source;
	if (source == 89) /* no address: no source */
		return (struct peer){ .kind = PEER_UNIX };
	if (source < 45)
		(void)snprintf(text, sizeof(text), "192.0.2.%u", source);
	else
		(void)snprintf(text, sizeof(text), "2001:db8:0:%x::%x", source,
			       next(state) % 65536);
	return from(text);
}

/* What it should know: a list without any order. */
struct model {
	struct {
		pid_t pid;
		unsigned source;
	} v[PERSONS];
	size_t n, of[90];
};

static enum crowd_answer model_judge(const struct model *m, unsigned source,
				     size_t per_source)
{
	if (m->n == PERSONS)
		return CROWD_FULL;
	if (source != 89 && m->of[source] >= per_source)
		return CROWD_SOURCE_FULL;
	return CROWD_WELCOME;
}

static void leave_one(struct model *m, struct crowd *c, size_t i)
{
	cr_assert(crowd_leave(c, m->v[i].pid));
	cr_assert_not(crowd_leave(c, m->v[i].pid));
	m->of[m->v[i].source]--;
	m->v[i] = m->v[--m->n];
}

static void come_one(struct model *m, struct crowd *c, uint64_t *state,
		     pid_t pid, unsigned answers[3])
{
	unsigned source;
	struct peer p = somebody(state, &source);
	enum crowd_answer answer = crowd_judge(c, &p);

	cr_assert_eq(answer, model_judge(m, source, 8));
	answers[answer]++;
	if (answer != CROWD_WELCOME)
		return;
	crowd_enter(c, pid, &p);
	m->v[m->n].pid = pid;
	m->v[m->n++].source = source;
	m->of[source]++;
}

/* Swings between empty and full; pids of the kernel's order and of none. */
Test(crowd, as_a_list_would)
{
	const struct crowd_limits limits = { PERSONS, 8, 32, 64 };
	struct crowd *c = crowd_new(&limits);
	static struct model m;
	uint64_t state = 42;
	unsigned answers[3] = { 0 };

	cr_assert_not_null(c);
	for (int i = 0; i < STEPS; i++) {
		bool fills = i / 3000 % 2 == 0;
		pid_t pid = i % 2 ? i + 1 : (1 << 22) - i;

		if (m.n > 0 && next(&state) % 10 < (fills ? 2U : 8U))
			leave_one(&m, c, next(&state) % m.n);
		else
			come_one(&m, c, &state, pid, answers);
		cr_assert_eq(crowd_count(c), m.n);
	}
	while (m.n > 0)
		leave_one(&m, c, m.n - 1);
	cr_assert_eq(crowd_count(c), 0);
	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		cr_assert_gt(answers[i], 0, "answer %zu was never given", i);
	crowd_free(c);
}

Test(crowd, limits_at_the_edge)
{
	static const struct {
		size_t all, per_source;
		unsigned come;
		enum crowd_answer then;
	} rows[] = {
		{ 1, 0, 0, CROWD_WELCOME },     { 1, 0, 1, CROWD_FULL },
		{ 2, 1, 1, CROWD_SOURCE_FULL }, { 3, 3, 3, CROWD_FULL },
		{ 8, 7, 6, CROWD_WELCOME },     { 8, 7, 7, CROWD_SOURCE_FULL },
		{ 9, 0, 8, CROWD_WELCOME },     { 9, 0, 9, CROWD_FULL },
		{ 16, 16, 16, CROWD_FULL },     { 9, 99, 9, CROWD_FULL },
	};
	struct peer p = from("192.0.2.1");

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct crowd_limits limits = { rows[i].all,
						     rows[i].per_source, 32,
						     64 };
		struct crowd *c = crowd_new(&limits);

		for (unsigned k = 0; k < rows[i].come; k++) {
			cr_assert_eq(crowd_judge(c, &p), CROWD_WELCOME,
				     "row %zu", i);
			crowd_enter(c, (pid_t)k + 2, &p);
		}
		cr_assert_eq(crowd_judge(c, &p), rows[i].then, "row %zu", i);
		if (rows[i].come > 0) {
			cr_assert(crowd_leave(c, 2));
			cr_assert_eq(crowd_judge(c, &p), CROWD_WELCOME);
		}
		crowd_free(c);
	}
}

/* One source or two? */
Test(crowd, prefixes)
{
	static const struct {
		unsigned bits4, bits6;
		const char *one, *other;
		bool same;
	} rows[] = {
		{ 32, 64, "192.0.2.1", "192.0.2.1", true },
		{ 32, 64, "192.0.2.1", "192.0.2.0", false },
		{ 31, 64, "192.0.2.1", "192.0.2.0", true },
		{ 24, 64, "192.0.2.1", "192.0.2.255", true },
		{ 24, 64, "192.0.2.1", "192.0.3.1", false },
		{ 20, 64, "198.51.96.1", "198.51.111.1", true },
		{ 20, 64, "198.51.96.1", "198.51.112.1", false },
		{ 1, 64, "1.0.0.0", "127.0.0.1", true },
		{ 1, 64, "1.0.0.0", "128.0.0.1", false },
		{ 32, 64, "2001:db8::1", "2001:db8::ffff:0:0:1", true },
		{ 32, 64, "2001:db8::1", "2001:db8:0:1::1", false },
		{ 32, 128, "2001:db8::1", "2001:db8::2", false },
		{ 32, 127, "2001:db8::2", "2001:db8::3", true },
		{ 32, 48, "2001:db8:1:2::", "2001:db8:1:3::", true },
		{ 32, 61, "2001:db8:1:8::", "2001:db8:1:f::", true },
		{ 32, 61, "2001:db8:1:8::", "2001:db8:1:10::", false },
		{ 32, 1, "2001:db8::1", "8000::", false },
		/* few bits of an IPv6 address do not make one of all IPv4 */
		{ 32, 1, "192.0.2.1", "192.0.2.2", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct crowd_limits limits = { 4, 1, rows[i].bits4,
						     rows[i].bits6 };
		struct crowd *c = crowd_new(&limits);
		struct peer one = from(rows[i].one), two = from(rows[i].other);

		crowd_enter(c, 2, &one);
		cr_assert_eq(crowd_judge(c, &two),
			     rows[i].same ? CROWD_SOURCE_FULL : CROWD_WELCOME,
			     "row %zu", i);
		crowd_free(c);
	}
}

Test(crowd, who_has_no_source_has_no_limit_of_one)
{
	const struct crowd_limits limits = { 20, 1, 32, 64 };
	const struct peer peers[] = { { .kind = PEER_UNIX, .uid = 1 },
				      { .kind = PEER_NONE } };
	struct crowd *c = crowd_new(&limits);

	for (int i = 0; i < 20; i++) {
		cr_assert_eq(crowd_judge(c, &peers[i % 2]), CROWD_WELCOME);
		crowd_enter(c, i + 2, &peers[i % 2]);
	}
	cr_assert_eq(crowd_judge(c, &peers[0]), CROWD_FULL);
	cr_assert_not(crowd_leave(c, 1));
	crowd_free(c);
	crowd_free(NULL);
}

/* SPDX-License-Identifier: ISC */
/* Against a name server of our own, which does to each question what its first
 * label says. */
#include <criterion/criterion.h>
#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "net/dns_many.h"

#define HEADER 12

static struct arena *arena;
static struct dns *dns;
static pid_t server;

static size_t put_answer(uint8_t *p, unsigned type, const void *data, size_t n)
{
	const uint8_t head[] = { 0xc0, HEADER, 0, (uint8_t)type, 0, 1, 0, 0,
				 0,    60,     0, (uint8_t)n };

	memcpy(p, head, sizeof(head));
	memcpy(p + sizeof(head), data, n);
	return sizeof(head) + n;
}

/* The question ends behind the root label, type and class. */
static size_t question_end(const uint8_t *p)
{
	size_t at = HEADER;

	while (p[at] != 0)
		at += p[at] + 1U;
	return at + 5;
}

static bool is_label(const uint8_t *p, const char *label)
{
	return p[HEADER] == strlen(label) &&
	       memcmp(p + HEADER + 1, label, strlen(label)) == 0;
}

static size_t good_answer(uint8_t *p, unsigned type)
{
	static const uint8_t a[] = { 127, 0, 0, 2 };
	static const uint8_t aaaa[16] = { 0x20, 1, 0xd, 0xb8, [15] = 7 };
	static const char txt[] = "\3see\1 \4here";
	static const char name[] = "\4Mail\7EXAMPLE";

	switch (type) {
	case 1:
		return put_answer(p, type, a, sizeof(a));
	case 28:
		return put_answer(p, type, aaaa, sizeof(aaaa));
	case 12:
		return put_answer(p, type, name, sizeof(name));
	default:
		return put_answer(p, type, txt, sizeof(txt) - 1);
	}
}

/* The whole reply; 0: say nothing. `count`: of questions so far. */
static size_t reply_to(uint8_t *p, unsigned count)
{
	size_t n = question_end(p);
	unsigned type = p[n - 3];

	p[2] |= 0x80; /* QR */
	p[3] = 0x80;
	p[7] = 0;
	memset(p + 8, 0, 4); /* without our OPT */
	if (is_label(p, "silent") || (is_label(p, "lost") && count % 2 == 1))
		return 0;
	if (is_label(p, "none"))
		p[3] |= 3;
	else if (is_label(p, "fail"))
		p[3] |= 2;
	else if (is_label(p, "cut"))
		p[2] |= 2;
	else if (is_label(p, "query"))
		p[2] &= 0x7f;
	if (is_label(p, "none") || is_label(p, "fail") || is_label(p, "empty"))
		return n;
	if (is_label(p, "other"))
		p[HEADER + 1] = 'x';
	if (is_label(p, "id"))
		p[0] ^= 1;
	p[7] = 1;
	return n + good_answer(p + n, type);
}

static void serve(int fd)
{
	unsigned count = 0;

	for (;;) {
		uint8_t p[2048];
		struct sockaddr_in from;
		socklen_t length = sizeof(from);
		ssize_t n = recvfrom(fd, p, 512, 0, (struct sockaddr *)&from,
				     &length);
		size_t out = n > HEADER ? reply_to(p, ++count) : 0;

		if (out > 0)
			(void)sendto(fd, p, out, 0, (struct sockaddr *)&from,
				     length);
	}
}

static void enter(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t length = sizeof(at);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char text[32];

	cr_assert_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&at, &length), 0);
	server = fork();
	cr_assert_geq(server, 0);
	if (server == 0)
		serve(fd);
	cr_assert_eq(close(fd), 0);
	(void)snprintf(text, sizeof(text), "127.0.0.1:%u", ntohs(at.sin_port));
	cr_assert_eq(dns_new(text, 1, &dns), 0);
	arena = arena_new(1 << 20);
}

static void stop(void)
{
	(void)kill(server, SIGKILL);
	(void)waitpid(server, NULL, 0);
}

static void leave(void)
{
	stop();
	dns_free(dns);
	arena_free(arena);
}

TestSuite(dns_many, .init = enter, .fini = leave);

static int64_t ask(struct dns_question *q, size_t n, int64_t wait_ms)
{
	int64_t began_ms = clock_mono_ms();

	dns_ask_many(dns, q, n, wait_ms, arena);
	return clock_mono_ms() - began_ms;
}

Test(dns_many, reads_each_kind_of_answer)
{
	static const char *const texts[] = {
		[DNS_A] = "127.0.0.2",
		[DNS_AAAA] = "2001:db8::7",
		[DNS_PTR] = "mail.example",
		[DNS_TXT] = "see here",
	};
	struct dns_question q[ARRAY_LEN(texts)];
	int64_t ms;

	for (size_t i = 0; i < ARRAY_LEN(q); i++)
		q[i] = (struct dns_question){ .name = SLICE("Good.example"),
					      .type = (enum dns_type)i };
	ms = ask(q, ARRAY_LEN(q), 5000);
	for (size_t i = 0; i < ARRAY_LEN(q); i++) {
		cr_assert_eq(q[i].outcome, DNS_FOUND, "%zu", i);
		cr_assert_eq(q[i].n, 1);
		cr_assert(slice_eq(q[i].answers[0], slice_of(texts[i])), "%.*s",
			  SLICE_ARG(q[i].answers[0]));
	}
	cr_assert_lt(ms, 1500, "waited for nothing: %lld ms", (long long)ms);
}

static const struct {
	const char *name;
	enum dns_outcome outcome;
} rows[] = {
	{ "good.example", DNS_FOUND },
	{ "none.example", DNS_NO_NAME },
	{ "empty.example", DNS_NO_DATA },
	{ "fail.example", DNS_AGAIN },
	{ "cut.example", DNS_AGAIN },
	{ "silent.example", DNS_AGAIN },
	{ "query.example", DNS_AGAIN },
	{ "other.example", DNS_AGAIN },
	{ "id.example", DNS_AGAIN },
	{ "", DNS_AGAIN },
	{ "a..b", DNS_AGAIN },
	{ "good.example", DNS_FOUND },
};

/* All at once, and whoever is silent or lies costs one deadline only. */
Test(dns_many, tells_outcomes_apart_within_one_deadline)
{
	struct dns_question q[ARRAY_LEN(rows)];
	int64_t ms;

	for (size_t i = 0; i < ARRAY_LEN(q); i++)
		q[i] = (struct dns_question){ .name = slice_of(rows[i].name),
					      .type = DNS_A };
	ms = ask(q, ARRAY_LEN(q), 600);
	for (size_t i = 0; i < ARRAY_LEN(q); i++) {
		cr_assert_eq(q[i].outcome, rows[i].outcome, "%s: %d",
			     rows[i].name, q[i].outcome);
		cr_assert_eq(q[i].n, rows[i].outcome == DNS_FOUND ? 1 : 0);
	}
	cr_assert(ms >= 590 && ms < 2000, "%lld ms", (long long)ms);
}

Test(dns_many, asks_again_when_a_question_is_lost)
{
	struct dns_question q = { .name = SLICE("lost.example"),
				  .type = DNS_A };
	int64_t ms = ask(&q, 1, 900);

	cr_assert_eq(q.outcome, DNS_FOUND);
	cr_assert(ms >= 290 && ms < 2000, "%lld ms", (long long)ms);
}

Test(dns_many, does_not_wait_where_nobody_listens)
{
	struct dns_question q[] = {
		{ .name = SLICE("good.example"), .type = DNS_A },
		{ .name = SLICE("good.example"), .type = DNS_TXT },
	};
	int64_t ms;

	stop();
	ms = ask(q, ARRAY_LEN(q), 5000);
	cr_assert_eq(q[0].outcome, DNS_AGAIN);
	cr_assert_eq(q[1].outcome, DNS_AGAIN);
	cr_assert_lt(ms, 1000, "%lld ms", (long long)ms);
}

Test(dns_many, asks_as_many_as_there_may_be)
{
	static struct dns_question q[DNS_MANY_MAX];

	for (size_t i = 0; i < ARRAY_LEN(q); i++)
		q[i] = (struct dns_question){
			.name = arena_printf(arena, "n%zu.example", i),
			.type = DNS_A,
		};
	(void)ask(q, ARRAY_LEN(q), 5000);
	for (size_t i = 0; i < ARRAY_LEN(q); i++)
		cr_assert_eq(q[i].outcome, DNS_FOUND, "%zu", i);
}

static const struct {
	const char *ip, *zone, *name;
} names[] = {
	{ "192.0.2.1", "", "1.2.0.192.in-addr.arpa" },
	{ "192.0.2.1", "l.example", "1.2.0.192.l.example" },
	{ "2001:db8::567:89ab", "",
	  "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
	  "ip6.arpa" },
	{ "2001:db8::1", "l.example",
	  "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
	  "l.example" },
};

Test(dns_many, writes_addresses_backwards)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct peer p;

		cr_assert_eq(peer_parse(slice_of(names[i].ip), &p), 0);
		cr_assert(slice_eq(dns_backwards(&p, slice_of(names[i].zone),
						 arena),
				   slice_of(names[i].name)),
			  "%s", names[i].name);
	}
}

/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "tests/unit/route/house.h"

/* ---- a resolver that knows a few names ---- */

enum { A = 1, MX = 15 };

struct record {
	const char *name;
	unsigned type;
	unsigned preference;
	const char *data; /* MX: a host; A: last octet of 192.0.2. */
};

static const struct record zone[] = {
	{ "two.example", MX, 20, "b.example" },
	{ "two.example", MX, 10, "a.example" },
	{ "null.example", MX, 0, "" },
	{ "self.example", MX, 5, "mail.example.org" },
	{ "self.example", MX, 10, "a.example" },
	{ "cut.example", MX, 5, "a.example" },
	{ "cut.example", MX, 10, "mail.example.org" },
	{ "cut.example", MX, 10, "b.example" },
	{ "half.example", MX, 5, "gone.example" },
	{ "half.example", MX, 10, "b.example" },
	{ "dead.example", MX, 5, "gone.example" },
	{ "a.example", A, 0, "\x01" },
	{ "b.example", A, 0, "\x02" },
	{ "bare.example", A, 0, "\x03" },
	{ "empty.example", 99, 0, "" },
	{ "signed.example", MX, 5, "a.example" },
};

static size_t put_name(unsigned char *p, const char *name)
{
	struct slice rest = slice_of(name), label;
	size_t n = 0;

	while (rest.n > 0 && slice_field(&rest, '.', &label)) {
		p[n++] = (unsigned char)label.n;
		memcpy(p + n, label.p, label.n);
		n += label.n;
	}
	p[n++] = 0;
	return n;
}

static size_t put_record(unsigned char *p, const struct record *r)
{
	unsigned char data[300];
	size_t n = 0;

	if (r->type == MX) {
		data[0] = 0;
		data[1] = (unsigned char)r->preference;
		n = 2 + put_name(data + 2, r->data);
	} else {
		const unsigned char ip[] = { 192, 0, 2,
					     (unsigned char)r->data[0] };

		memcpy(data, ip, n = sizeof(ip));
	}
	memcpy(p,
	       (unsigned char[]){ 0xc0, 12, 0, (unsigned char)r->type, 0, 1, 0,
				  0, 0, 60, 0, (unsigned char)n },
	       12);
	memcpy(p + 12, data, n);
	return 12 + n;
}

static size_t answer(unsigned char *p, size_t n)
{
	char name[256] = "";
	size_t at = 12, length = 0;
	unsigned type;
	bool known = false;

	(void)n;
	for (; p[at]; at += p[at] + 1U) {
		length += (size_t)snprintf(name + length, sizeof(name) - length,
					   "%s%.*s", length ? "." : "",
					   (int)p[at], (char *)p + at + 1);
	}
	type = p[at + 2];
	at += 5;
	p[2] = 0x84;
	/* AD: DNSSEC says so too */
	p[3] = strcmp(name, "signed.example") == 0 ? 0xa0 : 0x80;
	memset(p + 6, 0, 6);
	for (size_t i = 0; i < ARRAY_LEN(zone); i++) {
		if (strcasecmp(zone[i].name, name) != 0)
			continue;
		known = true;
		if (zone[i].type != type)
			continue;
		at += put_record(p + at, &zone[i]);
		p[7]++;
	}
	if (strcmp(name, "fail.example") == 0)
		p[3] |= 2;
	else if (!known)
		p[3] |= 3;
	return at;
}

struct resolver {
	pid_t pid;
	char server[32];
};

static void serve(int fd)
{
	unsigned char p[4096];
	struct sockaddr_in from;

	for (;;) {
		socklen_t length = sizeof(from);
		ssize_t n = recvfrom(fd, p, 512, 0, (struct sockaddr *)&from,
				     &length);

		if (n < 17)
			continue;
		n = (ssize_t)answer(p, (size_t)n);
		(void)sendto(fd, p, (size_t)n, 0, (struct sockaddr *)&from,
			     length);
	}
}

static void resolver_new(struct resolver *r)
{
	struct sockaddr_in me = { .sin_family = AF_INET };
	socklen_t length = sizeof(me);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	me.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cr_assert_eq(bind(fd, (struct sockaddr *)&me, length), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&me, &length), 0);
	(void)snprintf(r->server, sizeof(r->server), "127.0.0.1:%u",
		       ntohs(me.sin_port));
	r->pid = fork();
	cr_assert(r->pid >= 0);
	if (r->pid == 0) {
		(void)alarm(30);
		serve(fd);
	}
	(void)close(fd);
}

static void resolver_done(const struct resolver *r)
{
	(void)kill(r->pid, SIGKILL);
	(void)waitpid(r->pid, NULL, 0);
}

/* ---- what it is asked for ---- */

static const char *hosts(struct house *h, struct dns *dns, const char *hop)
{
	static const char *const names[] = { "FOUND", "NULL_MX", "NO_NAME",
					     "SELF",  "AGAIN",   "NONE" };
	struct slice text = SLICE("FOUND");
	struct route_host *v = NULL;
	size_t n = 0;
	enum route_hosts o =
		route_hosts(h->route, dns, slice_of(hop), h->arena, &v, &n);

	if (o != ROUTE_HOSTS_FOUND)
		return names[o];
	for (size_t i = 0; i < n; i++)
		text = arena_printf(h->arena, "%s %.*s/%.*s:%u%s", text.p,
				    SLICE_ARG(v[i].name), SLICE_ARG(v[i].ip),
				    v[i].port, v[i].sure ? "" : "?");
	return text.p;
}

Test(hosts, by_dns)
{
	static const struct {
		const char *hop;
		const char *hosts;
	} rows[] = {
		{ "two.example", "FOUND a.example/192.0.2.1:25? "
				 "b.example/192.0.2.2:25?" },
		{ "two.example:587", "FOUND a.example/192.0.2.1:587? "
				     "b.example/192.0.2.2:587?" },
		{ "null.example", "NULL_MX" },
		{ "self.example", "SELF" },
		{ "cut.example", "FOUND a.example/192.0.2.1:25?" },
		{ "half.example", "FOUND b.example/192.0.2.2:25?" },
		{ "signed.example", "FOUND a.example/192.0.2.1:25" },
		{ "[a.example]:99 tls=verify name=x.example auth=Me",
		  "FOUND a.example/192.0.2.1:99" },
		{ "dead.example", "NONE" },
		{ "bare.example", "FOUND bare.example/192.0.2.3:25" },
		{ "empty.example", "NONE" },
		{ "gone.example", "NO_NAME" },
		{ "fail.example", "AGAIN" },
		{ "[a.example]", "FOUND a.example/192.0.2.1:25" },
		{ "[two.example]", "NONE" },
		{ "[192.0.2.9]:2525", "FOUND [192.0.2.9]/192.0.2.9:2525" },
		{ "[IPv6:2001:db8::1]",
		  "FOUND [IPv6:2001:db8::1]/2001:db8::1:25" },
		{ "[192.0.2.9", "NO_NAME" },
	};
	struct resolver r;
	struct house h;
	struct dns *dns;

	house_new(&h, NULL, NULL, NULL);
	resolver_new(&r);
	cr_assert_eq(dns_new(r.server, 3, &dns), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_expect_str_eq(hosts(&h, dns, rows[i].hop), rows[i].hosts,
				 "%s", rows[i].hop);
	dns_free(dns);
	resolver_done(&r);
	house_done(&h);
}

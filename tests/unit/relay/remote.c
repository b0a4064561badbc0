/* SPDX-License-Identifier: ISC */
/* See remote.h. */
#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "tests/unit/relay/remote.h"

#define LINE_MAX_HERE 2048

_Atomic unsigned *remote_most;
static _Atomic unsigned *at_once;

static void *shared(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	cr_assert(p != MAP_FAILED);
	return p;
}

static int bound(int type, const char *ip, uint16_t *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(*port) };
	socklen_t n = sizeof(a);
	int one = 1, fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	cr_assert(fd >= 0 && inet_pton(AF_INET, ip, &a.sin_addr) == 1);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	cr_assert_eq(bind(fd, (struct sockaddr *)&a, n), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static pid_t born(void)
{
	pid_t pid = fork();

	cr_assert(pid >= 0);
	if (pid == 0)
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

/* ---- SMTP ---- */

static void say(FILE *f, const char *reply)
{
	(void)fprintf(f, "%s\r\n", reply);
	(void)fflush(f);
}

static void keep(struct remote_seen *seen, const char *line)
{
	size_t n = strlen(line);

	if (seen->texts + n < sizeof(seen->text)) {
		memcpy(seen->text + seen->texts, line, n);
		seen->texts += (unsigned)n;
	}
}

/* False: hang up. */
static bool take_message(struct remote *r, FILE *in, FILE *f)
{
	char line[LINE_MAX_HERE];

	say(f, "354 go on");
	r->seen->asked++;
	while (fgets(line, sizeof(line), in) && strcmp(line, ".\r\n") != 0)
		keep(r->seen, line);
	if (r->hang_ms > 0)
		(void)poll(NULL, 0, r->hang_ms);
	r->seen->messages++;
	if (r->drops_at > 0 && r->seen->messages % r->drops_at == 0)
		return false;
	say(f, r->end ? r->end : "250 2.0.0 kept");
	return true;
}

static void greet(struct remote *r, FILE *f)
{
	(void)fprintf(f, "250-remote.example\r\n%s250 SIZE\r\n",
		      r->offers ? r->offers : "");
	(void)fflush(f);
}

static void talk(struct remote *r, FILE *in, FILE *f)
{
	char line[LINE_MAX_HERE];
	unsigned before = r->seen->messages;

	say(f, r->greeting ? r->greeting : "220 remote.example");
	while (fgets(line, sizeof(line), in)) {
		if (strncmp(line, "QUIT", 4) == 0) {
			r->seen->quits++;
			return;
		}
		if (strncmp(line, "EHLO", 4) == 0) {
			greet(r, f);
		} else if (strncmp(line, "MAIL", 4) == 0 && r->enough > 0 &&
			   r->seen->messages - before == r->enough) {
			say(f, "421 4.7.0 enough for now");
			return;
		} else if (strncmp(line, "RCPT", 4) == 0) {
			r->seen->rcpts++;
			memcpy(r->seen->rcpt, line, sizeof(r->seen->rcpt) - 1);
			say(f, r->rcpt ? r->rcpt : "250 2.1.5 yes");
		} else if (strncmp(line, "DATA", 4) == 0) {
			if (!take_message(r, in, f))
				return;
		} else {
			say(f, "250 2.0.0 yes");
		}
	}
}

static void serve(struct remote *r, int listener)
{
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		FILE *in = fd < 0 ? NULL : fdopen(fd, "r");
		FILE *out = fd < 0 ? NULL : fdopen(dup(fd), "w");

		if (!in || !out)
			_exit(1);
		r->seen->connections++;
		if (++*at_once > *remote_most)
			*remote_most = *at_once;
		talk(r, in, out);
		--*at_once;
		(void)fclose(in);
		(void)fclose(out);
	}
}

void remote_start(struct remote *r, const char *ip, uint16_t port)
{
	int fd;

	if (!at_once) {
		at_once = shared(sizeof(*at_once));
		remote_most = shared(sizeof(*remote_most));
	}
	if (!r->seen)
		r->seen = shared(sizeof(*r->seen));
	r->port = port;
	fd = bound(SOCK_STREAM, ip, &r->port);
	cr_assert_eq(listen(fd, 64), 0);
	r->pid = born();
	if (r->pid == 0)
		serve(r, fd);
	(void)close(fd);
}

static void stop(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

void remote_stop(struct remote *r)
{
	if (r->pid > 0)
		stop(r->pid);
	r->pid = 0;
}

uint16_t remote_free_port(void)
{
	uint16_t port = 0;
	int fd = bound(SOCK_STREAM, "127.0.0.1", &port);

	(void)close(fd);
	return port;
}

/* ---- names ---- */

enum { A = 1, MX = 15 };
#define REST(bytes) bytes, sizeof(bytes) - 1

/* Names and MX data as they go over the wire. */
static const struct answer {
	const char *name;
	unsigned char type;
	const char *data;
	size_t n;
} answers[] = {
	{ "\4null\7example", MX, REST("\0\0\0") },
	{ "\3two\7example", MX, REST("\0\12\1a\3two\7example\0") },
	{ "\3two\7example", MX, REST("\0\24\1b\3two\7example\0") },
	{ "\1a\3two\7example", A, REST("\177\0\0\1") },
	{ "\1b\3two\7example", A, REST("\177\0\0\2") },
};

/* The query comes back with what is known; the answer's length. */
static size_t answer(unsigned char *p, size_t n)
{
	size_t question = 12 + strlen((char *)p + 12) + 1 + 4;
	unsigned char type = p[question - 3];
	size_t at = question, found = 0, known = 0;

	(void)n;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		const struct answer *a = &answers[i];
		unsigned char head[] = { 0xc0, 12, 0, a->type, 0, 1,
					 0,    0,  0, 9,       0, 0 };

		if (strcasecmp((char *)p + 12, a->name) != 0)
			continue;
		known++;
		if (a->type != type)
			continue;
		head[11] = (unsigned char)a->n;
		memcpy(p + at, head, sizeof(head));
		memcpy(p + at + sizeof(head), a->data, a->n);
		at += sizeof(head) + a->n;
		found++;
	}
	p[2] = 0x85; /* an authoritative answer */
	p[3] = known > 0 ? 0x80 : 0x83;
	memset(p + 6, 0, 6);
	p[7] = (unsigned char)found;
	return at;
}

static void serve_names(int fd)
{
	for (;;) {
		unsigned char p[1500] = { 0 };
		struct sockaddr_in from;
		socklen_t m = sizeof(from);
		ssize_t n =
			recvfrom(fd, p, 512, 0, (struct sockaddr *)&from, &m);

		if (n < 17)
			continue;
		(void)sendto(fd, p, answer(p, (size_t)n), 0,
			     (struct sockaddr *)&from, m);
	}
}

uint16_t remote_names(pid_t *ret_pid)
{
	uint16_t port = 0;
	int fd = bound(SOCK_DGRAM, "127.0.0.1", &port);

	*ret_pid = born();
	if (*ret_pid == 0)
		serve_names(fd);
	(void)close(fd);
	return port;
}

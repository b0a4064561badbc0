/* SPDX-License-Identifier: ISC */
/* handshake PORT smtp|smtps|pop3|pop3s full|resumed|plain WRITERS SECONDS:
 * whole sessions over TLS (greeting, STARTTLS or STLS where there is one,
 * handshake, EHLO or NOOP, QUIT), by so many processes at once, on loopback:
 * milliseconds, sessions, and how many of them were resumed. plain: the same
 * without TLS. pop3login, pop3slogin: as alice0, alice1, … one for each
 * process; pop3loginstat: and STAT. */
#include <err.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pair.h"

struct tally {
	long sessions, resumed;
};

struct work {
	int port;
	bool pop3, implicit, plain, resume, login, stat;
	int number; /* of this process */
	double until_ms;
	struct tally *tally;   /* shared; this process's */
	gnutls_datum_t ticket; /* of the last session */
	gnutls_certificate_credentials_t credentials;
};

struct channel {
	int fd;
	gnutls_session_t tls; /* NULL: not yet */
	size_t n;
	char text[16384];
};

static ssize_t get(struct channel *c)
{
	char *to = c->text + c->n;
	size_t room = sizeof(c->text) - c->n;
	ssize_t n;

	if (!c->tls)
		return read(c->fd, to, room);
	do
		n = gnutls_record_recv(c->tls, to, room);
	while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED);
	return n;
}

/* Read until a whole reply is there: its last line begins with three digits
 * and a blank, or with + or -. */
static void hear(struct channel *c)
{
	c->n = 0;
	for (;;) {
		ssize_t n = get(c);
		const char *last;

		if (n <= 0)
			errx(1, "the server hung up: %.*s", (int)c->n, c->text);
		c->n += (size_t)n;
		if (c->text[c->n - 1] != '\n')
			continue;
		last = memrchr(c->text, '\n', c->n - 1);
		last = last ? last + 1 : c->text;
		if (*last == '+' || *last == '-' || last[3] == ' ')
			return;
	}
}

static void say(struct channel *c, const char *line)
{
	if (!c->tls)
		put(c->fd, line, strlen(line));
	else if (gnutls_record_send(c->tls, line, strlen(line)) < 0)
		errx(1, "cannot send");
	hear(c);
}

static void shake(struct work *w, struct channel *c)
{
	int r;

	if (gnutls_init(&c->tls, GNUTLS_CLIENT) < 0 ||
	    gnutls_set_default_priority(c->tls) < 0 ||
	    gnutls_credentials_set(c->tls, GNUTLS_CRD_CERTIFICATE,
				   w->credentials) < 0)
		errx(1, "no TLS");
	(void)gnutls_server_name_set(c->tls, GNUTLS_NAME_DNS, "red.example",
				     11);
	if (w->resume && w->ticket.data)
		(void)gnutls_session_set_data(c->tls, w->ticket.data,
					      w->ticket.size);
	gnutls_transport_set_int(c->tls, c->fd);
	do
		r = gnutls_handshake(c->tls);
	while (r < 0 && !gnutls_error_is_fatal(r));
	if (r < 0)
		errx(1, "handshake: %s", gnutls_strerror(r));
}

static void login(const struct work *w, struct channel *c)
{
	char line[64];

	(void)snprintf(line, sizeof(line), "USER alice%d\r\n", w->number);
	say(c, line);
	say(c, "PASS secret\r\n");
	if (c->text[0] != '+')
		errx(1, "no login: %.*s", (int)c->n, c->text);
	if (w->stat)
		say(c, "STAT\r\n");
}

static void session(struct work *w)
{
	struct channel c = { .fd = dial(w->port) };

	/* what is measured is not our waiting for acknowledgements */
	(void)setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 },
			 sizeof(int));
	if (w->implicit)
		shake(w, &c);
	hear(&c);
	if (!w->implicit && !w->plain) {
		if (!w->pop3)
			say(&c, "EHLO bench.example\r\n");
		say(&c, w->pop3 ? "STLS\r\n" : "STARTTLS\r\n");
		shake(w, &c);
	}
	if (!w->pop3)
		say(&c, "EHLO bench.example\r\n");
	if (w->login)
		login(w, &c);
	say(&c, "QUIT\r\n");
	w->tally->sessions++;
	if (c.tls) {
		w->tally->resumed += gnutls_session_is_resumed(c.tls) != 0;
		if (w->resume) {
			gnutls_free(w->ticket.data);
			w->ticket.data = NULL;
			/* who gives no ticket resumes nothing */
			if (gnutls_session_get_data2(c.tls, &w->ticket) < 0)
				w->ticket.data = NULL;
		}
		(void)gnutls_bye(c.tls, GNUTLS_SHUT_WR);
		gnutls_deinit(c.tls);
	}
	close(c.fd);
}

static void run(struct work *w)
{
	if (gnutls_certificate_allocate_credentials(&w->credentials) < 0)
		errx(1, "no credentials");
	while (now_ms() < w->until_ms)
		session(w);
}

int main(int argc, char **argv)
{
	struct work w = { .port = 0 };
	struct tally all = { 0 }, *tallies;
	double from, took;
	int writers, status, failed = 0;

	if (argc != 6)
		errx(64, "PORT smtp|smtps|pop3|pop3s|pop3login|pop3slogin|"
			 "pop3loginstat "
			 "full|resumed|plain WRITERS SECONDS");
	w.port = atoi(argv[1]);
	w.pop3 = argv[2][0] == 'p';
	w.implicit = argv[2][4] == 's';
	w.login = strstr(argv[2], "login") != NULL;
	w.stat = strstr(argv[2], "stat") != NULL;
	w.plain = strcmp(argv[3], "plain") == 0;
	w.resume = strcmp(argv[3], "resumed") == 0;
	writers = atoi(argv[4]);
	tallies =
		mmap(NULL, sizeof(*tallies) * (size_t)writers,
		     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tallies == MAP_FAILED)
		err(1, "mmap");
	from = now_ms();
	w.until_ms = from + atof(argv[5]) * 1000;
	for (int i = 0; i < writers; i++) {
		w.tally = &tallies[i];
		w.number = i;
		if (fork() == 0) {
			run(&w);
			_exit(0);
		}
	}
	while (wait(&status) > 0)
		failed |= status;
	took = now_ms() - from;
	for (int i = 0; i < writers; i++) {
		all.sessions += tallies[i].sessions;
		all.resumed += tallies[i].resumed;
	}
	printf("%.0f %ld %ld\n", took, all.sessions, all.resumed);
	return failed != 0;
}

/* SPDX-License-Identifier: ISC */
/* post PORT OCTETS MAILBOXES WRITERS SECONDS: SMTP sessions, each on a
 * connection of its own, by so many processes at once: greeting, EHLO, with
 * OCTETS over 0 a message of that size to one of alice0 … at red.example in
 * turn, QUIT. Prints milliseconds, sessions, and microseconds from connect(2)
 * to the greeting that half of the sessions, and 99 of 100, did not pass. */
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pair.h"

#define GREETINGS_MAX 65536
#define LINE_OCTETS   72

struct tally {
	long sessions;
	float greeting_us[GREETINGS_MAX];
};

struct work {
	int port, mailboxes;
	size_t octets;
	char *message; /* with its dot */
	double until_ms;
	struct tally *tally;
};

/* A whole reply; its first digit. */
static char hear(int fd)
{
	char text[4096];
	size_t n = 0;

	for (;;) {
		ssize_t got = read(fd, text + n, sizeof(text) - n);
		const char *last;

		if (got <= 0)
			errx(1, "the server hung up: %.*s", (int)n, text);
		n += (size_t)got;
		if (text[n - 1] != '\n')
			continue;
		last = memrchr(text, '\n', n - 1);
		last = last ? last + 1 : text;
		if (last[3] == ' ')
			return last[0];
	}
}

static void say(int fd, const char *line, char want)
{
	put(fd, line, strlen(line));
	if (hear(fd) != want)
		errx(1, "not what was wanted after %s", line);
}

static void send_message(const struct work *w, int fd)
{
	char to[80];

	(void)snprintf(to, sizeof(to), "RCPT TO:<alice%ld@red.example>\r\n",
		       (w->tally->sessions + getpid()) % w->mailboxes);
	say(fd, "MAIL FROM:<a@bench.example>\r\n", '2');
	say(fd, to, '2');
	say(fd, "DATA\r\n", '3');
	say(fd, w->message, '2');
}

static void session(struct work *w)
{
	double from = now_ms();
	int fd = dial(w->port);

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 },
			 sizeof(int));
	if (hear(fd) != '2')
		errx(1, "no greeting");
	w->tally->greeting_us[w->tally->sessions % GREETINGS_MAX] =
		(float)(now_ms() - from) * 1000;
	say(fd, "EHLO bench.example\r\n", '2');
	if (w->octets > 0)
		send_message(w, fd);
	say(fd, "QUIT\r\n", '2');
	w->tally->sessions++;
	close(fd);
}

static char *compose(size_t octets)
{
	static const char head[] = "Subject: bench\r\n\r\n";
	char *p = malloc(octets + 8), *at;

	if (!p)
		err(1, "malloc");
	memset(p, 'x', octets);
	for (at = p + LINE_OCTETS; at < p + octets; at += LINE_OCTETS)
		memcpy(at - 2, "\r\n", 2);
	memcpy(p, head, sizeof(head) - 1);
	memcpy(p + octets, "\r\n.\r\n", 6);
	return p;
}

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

static void report(const struct tally *tallies, int writers, double took_ms)
{
	size_t n = 0;
	long sessions = 0;
	float *all = malloc(sizeof(*all) * GREETINGS_MAX * (size_t)writers);

	if (!all)
		err(1, "malloc");
	for (int i = 0; i < writers; i++) {
		sessions += tallies[i].sessions;
		for (long k = 0; k < tallies[i].sessions && k < GREETINGS_MAX;
		     k++)
			all[n++] = tallies[i].greeting_us[k];
	}
	if (n == 0)
		errx(1, "no session");
	qsort(all, n, sizeof(*all), by_size);
	printf("%.0f %ld %.0f %.0f\n", took_ms, sessions, (double)all[n / 2],
	       (double)all[n * 99 / 100]);
}

int main(int argc, char **argv)
{
	struct work w = { .port = 0 };
	struct tally *tallies;
	double from;
	int writers, status, failed = 0;

	if (argc != 6)
		errx(64, "PORT OCTETS MAILBOXES WRITERS SECONDS");
	w.port = atoi(argv[1]);
	w.octets = strtoul(argv[2], NULL, 10);
	w.mailboxes = atoi(argv[3]);
	w.message = compose(w.octets);
	writers = atoi(argv[4]);
	tallies = mmap(NULL, sizeof(*tallies) * (size_t)writers,
		       PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		       0);
	if (tallies == MAP_FAILED)
		err(1, "mmap");
	from = now_ms();
	w.until_ms = from + atof(argv[5]) * 1000;
	for (int i = 0; i < writers; i++) {
		w.tally = &tallies[i];
		if (fork() == 0) {
			while (now_ms() < w.until_ms)
				session(&w);
			_exit(0);
		}
	}
	while (wait(&status) > 0)
		failed |= status;
	report(tallies, writers, now_ms() - from);
	return failed != 0;
}

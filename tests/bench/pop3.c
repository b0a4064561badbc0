/* SPDX-License-Identifier: ISC */
/* A POP3 client that costs little and takes the time of each step.
 *
 *     pop3 [-alm] [-p PORT] STEP... [-- COMMAND ARG...]
 *
 * Without a port the command is started on a TCP connection, as inetd does it
 * (-l: on a Unix socket), and the time of its start counts. -a: acknowledge at
 * once what arrives; a client's kernel delays that by 40 ms when it suits it,
 * and a server that holds its last segment back until then waits. Steps: login
 * stat uidl list retr retr=some (1,000) retr=group dele=first dele=second
 * dele=all quit. For each a line: its name, milliseconds, octets received
 * (stat: messages); behind quit one more, "end": from QUIT to the end of the
 * process. -m: at last "peak", the KiB that were not pages of files, and "hwm",
 * all that were resident. RETR waits for each answer, or goes out in groups as
 * DELE does; it ends after 4 s. */
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pair.h"

#define LAST      "\r\n.\r\n"
#define ROOM      (256U * 1024)
#define GROUP     100
#define SOME      1000
#define ENOUGH_MS 4e3 /* of RETR: a rate is known by then */

struct talk {
	int fd;
	pid_t pid;
	bool acknowledge;
	long messages;
	uint64_t octets;
	double began;
	char in[ROOM];
};

/* ---- the memory of the other side ---- */

struct watch {
	pid_t pid;
	atomic_bool over;
	long peak_kib, hwm_kib;
};

static long field(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? atol(at + strlen(name)) : 0;
}

static void look(struct watch *w, int status)
{
	char text[4096];
	ssize_t n = pread(status, text, sizeof(text) - 1, 0);
	long kib;

	if (n <= 0)
		return;
	text[n] = '\0';
	kib = field(text, "RssAnon:") + field(text, "RssShmem:");
	if (kib > w->peak_kib)
		w->peak_kib = kib;
	if (field(text, "VmHWM:") > w->hwm_kib)
		w->hwm_kib = field(text, "VmHWM:");
}

static bool is_still_us(pid_t pid)
{
	char path[64], mine[256], other[256];
	ssize_t n, m;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	n = readlink("/proc/self/exe", mine, sizeof(mine));
	m = readlink(path, other, sizeof(other));
	return n > 0 && n == m && memcmp(mine, other, (size_t)n) == 0;
}

static void *watch(void *context)
{
	struct watch *w = context;
	char path[64];
	int status;

	while (is_still_us(w->pid))
		usleep(20);
	snprintf(path, sizeof(path), "/proc/%d/status", (int)w->pid);
	status = open(path, O_RDONLY | O_CLOEXEC);
	while (!w->over) {
		look(w, status);
		usleep(100);
	}
	close(status);
	return NULL;
}

/* ---- the dialogue ---- */

static size_t some(struct talk *t)
{
	ssize_t n;

	if (t->acknowledge)
		setsockopt(t->fd, IPPROTO_TCP, TCP_QUICKACK, &(int){ 1 },
			   sizeof(int));
	n = read(t->fd, t->in, sizeof(t->in));
	if (n <= 0)
		err(1, "the server has gone");
	t->octets += (uint64_t)n;
	return (size_t)n;
}

static void good(const struct talk *t, size_t n)
{
	if (n < 3 || memcmp(t->in, "+OK", 3) != 0)
		errx(1, "the server says %.*s", (int)(n < 80 ? n : 80), t->in);
}

/* `lines` replies of one line. */
static void replies(struct talk *t, int lines)
{
	size_t n = some(t);

	good(t, n);
	for (;;) {
		for (size_t i = 0; i < n; i++)
			lines -= t->in[i] == '\n';
		if (lines <= 0)
			return;
		n = some(t);
	}
}

/* One of many lines. The dialogue waits for each answer, so that what came
 * ends with it; dots are stuffed, so that no message holds that end. */
static void lines(struct talk *t)
{
	char tail[5] = { 0 };
	bool begun = false;

	do {
		size_t n = some(t), new = n < 5 ? n : 5;

		if (!begun)
			good(t, n);
		begun = true;
		memmove(tail, tail + new, 5 - new);
		memcpy(tail + 5 - new, t->in + n - new, new);
	} while (memcmp(tail, LAST, 5) != 0);
}

static void say(struct talk *t, const char *line)
{
	put(t->fd, line, strlen(line));
}

static void login(struct talk *t)
{
	replies(t, 1);
	say(t, "USER alice\r\n");
	replies(t, 1);
	say(t, "PASS secret\r\n");
	replies(t, 1);
}

static void stat_(struct talk *t)
{
	say(t, "STAT\r\n");
	replies(t, 1);
	t->messages = atol(t->in + 4);
	t->octets = (uint64_t)t->messages;
}

static void retr(struct talk *t, long most)
{
	double until = now_ms() + ENOUGH_MS;
	char command[32];

	for (long i = 1; i <= most && now_ms() < until; i++) {
		snprintf(command, sizeof(command), "RETR %ld\r\n", i);
		say(t, command);
		lines(t);
	}
}

/* `ends` multi-line answers. The end of one may come in two pieces. */
static void ends_of(struct talk *t, int ends)
{
	static char in[4 + ROOM];
	size_t kept = 0;

	while (ends > 0) {
		size_t n = some(t) + kept;
		const char *at = in;

		memcpy(in + kept, t->in, n - kept);
		while ((at = memmem(at, n - (size_t)(at - in), LAST, 5))) {
			ends--;
			at += 5;
		}
		kept = n < 4 ? n : 4;
		memmove(in, in + n - kept, kept);
	}
}

static void retr_group(struct talk *t)
{
	double until = now_ms() + ENOUGH_MS;
	char group[GROUP * 24];
	long i = 1;

	while (i <= t->messages && now_ms() < until) {
		size_t n = 0;
		int waiting = 0;

		for (; i <= t->messages && waiting < GROUP; i++, waiting++)
			n += (size_t)snprintf(group + n, sizeof(group) - n,
					      "RETR %ld\r\n", i);
		put(t->fd, group, n);
		ends_of(t, waiting);
	}
}

static void dele(struct talk *t, long first, long step, long last)
{
	char group[GROUP * 24];
	size_t n = 0;
	int waiting = 0;

	for (long i = first; i <= last; i += step) {
		n += (size_t)snprintf(group + n, sizeof(group) - n,
				      "DELE %ld\r\n", i);
		if (++waiting < GROUP && i + step <= last)
			continue;
		put(t->fd, group, n);
		replies(t, waiting);
		n = 0;
		waiting = 0;
	}
}

static void step(struct talk *t, const char *name)
{
	if (strcmp(name, "login") == 0) {
		login(t);
	} else if (strcmp(name, "stat") == 0) {
		stat_(t);
	} else if (strcmp(name, "uidl") == 0) {
		say(t, "UIDL\r\n");
		lines(t);
	} else if (strcmp(name, "list") == 0) {
		say(t, "LIST\r\n");
		lines(t);
	} else if (strcmp(name, "retr") == 0) {
		retr(t, t->messages);
	} else if (strcmp(name, "retr=some") == 0) {
		retr(t, t->messages < SOME ? t->messages : SOME);
	} else if (strcmp(name, "retr=group") == 0) {
		retr_group(t);
	} else if (strcmp(name, "dele=first") == 0) {
		dele(t, 1, 1, 1);
	} else if (strcmp(name, "dele=second") == 0) {
		dele(t, 2, 2, t->messages);
	} else if (strcmp(name, "dele=all") == 0) {
		dele(t, 1, 1, t->messages);
	} else if (strcmp(name, "quit") == 0) {
		say(t, "QUIT\r\n");
		replies(t, 1);
	} else {
		errx(64, "no step is called %s", name);
	}
}

static void steps(struct talk *t, char **names, int n)
{
	double from = t->began;

	for (int i = 0; i < n; i++) {
		t->octets = 0;
		step(t, names[i]);
		printf("%s %.3f %llu\n", names[i], now_ms() - from,
		       (unsigned long long)t->octets);
		if (i + 1 < n)
			from = now_ms();
	}
	while (read(t->fd, t->in, sizeof(t->in)) > 0)
		;
	if (t->pid > 0)
		waitpid(t->pid, NULL, 0);
	printf("end %.3f 0\n", now_ms() - from);
}

static pid_t server(char **command, bool local, int *ret)
{
	pid_t pid = child_on_socket(local, ret);

	if (pid > 0)
		return pid;
	dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
	execv(command[0], command);
	_exit(127);
}

int main(int argc, char **argv)
{
	static struct talk t;
	struct watch w = { 0 };
	pthread_t watcher;
	int c, port = 0, n;
	bool memory = false, local = false;

	while ((c = getopt(argc, argv, "+almp:")) != -1) {
		t.acknowledge |= c == 'a';
		local |= c == 'l';
		memory |= c == 'm';
		port = c == 'p' ? atoi(optarg) : port;
	}
	for (n = 0; argv[optind + n] && strcmp(argv[optind + n], "--") != 0;)
		n++;
	if (n == 0 || (port == 0 && optind + n + 1 >= argc))
		errx(64,
		     "usage: pop3 [-alm] [-p PORT] STEP... [-- COMMAND...]");
	t.began = now_ms();
	if (port)
		t.fd = dial(port);
	else
		t.pid = server(argv + optind + n + 1, local, &t.fd);
	w.pid = t.pid;
	if (memory && pthread_create(&watcher, NULL, watch, &w) != 0)
		errx(1, "no thread");
	steps(&t, argv + optind, n);
	w.over = true;
	if (memory) {
		pthread_join(watcher, NULL);
		printf("peak %ld 0\nhwm %ld 0\n", w.peak_kib, w.hwm_kib);
	}
	return 0;
}

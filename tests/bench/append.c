/* SPDX-License-Identifier: ISC */
/* append bare|ours DIR WRITERS one|own SECONDS [SLOWER_US]: appends of 4 KiB by
 * so many processes at once, to one file or each to its own: seconds, and how
 * many. bare: write at the end and fdatasync, without locks; ours: mbox_append.
 * SLOWER_US: as if each flush took so much longer. */
#include <err.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "pair.h"
#include "store/mbox.h"

#define LENGTH 4096

struct crew {
	const char *dir;
	bool ours, one;
	double until_ms;
	long *done; /* shared; one for each writer */
};

static char text[LENGTH];
static long slower_us;

/* fdatasync(2), as the linker sees it: --wrap. */
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);

int __wrap_fdatasync(int fd)
{
	const struct timespec more = { .tv_nsec = slower_us * 1000 };
	int r = __real_fdatasync(fd);

	if (slower_us > 0)
		(void)nanosleep(&more, NULL); /* nothing interrupts it */
	return r;
}

static void make_text(void)
{
	static const char head[] = "Subject: bench\n\n";

	memset(text, 'x', sizeof(text));
	memcpy(text, head, sizeof(head) - 1);
	for (size_t i = 71; i < sizeof(text); i += 72)
		text[i] = '\n';
	text[sizeof(text) - 1] = '\n';
}

static void name(const struct crew *c, int writer, char ret[16])
{
	(void)snprintf(ret, 16, "box%d", c->one ? 0 : writer);
}

static void bare(const struct crew *c, int writer)
{
	char box[16];
	int dir = open(c->dir, O_DIRECTORY | O_CLOEXEC), fd;

	name(c, writer, box);
	fd = openat(dir, box, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	while (now_ms() < c->until_ms) {
		if (write(fd, text, LENGTH) != LENGTH || fdatasync(fd) < 0)
			err(1, "append to %s", box);
		c->done[writer]++;
	}
}

static void ours(const struct crew *c, int writer)
{
	const struct store_options options = { .lock_wait_ms = 60000,
					       .dotlock = true };
	const struct mbox_message m = { .sender = SLICE("bench@far.example"),
					.real_us = 1700000000000000,
					.text = { text, LENGTH },
					.fd = -1,
					.length = LENGTH,
					.owner = (uid_t)-1 };
	struct store *s;
	char box[16];
	int r = store_open(c->dir, &options, &s);

	name(c, writer, box);
	while (r == 0 && now_ms() < c->until_ms) {
		r = mbox_append(s, slice_of(box), &m);
		c->done[writer] += r == 0;
	}
	if (r < 0)
		errx(1, "append to %s: %s", box, strerror(-r));
	store_close(s);
}

static int wait_for_all(void)
{
	int status, wrong = 0;

	while (wait(&status) > 0)
		wrong |= status;
	return wrong;
}

int main(int argc, char **argv)
{
	int writers =
		argc == 6 || argc == 7 ? (int)strtol(argv[3], NULL, 10) : 0;
	struct crew c = { 0 };
	double from = now_ms();
	long done = 0;

	if (writers < 1)
		errx(64, "usage: append bare|ours DIR WRITERS one|own SECONDS "
			 "[SLOWER_US]");
	slower_us = argc == 7 ? strtol(argv[6], NULL, 10) : 0;
	(void)prctl(PR_SET_TIMERSLACK, 1UL); /* or it sleeps 50 us longer */
	make_text();
	c = (struct crew){ .dir = argv[2],
			   .ours = strcmp(argv[1], "ours") == 0,
			   .one = strcmp(argv[4], "one") == 0,
			   .until_ms = from + strtod(argv[5], NULL) * 1e3 };
	c.done =
		mmap(NULL, sizeof(long) * (size_t)writers,
		     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < writers; i++) {
		if (fork() == 0) {
			(c.ours ? ours : bare)(&c, i);
			return 0;
		}
	}
	if (wait_for_all() != 0)
		return 1;
	for (int i = 0; i < writers; i++)
		done += c.done[i];
	printf("append %.3f %ld\n", now_ms() - from, done);
	return 0;
}

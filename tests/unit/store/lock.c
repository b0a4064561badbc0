/* SPDX-License-Identifier: ISC */
/* Writers at once, ours and others. */
#include "base/ident.h"
#include "desk.h"
#include "store/place.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define WRITERS 8
#define EACH    50
#define TEXT    "Subject: one\n\nbody of one\n"

static void in_child(struct store *s, pid_t *ret)
{
	*ret = fork();
	if (*ret != 0)
		return;
	for (int i = 0; i < EACH; i++)
		if (desk_append(s, "a", TEXT, "") < 0)
			_exit(1);
	_exit(0);
}

/* Deletes everything again and again until the writers are done. */
static size_t expunge_all(struct store *s)
{
	bool marked[WRITERS * EACH];
	struct maildrop *m = NULL;
	int64_t wait_ms;
	size_t n;

	cr_assert_eq(maildrop_open(s, SLICE("a"), 0, &m, &wait_ms), 0);
	n = maildrop_count(m);
	memset(marked, 1, sizeof(marked));
	if (n > 1)
		marked[n - 1] = false;
	cr_assert_eq(maildrop_expunge(m, marked), 0);
	cr_assert_eq(maildrop_finish(m), 0);
	maildrop_close(m);
	return n > 1 ? n - 1 : n;
}

Test(lock, nothing_is_lost_among_writers, .timeout = 120)
{
	char path[64];
	struct store *s = desk_store(path, 60000);
	pid_t pid[WRITERS];
	size_t removed = 0;
	int status;

	for (int i = 0; i < WRITERS; i++)
		in_child(s, &pid[i]);
	for (int i = 0; i < 20; i++)
		removed += expunge_all(s);
	for (int i = 0; i < WRITERS; i++) {
		cr_assert_eq(waitpid(pid[i], &status, 0), pid[i]);
		cr_assert_eq(status, 0);
	}
	cr_assert_eq(removed + (size_t)desk_count(s, "a", "one"),
		     WRITERS * EACH);
	store_close(s);
}

Test(lock, waits_for_a_foreign_fcntl_lock)
{
	struct flock l = { .l_type = F_WRLCK };
	char path[64], file[128];
	struct store *s = desk_store(path, 100);
	pid_t pid;
	int fd, ready[2];
	char c;

	cr_assert_eq(desk_append(s, "a", TEXT, ""), 0);
	(void)snprintf(file, sizeof(file), "%s/a", path);
	cr_assert_eq(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		fd = open(file, O_RDWR);
		ignore(fcntl(fd, F_SETLK, &l));
		ignore(write(ready[1], "x", 1));
		(void)pause();
	}
	cr_assert_eq(read(ready[0], &c, 1), 1);
	cr_assert_eq(desk_append(s, "a", TEXT, ""), -EAGAIN);
	kill(pid, SIGKILL);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	cr_assert_eq(desk_append(s, "a", TEXT, ""), 0);
	store_close(s);
}

Test(lock, minds_a_dotlock_until_it_is_old)
{
	const struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	char path[64], file[128];
	struct store *s = desk_store(path, 100);
	struct stat st;
	int fd;

	(void)snprintf(file, sizeof(file), "%s/a.lock", path);
	fd = open(file, O_RDWR | O_CREAT | O_EXCL, 0644);
	cr_assert_geq(fd, 0);
	cr_assert_eq(desk_append(s, "a", TEXT, ""), -EAGAIN);
	cr_assert_eq(futimens(fd, old), 0);
	cr_assert_eq(desk_append(s, "a", TEXT, ""), 0);
	cr_assert_eq(desk_count(s, "a", "one"), 1);
	cr_assert_lt(stat(file, &st), 0);
	store_close(s);
}

/* Whoever died with the lock held: the file it was made of is this host's, and
 * we have the fcntl lock. Whose pid it holds is the same then. */
Test(lock, takes_over_what_this_host_left)
{
	char path[64], host[65], ours[200], lock[100];
	struct store *s = desk_store(path, 100);
	FILE *f;

	cr_assert_eq(desk_append(s, "a", TEXT, ""), 0);
	ident_host(host, sizeof(host));
	(void)snprintf(ours, sizeof(ours), "%s/.postern/a.lock.%s", path, host);
	(void)snprintf(lock, sizeof(lock), "%s/a.lock", path);
	for (int empty = 0; empty < 2; empty++) {
		f = fopen(ours, "w");
		cr_assert(f);
		if (!empty)
			fprintf(f, "%d\n%s\n%s\n", (int)getpid(), host,
				s->boot);
		fclose(f);
		cr_assert_eq(link(ours, lock), 0);
		cr_expect_eq(desk_append(s, "a", TEXT, ""), 0);
		cr_assert_lt(access(lock, F_OK), 0);
	}
	store_close(s);
}

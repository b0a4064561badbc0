/* SPDX-License-Identifier: ISC */
/* A write torn in its middle: the tail of a killed append cut at every byte,
 * with and without foreign mail behind it, named and not. */
#include "desk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "mail/mboxrd.h"
#include "store/box.h"
#include "store/notes.h"

#define ONE "Subject: one\n\nbody of one\n"
#define TWO "Subject: two\n\nbody of two\n"

#define FROM "From x@y Mon Nov 23 07:15:03 2026\n"

static const char foreign[] = FROM "Subject: far\n\nbody of far\n\n";
static const char open_end[] = FROM "Subject: open\n\nbody of open";

struct torn {
	char path[64], file[128];
	const char *name;
	struct store *store;
	const char *open; /* another's, without a line end, before ours */
	off_t before, full;
};

static off_t size_of(const char *file)
{
	struct stat st;

	return stat(file, &st) == 0 ? st.st_size : -1;
}

/* Kill an append of TWO at step k. */
static void kill_at(struct torn *t, int k, const char *once)
{
	pid_t pid = fork();
	int status;

	cr_assert(pid >= 0);
	if (pid == 0) {
		desk_trouble(k, 0);
		_exit(desk_append(t->store, t->name, TWO, once) == 0 ? 0 : 1);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(WEXITSTATUS(status), 9);
}

/* polite: with an empty line before it, where there is none. */
static void put_other(const char *file, const char *text, bool polite)
{
	int fd = open(file, O_RDWR | O_APPEND);
	char end[2];

	cr_assert_eq(pread(fd, end, 2, size_of(file) - 2), 2);
	if (polite && end[1] != '\n')
		cr_assert_eq(write(fd, "\n\n", 2), 2);
	else if (polite && end[0] != '\n')
		cr_assert_eq(write(fd, "\n", 1), 1);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void begin(struct torn *t, int number)
{
	(void)snprintf(t->file, sizeof(t->file), "%s/b%d", t->path, number);
	t->name = strrchr(t->file, '/') + 1;
	cr_assert_eq(desk_append(t->store, t->name, ONE, ""), 0);
	put_other(t->file, t->open, false);
	cr_assert_eq(desk_count(t->store, t->name, "one"), 1); /* the mark */
	t->before = size_of(t->file);
}

/* The first step at which all of the message is written and nothing synced. */
static int step_behind_write(struct torn *t, const char *once)
{
	for (int k = 1; k < 60; k++) {
		begin(t, 100000 + k + (once[0] ? 1000 : 0));
		kill_at(t, k, once);
		t->full = size_of(t->file);
		if (t->full > t->before)
			return k;
	}
	cr_assert_fail("nothing was ever written");
	return 0;
}

enum others { NOBODY, RUDE, POLITE };

/* With an empty line behind it, is what stands from `at` on another program's
 * message as well as a part of ours? */
static bool may_be_his(const char *file, off_t at, off_t cut)
{
	char text[256] = "";
	size_t n = (size_t)(cut - at), lf;
	int fd = open(file, O_RDONLY);

	cr_assert_geq(pread(fd, text, sizeof(text) - 1, at), 0);
	close(fd);
	lf = strcspn(text, "\n");
	return cut > at && n < lf + sizeof("X-Postern") &&
	       mboxrd_is_from((struct slice){ text, n < lf ? n : lf });
}

static void cut_everywhere(const char *once, enum others who, const char *open)
{
	bool others = who != NOBODY, whole, his;
	int kept = 0;
	off_t full;
	struct torn t = { .store = NULL, .open = open };
	int k;

	t.store = desk_store(t.path, 1000);
	k = step_behind_write(&t, once);
	for (off_t cut = t.before + 1; cut < t.full; cut++) {
		begin(&t, (int)cut);
		kill_at(&t, k, once);
		cr_assert_eq(truncate(t.file, cut), 0);
		his = who == POLITE &&
		      may_be_his(t.file, t.before + (open[0] ? 2 : 0), cut);
		if (others)
			put_other(t.file, foreign, who == POLITE);
		full = size_of(t.file);
		if (his) {
			(void)desk_count(t.store, t.name, "one");
			cr_assert_eq(size_of(t.file), full, "%ld", (long)cut);
			kept++;
			continue;
		}
		cr_assert_eq(desk_count(t.store, t.name, "one"), 1, "%ld",
			     (long)cut);
		/* only the LFs at its end were missing, and he wrote them */
		whole = who == POLITE && cut >= t.full - 2;
		cr_assert_eq(desk_count(t.store, t.name, "two"), whole, "%ld",
			     (long)cut);
		cr_assert_eq(desk_count(t.store, t.name, "far"), others, "%ld",
			     (long)cut);
		cr_assert_eq(desk_count(t.store, t.name, "open"), open[0] != 0,
			     "%ld", (long)cut);
		/* whoever named it tries again, and it is there once */
		cr_assert_eq(desk_append(t.store, t.name, TWO, once), 0);
		cr_assert_eq(desk_count(t.store, t.name, "far"), others);
		cr_assert_eq(desk_count(t.store, t.name, "one"), 1);
	}
	cr_expect_leq(kept, 14);
	store_close(t.store);
}

Test(torn, nobody_behind, .timeout = 120)
{
	cut_everywhere("", NOBODY, "");
}

Test(torn, named, .timeout = 120)
{
	cut_everywhere("q:1", NOBODY, "");
}

Test(torn, foreign_mail_behind, .timeout = 120)
{
	cut_everywhere("", RUDE, "");
}

Test(torn, named_with_foreign_mail_behind, .timeout = 120)
{
	cut_everywhere("q:1", RUDE, "");
}

/* As most programs do it: the torn end gets the LFs that it lacks. */
Test(torn, foreign_mail_behind_an_empty_line, .timeout = 120)
{
	cut_everywhere("", POLITE, "");
}

/* What ended his last line goes with ours only where he needs it no more. */
Test(torn, foreign_mail_around_it, .timeout = 120)
{
	cut_everywhere("", RUDE, open_end);
}

Test(torn, foreign_mail_around_it_behind_an_empty_line, .timeout = 120)
{
	cut_everywhere("", POLITE, open_end);
}

Test(torn, nobody_behind_it, .timeout = 120)
{
	cut_everywhere("", NOBODY, open_end);
}

/* Others deliver what is hardly a message (an empty one: `procmail
 * </dev/null`); it is theirs all the same. */
Test(torn, foreign_mail_that_is_next_to_nothing)
{
	static const char *const least[] = { FROM "\n", FROM "\n\n",
					     FROM "X\n\n", FROM "X-\n\n",
					     FROM "X-P\n\n" };
	struct torn t = { .open = "" };

	t.store = desk_store(t.path, 1000);
	for (size_t i = 0; i < ARRAY_LEN(least) * 2; i++) {
		off_t size;

		begin(&t, (int)i);
		put_other(t.file, least[i / 2], false);
		if (i % 2)
			put_other(t.file, foreign, false);
		size = size_of(t.file);
		cr_assert_geq(desk_count(t.store, t.name, "one"), -1);
		cr_expect_eq(size_of(t.file), size, "%zu: taken out", i);
	}
	store_close(t.store);
}

/* ---- in another boot ---- */

#define NAMED "Subject: two\n\nbody of two\n"

static void reboot(struct store *s)
{
	static int number;

	(void)snprintf(s->boot, sizeof(s->boot), "boot-%d", ++number);
}

static void sh(const char *dir, const char *text)
{
	char command[1024];

	(void)snprintf(command, sizeof(command), "cd %s && %s", dir, text);
	cr_assert_eq(system(command), 0, "%s", text);
}

static struct mark mark_of(struct store *s, size_t *ret_notes)
{
	struct place p = PLACE_NONE;
	struct note note;
	struct mark m;
	char record[NOTES_RECORD];
	int notes;

	cr_assert_eq(place_open(s, SLICE("a"), false, &p), 0);
	notes = notes_open(&p, false);
	cr_assert_eq(notes_mark(notes, &m), 1);
	*ret_notes = 0;
	while (read(notes, record, sizeof(record)) == sizeof(record))
		*ret_notes += notes_parse_once(
				      (struct slice){ record, sizeof(record) },
				      &note) == 0;
	close(notes);
	place_done(&p);
	return m;
}

/* What was acknowledged, and then edited by a mail program that writes into
 * the file, is no torn append, however the mark stands. */
Test(torn, edited_and_then_another_boot)
{
	static const char *const edits[] = {
		/* shorter: a line of the body goes */
		"sed '/^body of two$/d' a >b && cat b >a",
		/* longer, and a From_ line in the middle of one */
		"sed 's/^Subject: two/Status: RO\\n&/; s/^body of two/"
		"  From alice@x Mon Jan  1 00:00:00 2024\\nX: y/' a >b && "
		"cat b >a",
		/* nothing left but the envelope */
		"awk '/^From /{n++; l=0} n<2||l++<2{print} "
		"END{print \"\"}' a >b && cat b >a",
	};
	char dir[64], file[80];

	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		struct store *s = desk_store(dir, 1000);
		off_t size;

		reboot(s);
		cr_assert_eq(desk_append(s, "a", ONE, ""), 0);
		cr_assert_eq(desk_append(s, "a", NAMED, "q:0"), 0);
		cr_assert_eq(mbox_append_forget(s, SLICE("a"), SLICE("q:0")),
			     0);
		sh(dir, edits[i]);
		(void)snprintf(file, sizeof(file), "%s/a", dir);
		size = size_of(file);
		reboot(s);
		cr_assert_geq(desk_count(s, "a", "one"), -1);
		cr_expect_eq(size_of(file), size, "edit %zu: taken out", i);
		store_close(s);
	}
}

/* An expunge that dies before its commit leaves no doubt about what stays. */
Test(torn, edited_and_an_expunge_that_dies, .timeout = 60)
{
	bool first[3] = { true };
	char dir[64];
	int status = 9;

	for (int k = 1; status == 9; k++) {
		struct store *s = desk_store(dir, 1000);
		struct maildrop *m;
		int64_t wait_ms;
		pid_t pid;

		cr_assert_eq(desk_append(s, "a", ONE, ""), 0);
		cr_assert_eq(desk_append(s, "a", NAMED, ""), 0);
		cr_assert_eq(desk_append(s, "a", ONE, ""), 0);
		sh(dir, "sed '/^body of two$/d' a >b && cat b >a");
		cr_assert_eq(maildrop_open(s, SLICE("a"), 0, &m, &wait_ms), 0);
		pid = fork();
		if (pid == 0) {
			desk_trouble(k, 0);
			_exit(maildrop_expunge(m, first) != 0 ||
			      maildrop_finish(m) != 0);
		}
		cr_assert_eq(waitpid(pid, &status, 0), pid);
		status = WEXITSTATUS(status);
		maildrop_close(m);
		cr_assert_eq(maildrop_open(s, SLICE("a"), 0, &m, &wait_ms), 0);
		cr_expect(maildrop_count(m) == 3 || maildrop_count(m) == 2);
		sh(dir, "grep -q '^Subject: two' a");
		maildrop_close(m);
		store_close(s);
	}
	cr_assert_eq(status, 0);
}

/* With a boot ends what was in doubt: the mark does not stay behind. */
Test(torn, another_boot_settles_all)
{
	char dir[64], file[80], once[16];
	struct store *s = desk_store(dir, 1000);
	struct mark m;
	size_t notes;

	(void)snprintf(file, sizeof(file), "%s/a", dir);
	reboot(s);
	for (int boots = 0; boots < 3; boots++) {
		for (int i = 0; i < 20; i++) {
			(void)snprintf(once, sizeof(once), "q:%d-%d", boots, i);
			cr_assert_eq(desk_append(s, "a", NAMED, once), 0);
			cr_assert_eq(mbox_append_forget(s, SLICE("a"),
							slice_of(once)),
				     0);
		}
		reboot(s);
		cr_assert_eq(desk_count(s, "a", "one"), 0);
		m = mark_of(s, &notes);
		cr_expect_eq(m.durable, (uint64_t)size_of(file));
		cr_expect_leq(notes, (size_t)boots + 1);
	}
	store_close(s);
}

static int on_step(void *context, const char *step)
{
	*(int *)context += strcmp(step, "sync") == 0;
	return 0;
}

/* … and where nothing was in doubt, nothing is flushed for it. */
Test(torn, another_boot_costs_no_flush)
{
	char dir[64];
	struct store *s = desk_store(dir, 1000);
	int syncs = 0;

	reboot(s);
	cr_assert_eq(desk_append(s, "a", ONE, ""), 0);
	file_set_hook(on_step, &syncs);
	cr_assert_eq(desk_append(s, "a", ONE, ""), 0);
	cr_assert_eq(syncs, 1, "%d", syncs);
	reboot(s);
	cr_assert_eq(desk_append(s, "a", ONE, ""), 0);
	cr_expect_eq(syncs, 2, "%d for the next", syncs - 1);
	s->boot[0] = '\0'; /* cannot be known: each opener is another boot's */
	cr_assert_eq(desk_append(s, "a", ONE, ""), 0);
	cr_assert_eq(desk_append(s, "a", ONE, ""), 0);
	cr_expect_eq(syncs, 4, "%d for the last two", syncs - 2);
	file_set_hook(NULL, NULL);
	cr_expect_eq(desk_count(s, "a", "one"), 5);
	store_close(s);
}

static void expect_mark(struct store *s, bool marked, const char *when)
{
	struct box b CLEANUP(box_done) = BOX_NONE;
	struct mark m;

	cr_assert_eq(box_open(s, SLICE("a"), true, (uid_t)-1, &b), 0);
	cr_assert_eq(b.marked, marked, "%s", when);
	if (!marked)
		return;
	cr_assert_eq(notes_mark(b.notes, &m), 1, "%s", when);
	cr_expect_eq(b.mark.era, m.era, "%s", when);
	cr_expect_eq(b.mark.whole, m.whole, "%s", when);
	cr_expect_eq(b.mark.durable, m.durable, "%s", when);
	cr_expect_eq(b.mark.held, m.held, "%s", when);
	cr_expect_eq(b.mark.lost, m.lost, "%s", when);
	cr_expect_str_eq(b.mark.boot, m.boot, "%s", when);
	cr_expect_str_eq(b.mark.boot, s->boot, "%s", when);
}

/* Who opened the mailbox has the mark as the repairs left it. */
Test(torn, the_mark_is_told_as_it_stands)
{
	char dir[64];
	struct store *s = desk_store(dir, 1000);

	reboot(s);
	expect_mark(s, false, "no mark");
	cr_assert_eq(desk_append(s, "a", NAMED, "q:1"), 0);
	expect_mark(s, true, "an append");
	sh(dir, "printf 'From b@example.org Mon Nov 16 1:00:00 2026\n\nx\n\n'"
		" >>a");
	expect_mark(s, true, "another's mail");
	reboot(s);
	expect_mark(s, true, "another boot");
	sh(dir, "truncate -s 10 a");
	expect_mark(s, true, "a cut");
	sh(dir, "printf x | dd of=.postern/a.append conv=notrunc 2>/dev/null");
	expect_mark(s, true, "a mark that is lost");
	sh(dir, "rm .postern/a.append");
	expect_mark(s, false, "no mark any more");
	store_close(s);
}

/* A power cut tore one message; the one behind it arrived, and is known by its
 * name wherever it lies then. */
Test(torn, named_behind_a_torn_one)
{
	char dir[64], file[80], big[3000], zeros[512] = "";
	struct store *s = desk_store(dir, 1000);
	off_t at;
	int fd;

	(void)snprintf(file, sizeof(file), "%s/a", dir);
	memset(big, 'x', sizeof(big));
	memcpy(big, "Subject: x\n\n", 12);
	big[sizeof(big) - 1] = '\0';
	reboot(s);
	cr_assert_eq(desk_append(s, "a", ONE, ""), 0);
	at = size_of(file);
	cr_assert_eq(desk_append(s, "a", big, "q:1"), 0);
	cr_assert_eq(desk_append(s, "a", NAMED, "q:2"), 0);
	fd = open(file, O_WRONLY);
	cr_assert_eq(pwrite(fd, zeros, sizeof(zeros), (at / 512 + 2) * 512),
		     (ssize_t)sizeof(zeros));
	close(fd);
	reboot(s);
	cr_assert_eq(desk_count(s, "a", "two"), 1);
	cr_assert_eq(desk_count(s, "a", "one"), 1);
	cr_assert_eq(desk_append(s, "a", NAMED, "q:2"), 0);
	cr_expect_eq(desk_count(s, "a", "two"), 1, "it came twice");
	store_close(s);
}

static int die_at_sync(void *context, const char *step)
{
	if (strcmp(step, "sync") == 0)
		_exit(9);
	return 0;
}

static void append_unflushed(struct store *s, const char *text)
{
	pid_t pid = fork();
	int status;

	cr_assert(pid >= 0);
	if (pid == 0) {
		file_set_hook(die_at_sync, NULL);
		_exit(desk_append(s, "a", text, "") == 0 ? 0 : 1);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(WEXITSTATUS(status), 9);
}

static void put_zeros(const char *file, off_t at, size_t n)
{
	static const char zeros[1024];
	int fd = open(file, O_WRONLY);

	cr_assert_eq(pwrite(fd, zeros, n, at), (ssize_t)n);
	close(fd);
}

/* A power cut leaves of an append, behind what another program wrote, only how
 * long it was; the next one ends those NULs with an empty line before its own.
 */
Test(torn, nothing_but_its_length, .timeout = 60)
{
	static const char *const ends[] = { "body of open", "body of open\n",
					    "body of open\n\n" };

	for (size_t i = 0; i < ARRAY_LEN(ends) * 40; i++) {
		char dir[64], file[80], text[2048];
		struct store *s = desk_store(dir, 1000);
		off_t before, size;

		(void)snprintf(file, sizeof(file), "%s/a", dir);
		reboot(s);
		cr_assert_eq(desk_append(s, "a", ONE, ""), 0);
		(void)snprintf(text, sizeof(text),
			       FROM "Subject: open\nX: %0*d\n\n%s",
			       (int)(i / 3 * 13 + 1), 0, ends[i % 3]);
		put_other(file, text, false);
		before = size_of(file);
		append_unflushed(s, TWO);
		size = size_of(file);
		put_zeros(file, before, (size_t)(size - before));
		put_other(file, foreign, true);
		reboot(s);
		(void)desk_count(s, "a", "one");
		cr_expect_eq(size_of(file),
			     before + (off_t)sizeof(foreign) - 1 + 2 -
				     (off_t)(i % 3),
			     "%zu", i);
		store_close(s);
	}
}

/* Two at once leave one empty line before what follows, not two. */
Test(torn, two_in_a_row)
{
	char dir[64], file[80], big[3000];
	struct store *s = desk_store(dir, 1000);
	off_t before, middle;

	(void)snprintf(file, sizeof(file), "%s/a", dir);
	memset(big, 'x', sizeof(big));
	memcpy(big, "Subject: x\n\n", 12);
	big[sizeof(big) - 1] = '\0';
	reboot(s);
	cr_assert_eq(desk_append(s, "a", ONE, ""), 0);
	put_other(file, open_end, true);
	reboot(s);
	cr_assert_eq(desk_count(s, "a", "open"), 1);
	before = size_of(file);
	append_unflushed(s, big);
	middle = size_of(file);
	append_unflushed(s, big);
	put_zeros(file, middle - 600, 600);
	put_zeros(file, (middle / 512 + 3) * 512, 512);
	put_other(file, foreign, true);
	reboot(s);
	cr_expect_eq(desk_count(s, "a", "open"), 1);
	cr_expect_eq(desk_count(s, "a", "far"), 1);
	cr_expect_eq(size_of(file), before + 2 + (off_t)sizeof(foreign) - 1);
	store_close(s);
}

/* A few NULs at the end of another's mail are his. */
Test(torn, few_nuls_of_others)
{
	static const char nuls[] = FROM "Subject: nuls\n\nnuls\0\0\n\n";
	char dir[64], file[80];
	struct store *s = desk_store(dir, 1000);
	off_t size;
	int fd;

	(void)snprintf(file, sizeof(file), "%s/a", dir);
	reboot(s);
	cr_assert_eq(desk_append(s, "a", ONE, ""), 0);
	fd = open(file, O_WRONLY | O_APPEND);
	cr_assert_eq(write(fd, nuls, sizeof(nuls) - 1),
		     (ssize_t)sizeof(nuls) - 1);
	close(fd);
	put_other(file, foreign, true);
	size = size_of(file);
	reboot(s);
	(void)desk_count(s, "a", "one");
	cr_expect_eq(size_of(file), size);
	store_close(s);
}

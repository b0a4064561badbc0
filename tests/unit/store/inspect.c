/* SPDX-License-Identifier: ISC */
/* Each thing that an inspection claims to find and to mend: told without being
 * touched, then mended, then gone; no message is lost. */
#include "desk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/box.h"
#include "store/index_file.h"
#include "store/inspect.h"
#include "store/uidl.h"

#define NAME  "a"
#define ONE   "Subject: one\n\nbody of one\n"
#define TWO   "Subject: two\n\nbody of two\n"
#define FAR   "From x@y Mon Nov 23 07:15:03 2026\nSubject: far\n\nbody of far\n\n"
#define FOUND 16

struct bench {
	char path[64];
	struct store *store;
	struct finding found[FOUND];
	char names[FOUND][64];
	size_t n;
	struct inspected sum;
};

static void on_finding(void *context, const struct finding *f)
{
	struct bench *b = context;

	cr_assert_lt(b->n, FOUND);
	b->found[b->n] = *f;
	(void)snprintf(b->names[b->n], 64, "%s", f->name ? f->name : "");
	b->n++;
}

static int look(struct bench *b, bool mend)
{
	b->n = 0;
	return inspect(b->store, SLICE(NAME), mend, on_finding, b, &b->sum);
}

static struct bench fresh(void)
{
	struct bench b = { .n = 0 };

	b.store = desk_store(b.path, 300);
	(void)umask(0007);
	cr_assert_eq(desk_append(b.store, NAME, ONE, ""), 0);
	cr_assert_eq(desk_append(b.store, NAME, TWO, ""), 0);
	cr_assert_eq(desk_count(b.store, NAME, "one"), 1);
	cr_assert_eq(look(&b, true), 0);
	cr_assert_eq(b.n, 0, "%d", b.found[0].kind);
	cr_assert_eq(b.sum.whole, 2);
	return b;
}

/* A command run in the mail directory. */
static void sh(const struct bench *b, const char *text)
{
	char command[2048];

	(void)snprintf(command, sizeof(command), "cd %s && { %s\n}", b->path,
		       text);
	cr_assert_eq(system(command), 0, "%s", text);
}

/* But for the file that was the lock. */
static void state_of(const struct bench *b, char ret[65])
{
	char command[512];
	FILE *f;

	(void)snprintf(
		command, sizeof(command),
		"cd %s && (find . -mindepth 1 ! -path '*.lock.*' "
		"-printf '%%p %%m %%s %%T@\\n' | sort; "
		"find . -type f ! -path '*.lock.*' | sort | xargs cat) | "
		"sha256sum",
		b->path);
	f = popen(command, "r");
	cr_assert(f);
	cr_assert_eq(fread(ret, 1, 64, f), 64);
	ret[64] = '\0';
	(void)pclose(f);
}

/* It is told; told and mended; and then there is nothing more to tell. */
static void found_and_mended(struct bench *b, enum inspect_kind kind)
{
	char before[65], after[65];

	state_of(b, before);
	cr_assert_eq(look(b, false), 0, "%d", kind);
	state_of(b, after);
	cr_assert_str_eq(before, after, "%d: a dry run changed something",
			 kind);
	cr_assert_eq(b->n, 1, "%d: %zu found", kind, b->n);
	cr_assert_eq(b->found[0].kind, kind, "%d is %d", kind,
		     b->found[0].kind);
	cr_assert_not(b->found[0].mended);
	cr_assert_eq(look(b, true), 0, "%d", kind);
	cr_assert_eq(b->n, 1, "%d: %zu found", kind, b->n);
	cr_assert_eq(b->found[0].kind, kind);
	cr_assert(b->found[0].mended, "%d", kind);
	cr_assert_eq(look(b, true), 0);
	cr_assert_eq(b->n, 0, "%d: %d is left", kind, b->found[0].kind);
}

static void both_there(const struct bench *b)
{
	cr_assert_eq(desk_count(b->store, NAME, "one"), 1);
	cr_assert_eq(desk_count(b->store, NAME, "two"), 1);
}

/* Told, and left. */
static void found(struct bench *b, enum inspect_kind kind, uint64_t message)
{
	for (int mend = 0; mend < 2; mend++) {
		cr_assert_eq(look(b, mend), 0);
		cr_assert_eq(b->n, 1, "%d: %zu found", kind, b->n);
		cr_assert_eq(b->found[0].kind, kind, "%d is %d", kind,
			     b->found[0].kind);
		cr_assert_eq(b->found[0].message, message);
		cr_assert_not(b->found[0].mended);
	}
}

Test(inspect, modes)
{
	static const char *const ways[] = { "chmod 664 a",
					    "chmod 2771 .postern" };

	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct bench b = fresh();

		sh(&b, ways[i]);
		found_and_mended(&b, INSPECT_RIGHTS);
		both_there(&b);
		store_close(b.store);
	}
}

/* Nobody opens these; but they can be put right. */
Test(inspect, open_to_be_written_by_anybody)
{
	static const char *const ways[] = { "chmod 666 a",
					    "chmod 2777 .postern" };

	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct bench b = fresh();

		sh(&b, ways[i]);
		cr_assert_eq(look(&b, false), -EACCES);
		cr_assert_eq(b.found[0].kind, INSPECT_RIGHTS);
		cr_assert_eq(look(&b, true), 0);
		cr_assert(b.n == 1 && b.found[0].mended);
		both_there(&b);
		store_close(b.store);
	}
}

static pid_t dead_pid(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	return pid;
}

Test(inspect, locks_of_the_dead)
{
	struct bench b = fresh();
	char text[256];

	(void)snprintf(text, sizeof(text),
		       "echo >.a.lock.$(uname -n).%d; "
		       "echo >.a.lock.$(uname -n).1",
		       (int)dead_pid());
	sh(&b, text);
	found_and_mended(&b, INSPECT_LOCK_LEFT);
	sh(&b, "test $(ls -A | grep -c lock) = 1");
	(void)snprintf(text, sizeof(text),
		       "printf '%d\\n%%s\\n' $(uname -n) "
		       ">a.lock",
		       (int)dead_pid());
	sh(&b, text);
	cr_assert_eq(look(&b, true), 0);
	cr_assert(b.n == 1 && b.found[0].kind == INSPECT_LOCK_LEFT &&
		  b.found[0].mended);
	both_there(&b);
	store_close(b.store);
}

Test(inspect, somebody_elses_lock)
{
	struct bench b = fresh();

	sh(&b, "printf '%s\\nfar.example\\n' $$ >a.lock");
	cr_assert_eq(look(&b, true), -EAGAIN);
	cr_assert_eq(b.n, 0);
	store_close(b.store);
}

Test(inspect, a_session)
{
	struct bench b = fresh();
	struct maildrop *m;
	int64_t wait_ms;

	cr_assert_eq(maildrop_open(b.store, SLICE(NAME), 0, &m, &wait_ms), 0);
	cr_assert_eq(look(&b, true), -EBUSY);
	cr_assert_eq(look(&b, false), -EBUSY);
	maildrop_close(m);
	cr_assert_eq(look(&b, true), 0);
	store_close(b.store);
}

Test(inspect, files_of_broken_work)
{
	static const char *const ways[] = { "echo >.postern/a.expunge.new",
					    "echo >.postern/a.index.new",
					    "echo >.postern/a.uidl.next" };

	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct bench b = fresh();

		sh(&b, ways[i]);
		found_and_mended(&b, INSPECT_STALE_FILE);
		both_there(&b);
		store_close(b.store);
	}
}

/* An expunge of the first message, broken off at step k; the child dies. */
static void break_expunge(const struct bench *b, int k)
{
	struct maildrop *m;
	bool marked[3] = { true };
	int64_t wait_ms;
	pid_t pid = fork();

	if (pid == 0) {
		if (maildrop_open(b->store, SLICE(NAME), 0, &m, &wait_ms) < 0)
			_exit(1);
		desk_trouble(k, 0);
		_exit(maildrop_expunge(m, marked) != 0 ||
		      maildrop_finish(m) != 0);
	}
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
}

static bool has_journal(const struct bench *b)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/.postern/a.expunge", b->path);
	return access(path, F_OK) == 0;
}

Test(inspect, a_broken_expunge, .timeout = 60)
{
	unsigned journals = 0;

	for (int k = 1; k < 30; k++) {
		struct bench b = fresh();

		cr_assert_eq(desk_append(b.store, NAME, TWO, ""), 0);
		break_expunge(&b, k);
		sh(&b, "rm -f *.lock");
		if (has_journal(&b)) {
			journals++;
			cr_assert_eq(look(&b, false), 0);
			cr_assert(b.n == 1 && b.sum.partly);
			cr_assert(has_journal(&b));
			cr_assert_eq(look(&b, true), 0);
			cr_assert_eq(b.found[0].kind, INSPECT_EXPUNGE);
			cr_assert_not(has_journal(&b));
			cr_assert_eq(desk_count(b.store, NAME, "one"), 0);
		}
		cr_assert_eq(look(&b, true), 0);
		cr_assert_eq(look(&b, true), 0);
		cr_assert_eq(b.n, 0, "%d", b.found[0].kind);
		cr_assert_eq(desk_count(b.store, NAME, "two"), 2);
		store_close(b.store);
	}
	cr_assert_gt(journals, 2);
}

Test(inspect, an_odd_journal)
{
	struct bench b = fresh();

	sh(&b, "echo x >.postern/a.expunge.odd");
	found(&b, INSPECT_EXPUNGE_ODD, 0);
	cr_assert_str_eq(b.names[0], "a.expunge.odd");
	store_close(b.store);
}

Test(inspect, a_torn_message, .timeout = 60)
{
	struct bench b = fresh();

	/* written, never looked at again, and cut */
	sh(&b, "cp .postern/a.append old; cp a whole");
	cr_assert_eq(desk_append(b.store, NAME, ONE, ""), 0);
	sh(&b, "cp old .postern/a.append; truncate -s -20 a; rm old whole");
	found_and_mended(&b, INSPECT_TORN);
	both_there(&b);
	store_close(b.store);
}

Test(inspect, no_mailbox)
{
	struct bench b = fresh();

	sh(&b, "echo hello >a");
	cr_assert_eq(look(&b, true), -EBADMSG);
	cr_assert_eq(b.found[0].kind, INSPECT_NOT_MAILBOX);
	sh(&b, "rm a");
	cr_assert_eq(look(&b, true), -ENOENT);
	sh(&b, "ln -s /etc/passwd a");
	cr_assert_eq(look(&b, true), -ELOOP);
	store_close(b.store);
}

Test(inspect, junk_in_front)
{
	struct bench b = fresh();
	char name[128];

	sh(&b, "(printf 'junk\\nand more\\n'; cat a) >n; cat n >a; rm n");
	cr_assert_eq(look(&b, false), 0);
	cr_assert(b.n == 1 && b.found[0].kind == INSPECT_JUNK &&
		  b.found[0].n == 14 && b.sum.messages == 2);
	cr_assert_eq(look(&b, true), 0);
	cr_assert(b.n == 1 && b.found[0].mended);
	(void)snprintf(name, sizeof(name),
		       "printf 'junk\\nand more\\n' | cmp - .postern/%s",
		       b.names[0]);
	sh(&b, name);
	both_there(&b);
	sh(&b, "(echo; echo; cat a) >n; cat n >a; rm n");
	found_and_mended(&b, INSPECT_JUNK);
	both_there(&b);
	sh(&b, "(printf '\\n\\r\\nFrom x, some day\\n\\nx\\n\\n'; cat a) >n; "
	       "cat n >a; rm n");
	cr_assert_eq(look(&b, true), 0);
	cr_assert(b.n == 1 && b.found[0].mended && b.found[0].n == 3 &&
		  b.sum.messages == 3);
	sh(&b, "echo >a");
	found_and_mended(&b, INSPECT_JUNK);
	sh(&b, "test ! -s a");
	store_close(b.store);
}

Test(inspect, octets_that_changed)
{
	static const char *const ways[] = {
		"sed -i 's/body of two/bodY of two/' a",
		"sed -i 's/body of two/b\\x00dy of two/' a",
		"sed -i 's/Subject: two/Subject: tow/' a",
		"sed -i '/body of two/d' a",
		"sed -i 's/body of two/Status: RO/' a",
	};

	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct bench b = fresh();

		sh(&b, ways[i]);
		found(&b, INSPECT_DAMAGED, 2);
		cr_assert_eq(b.sum.whole, 1);
		store_close(b.store);
	}
}

Test(inspect, what_a_mail_program_edits_is_no_damage)
{
	struct bench b = fresh();

	sh(&b, "sed -i 's/^Subject.*/&\\nStatus: RO\\nX-Status: A\\n"
	       "X-Keywords: a\\n\\tb\\nX-UID: 7\\nContent-Length: 12\\n"
	       "Lines: 1/' a");
	cr_assert_eq(look(&b, true), 0);
	cr_assert_eq(b.n, 0, "%d", b.found[0].kind);
	cr_assert(b.sum.edited == 2 && b.sum.whole == 0);
	store_close(b.store);
}

Test(inspect, octets_of_others)
{
	struct bench b = fresh();

	sh(&b, "printf '" FAR "' >>a");
	cr_assert_eq(look(&b, true), 0);
	cr_assert(b.n == 0 && b.sum.unsealed == 1 && b.sum.whole == 2);
	sh(&b, "sed -i 's/body of far/b\\x00dy/' a");
	found(&b, INSPECT_NUL, 3);
	store_close(b.store);
}

Test(inspect, the_last_line)
{
	struct bench b = fresh();

	for (int n = 1; n <= 2; n++) {
		char text[64];

		sh(&b, "printf '" FAR "' >>a");
		(void)snprintf(text, sizeof(text), "truncate -s -%d a", n);
		sh(&b, text);
		found_and_mended(&b, INSPECT_LINE_END);
		cr_assert_eq(desk_count(b.store, NAME, "far"), n);
	}
	both_there(&b);
	store_close(b.store);
}

/* The index of another mailbox, made to look like this one's: its checksums
 * are right, its entries are not. */
Test(inspect, an_index_that_lies)
{
	struct bench b = fresh();

	/* same size, same length of everything, other digests */
	sh(&b, "cp -p .postern/a.index i; sed -i 's/: two/: owt/' a; cp a two; "
	       "sed 's/: owt/: two/' two >one; cat one >a; rm one two; "
	       "cat i >.postern/a.index; rm i");
	cr_assert_eq(look(&b, true), 0);
	both_there(&b);
	sh(&b, "printf x | dd of=.postern/a.index bs=1 seek=4200 conv=notrunc "
	       "2>/dev/null");
	found_and_mended(&b, INSPECT_INDEX);
	sh(&b, "printf x | dd of=.postern/a.index bs=1 seek=20 conv=notrunc "
	       "2>/dev/null");
	found_and_mended(&b, INSPECT_INDEX);
	both_there(&b);
	store_close(b.store);
}

Test(inspect, notes_that_cannot_be_read)
{
	struct bench b = fresh();

	sh(&b, "printf x | dd of=.postern/a.append bs=1 seek=3 conv=notrunc "
	       "2>/dev/null");
	found_and_mended(&b, INSPECT_NOTES);
	cr_assert_eq(desk_append(b.store, NAME, ONE, ""), 0);
	store_close(b.store);
}

Test(inspect, unique_ids)
{
	struct bench b = fresh();

	sh(&b, "d=00000000000000000000000000000000; "
	       "printf '%s # 2\\n%s a\\nnonsense\\n' $d $d >.postern/a.uidl");
	found(&b, INSPECT_UIDL, 0);
	cr_assert_eq(b.found[0].at, 37 + 35);
	store_close(b.store);
}

/* ---- with the index at hand ---- */

static struct index *index_of(const struct bench *b, struct box *ret)
{
	struct index *x = NULL;

	cr_assert_eq(box_open(b->store, SLICE(NAME), false, (uid_t)-1, ret), 0);
	cr_assert_eq(index_open(&ret->place, ret->fd, &x), 0);
	return x;
}

/* Its checksums are right. */
Test(inspect, an_index_that_errs)
{
	struct bench b = fresh();
	struct box box = BOX_NONE;
	struct index *x = index_of(&b, &box);
	struct index_cell *cell;

	cr_assert_eq(index_cell(x, 2, 1, &cell), 0);
	cell->lines++;
	x->window.changed = true;
	cr_assert_eq(index_flush(x), 0);
	index_close(x);
	box_done(&box);
	found_and_mended(&b, INSPECT_INDEX_WRONG);
	both_there(&b);
	store_close(b.store);
}

static const char *same_for_all(void *context, uint64_t i)
{
	return "same";
}

Test(inspect, one_unique_id_for_two)
{
	struct bench b = fresh();
	struct box box = BOX_NONE;
	struct index *x = index_of(&b, &box);

	cr_assert_eq(uidl_import(x, same_for_all, NULL), 0);
	index_close(x);
	box_done(&box);
	found(&b, INSPECT_UIDL_TWICE, 2);
	cr_assert_eq(b.found[0].n, 1);
	store_close(b.store);
}

/* SPDX-License-Identifier: ISC */
/* Unique-ids: the same for the same message whatever happens around it, and
 * never the same for two. */
#include "desk.h"

#include <sys/stat.h>

#include "store/box.h"
#include "store/uidl.h"
#include "store/uidl_table.h"

#define MOST 16

static const char twin[] = "Subject: twin\n\nbody of twin\n";

struct ids {
	size_t n;
	char v[MOST][MAILDROP_UID_MAX];
};

static struct ids ids_of(struct store *s, const char *name)
{
	struct ids ids = { .n = 0 };
	struct maildrop *m;
	int64_t wait_ms;

	cr_assert_eq(maildrop_open(s, slice_of(name), 0, &m, &wait_ms), 0);
	cr_assert_leq(maildrop_count(m), MOST);
	for (size_t i = 0; i < maildrop_count(m); i++)
		(void)snprintf(ids.v[ids.n++], MAILDROP_UID_MAX, "%s",
			       maildrop_uid(m, i));
	cr_assert_eq(maildrop_error(m), 0);
	maildrop_close(m);
	for (size_t i = 0; i < ids.n; i++)
		cr_assert(uidl_valid(slice_of(ids.v[i])), "%zu", i);
	for (size_t i = 0; i < ids.n; i++)
		for (size_t j = 0; j < i; j++)
			cr_assert_str_neq(ids.v[i], ids.v[j], "%s: %zu, %zu",
					  name, i, j);
	return ids;
}

static void take_out(struct store *s, const char *name, unsigned mask)
{
	bool marked[MOST];
	struct maildrop *m;
	int64_t wait_ms;

	cr_assert_eq(maildrop_open(s, slice_of(name), 0, &m, &wait_ms), 0);
	for (size_t i = 0; i < MOST; i++)
		marked[i] = (mask >> i & 1U) != 0;
	cr_assert_eq(maildrop_expunge(m, marked), 0);
	cr_assert_eq(maildrop_finish(m), 0);
	maildrop_close(m);
}

static void lose(const char *dir, const char *name, const char *suffix)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/.postern/%s%s", dir, name,
		       suffix);
	(void)unlink(path);
}

/* What is left of `was` without those of `mask` stands at the start of is. */
static void same(const struct ids *was, unsigned mask, const struct ids *is,
		 const char *when)
{
	size_t n = 0;

	for (size_t i = 0; i < was->n; i++)
		if ((mask >> i & 1U) == 0) {
			cr_assert_lt(n, is->n, "%s", when);
			cr_assert_str_eq(was->v[i], is->v[n], "%s: %zu is %zu",
					 when, i, n);
			n++;
		}
}

/* Where twins stand among others. */
static const char *const texts[] = { twin, "Subject: one\n\nbody of one\n",
				     twin, twin,
				     "Subject: two\n\nbody of two\n" };

#define N ARRAY_LEN(texts)

static void fill(struct store *s, const char *name)
{
	for (size_t i = 0; i < N; i++)
		cr_assert_eq(desk_append(s, name, texts[i], ""), 0);
}

/* Take some out, then some of the rest; the index is lost in between or not;
 * a further twin comes, gets an id of its own, and they keep theirs. */
static void two_expunges(struct store *s, const char *dir, unsigned first,
			 unsigned second, bool lost)
{
	struct ids all, some, more, least;
	char name[32];

	(void)snprintf(name, sizeof(name), "b%u-%u-%d", first, second, lost);
	fill(s, name);
	all = ids_of(s, name);
	cr_assert_eq(all.n, N);
	take_out(s, name, first);
	if (lost)
		lose(dir, name, ".index");
	some = ids_of(s, name);
	same(&all, first, &some, name);
	cr_assert_eq(desk_append(s, name, twin, ""), 0);
	if (lost)
		lose(dir, name, ".index");
	more = ids_of(s, name);
	cr_assert_eq(more.n, some.n + 1, "%s", name);
	same(&some, 0, &more, name);
	take_out(s, name, second);
	lose(dir, name, ".index");
	least = ids_of(s, name);
	same(&more, second, &least, name);
}

Test(uidl, twins_keep_theirs, .timeout = 120)
{
	char path[64];
	struct store *s = desk_store(path, 1000);

	for (unsigned first = 0; first < 1U << N; first++)
		for (unsigned second = 0; second < 8; second++)
			two_expunges(s, path, first, second, second % 2 == 1);
	store_close(s);
}

Test(uidl, the_elder_twin_goes)
{
	char path[64], want[MAILDROP_UID_MAX];
	struct store *s = desk_store(path, 1000);
	struct ids was, is;

	for (int i = 0; i < 2; i++)
		cr_assert_eq(desk_append(s, "a", twin, ""), 0);
	was = ids_of(s, "a");
	(void)snprintf(want, sizeof(want), "%.32s.2", was.v[0]);
	cr_assert_str_eq(was.v[1], want);
	take_out(s, "a", 1);
	is = ids_of(s, "a");
	cr_assert_str_eq(is.v[0], want);
	cr_assert_eq(desk_append(s, "a", twin, ""), 0);
	is = ids_of(s, "a");
	want[33] = '3';
	cr_assert_str_eq(is.v[1], want);
	store_close(s);
}

/* ---- taking over ---- */

struct given {
	const char *v[MOST];
};

static const char *given_of(void *context, uint64_t i)
{
	const struct given *g = context;

	return i < MOST ? g->v[i] : NULL;
}

static int import(struct store *s, const char *name, const struct given *g)
{
	struct box b = BOX_NONE;
	struct index *x = NULL;
	struct given copy = *g;
	int r = box_open(s, slice_of(name), false, (uid_t)-1, &b);

	if (r == 0)
		r = index_open(&b.place, b.fd, &x);
	if (r == 0)
		r = uidl_import(x, given_of, &copy);
	index_close(x);
	box_done(&b);
	return r;
}

/* An MUA marks all as read: Status lines come in, offsets move. */
static void mark_read(const char *dir, const char *name)
{
	char command[512];

	(void)snprintf(command, sizeof(command),
		       "cd %s && sed 's/^Return-Path:/Status: RO\\n&/' %s "
		       ">new && cat new >%s && rm new",
		       dir, name, name);
	cr_assert_eq(system(command), 0);
}

Test(uidl, taken_over_and_kept)
{
	static const struct given g = { { "000000010000000a", "#7", NULL,
					  "x~y" } };
	char path[64];
	struct store *s = desk_store(path, 1000);
	struct ids ours, is, more;

	fill(s, "a");
	ours = ids_of(s, "a");
	cr_assert_eq(import(s, "a", &g), 0);
	is = ids_of(s, "a");
	for (size_t i = 0; i < N; i++)
		cr_assert_str_eq(is.v[i], g.v[i] ? g.v[i] : ours.v[i], "%zu",
				 i);
	lose(path, "a", ".index");
	more = ids_of(s, "a");
	same(&is, 0, &more, "index lost");
	mark_read(path, "a");
	more = ids_of(s, "a");
	same(&is, 0, &more, "marked read");
	for (int i = 0; i < 2; i++)
		cr_assert_eq(desk_append(s, "a", twin, ""), 0);
	more = ids_of(s, "a");
	same(&is, 0, &more, "twins come");
	take_out(s, "a", 1 | 2);
	lose(path, "a", ".index");
	is = ids_of(s, "a");
	same(&more, 1 | 2, &is, "elders go");
	store_close(s);
}

Test(uidl, taken_over_over_what_was_there, .timeout = 60)
{
	static const struct given g = { { NULL, "mine" } }, none = { { 0 } };
	char path[64], name[32];
	struct store *s = desk_store(path, 1000);

	for (unsigned mask = 0; mask < 1U << N; mask++) {
		struct ids was, is;

		(void)snprintf(name, sizeof(name), "b%u", mask);
		fill(s, name);
		take_out(s, name, mask);
		was = ids_of(s, name);
		cr_assert_eq(import(s, name, &g), 0);
		cr_assert_eq(import(s, name, &none), 0);
		is = ids_of(s, name);
		for (size_t i = 0; i < was.n; i++)
			cr_assert_str_eq(is.v[i], i == 1 ? "mine" : was.v[i],
					 "%u: %zu", mask, i);
		/* … nor is one given again that looks like another's */
		for (int i = 0; i < 3; i++)
			cr_assert_eq(desk_append(s, name, twin, ""), 0);
		was = ids_of(s, name);
		same(&is, 0, &was, name);
	}
	store_close(s);
}

/* An exported list, given to a mailbox that lost NAME.uidl: the younger twin
 * has ".2" and is alone. */
Test(uidl, our_own_ids_taken_over)
{
	char path[64];
	struct store *s = desk_store(path, 1000);
	struct ids was, is;

	for (int i = 0; i < 3; i++)
		cr_assert_eq(desk_append(s, "a", twin, ""), 0);
	take_out(s, "a", 1);
	was = ids_of(s, "a");
	lose(path, "a", ".uidl");
	cr_assert_eq(import(s, "a", &(struct given){ { was.v[0], was.v[1] } }),
		     0);
	is = ids_of(s, "a");
	same(&was, 0, &is, "imported");
	for (int i = 0; i < 3; i++)
		cr_assert_eq(desk_append(s, "a", twin, ""), 0);
	was = ids_of(s, "a");
	same(&is, 0, &was, "twins come");
	take_out(s, "a", 1 | 4);
	is = ids_of(s, "a");
	same(&was, 1 | 4, &is, "twins go");
	store_close(s);
}

Test(uidl, no_bad_ones_are_taken_over)
{
	static const char long_one[] =
		"01234567890123456789012345678901234567890123456789012345678901"
		"234567890";
	static const char *const bad[] = { "",    "a b",      "\x7f",
					   "a\n", "\xc3\xa9", long_one };
	char path[64];
	struct store *s = desk_store(path, 1000);
	struct ids was, is;

	fill(s, "a");
	was = ids_of(s, "a");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		cr_assert_eq(import(s, "a", &(struct given){ { "1", bad[i] } }),
			     -EINVAL, "%zu", i);
	is = ids_of(s, "a");
	same(&was, 0, &is, "refused");
	cr_assert_eq(import(s, "a", &(struct given){ { long_one + 1 } }), 0);
	store_close(s);
}

/* ---- damage ---- */

static size_t read_file(const char *path, char *ret, size_t room)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	cr_assert(f, "%s", path);
	n = fread(ret, 1, room, f);
	cr_assert_eq(fclose(f), 0);
	return n;
}

static void write_file(const char *path, const char *text, size_t n)
{
	FILE *f = fopen(path, "wb");

	cr_assert(f, "%s", path);
	cr_assert_eq(fwrite(text, 1, n, f), n);
	cr_assert_eq(fclose(f), 0);
}

/* Cut anywhere, or an octet of it another one: the session goes on, with
 * unique-ids, all of them different, as many as can be known still the same. */
Test(uidl, a_damaged_table, .timeout = 120)
{
	static const struct given g = { { "aaaa", "bbbbbb", NULL, "cc" } };
	char path[64], file[128], good[4096], bad[4096];
	struct store *s = desk_store(path, 1000);
	struct ids was;
	size_t n;

	fill(s, "a");
	cr_assert_eq(import(s, "a", &g), 0);
	was = ids_of(s, "a");
	(void)snprintf(file, sizeof(file), "%s/.postern/a.uidl", path);
	n = read_file(file, good, sizeof(good));
	cr_assert(n > 100 && n < sizeof(good));
	for (size_t i = 0; i <= n; i++) {
		write_file(file, good, i);
		(void)ids_of(s, "a");
	}
	for (size_t i = 0; i < n; i++) {
		memcpy(bad, good, n);
		bad[i] = (char)(bad[i] ^ 0x80);
		write_file(file, bad, n);
		(void)ids_of(s, "a");
		bad[i] = '\n';
		write_file(file, bad, n);
		(void)ids_of(s, "a");
	}
	write_file(file, good, n);
	{
		struct ids is = ids_of(s, "a");

		same(&was, 0, &is, "mended");
	}
	store_close(s);
}

static int login_error(struct store *s, const char *name)
{
	struct maildrop *m = NULL;
	int64_t wait_ms;
	int r = maildrop_open(s, slice_of(name), 0, &m, &wait_ms);

	maildrop_close(m);
	return r;
}

/* A table that is there but cannot be used is not one that is not there: a
 * login that went on without it would see the ids replaced, and forget them
 * with the next twin whose elder goes. */
Test(uidl, a_table_that_cannot_be_opened)
{
	static const struct given g = { { "old-1", "old-2", NULL, NULL,
					  "old-5" } };
	char path[64], file[128], other[128];
	struct store *s = desk_store(path, 1000);
	struct ids was, is;
	struct stat st;

	fill(s, "a");
	cr_assert_eq(import(s, "a", &g), 0);
	was = ids_of(s, "a");
	(void)snprintf(file, sizeof(file), "%s/.postern/a.uidl", path);
	(void)snprintf(other, sizeof(other), "%s/.postern/backup", path);
	cr_assert_eq(link(file, other), 0);
	cr_expect_eq(login_error(s, "a"), -EMLINK);
	cr_assert_eq(unlink(other), 0);
	cr_assert_eq(rename(file, other), 0);
	cr_assert_eq(symlink("backup", file), 0);
	cr_expect_eq(login_error(s, "a"), -ELOOP);
	cr_assert_eq(rename(other, file), 0);
	cr_assert_eq(stat(file, &st), 0);
	cr_assert_eq(truncate(file, (off_t)5 << 30), 0);
	cr_expect_eq(login_error(s, "a"), -EFBIG);
	cr_assert_eq(truncate(file, st.st_size), 0);
	take_out(s, "a", 1);
	is = ids_of(s, "a");
	same(&was, 1, &is, "elder gone");
	store_close(s);
}

/* ---- the table ---- */

/* Passes may be gone through twice, or broken off: nothing is left in the next
 * one. */
Test(uidl, a_pass_begins_with_an_empty_table)
{
	struct place p = PLACE_NONE;
	struct uidl_table t;

	cr_assert_eq(uidl_table_new(&p, 10, false, &t), 0);
	for (int round = 0; round < 3; round++) {
		struct uidl_slot *slot;

		cr_assert_eq(uidl_table_begin(&t), 0);
		slot = uidl_table_slot(&t, 4711);
		cr_assert_eq(slot->number, 1, "%d", round);
		slot->number = 2;
	}
	uidl_table_done(&t);
}

/* ---- many ---- */

#define MANY 140000 /* three passes of the table */

static void put_many(FILE *f, unsigned subject)
{
	(void)fprintf(f,
		      "From a@b Mon Nov 23 07:15:03 2026\n"
		      "Subject: %u\n\nx\n\n",
		      subject);
}

static void write_many(const char *path)
{
	FILE *f = fopen(path, "wb");

	cr_assert(f);
	for (unsigned i = 0; i < MANY; i++)
		put_many(f, i % 1000 == 0 ? 0 : i);
	cr_assert_eq(fclose(f), 0);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static char (*many_ids(struct store *s))[MAILDROP_UID_MAX]
{
	char(*ids)[MAILDROP_UID_MAX] = calloc(MANY, sizeof(*ids));
	struct maildrop *m;
	int64_t wait_ms;

	cr_assert(ids);
	cr_assert_eq(maildrop_open(s, SLICE("a"), 0, &m, &wait_ms), 0);
	for (size_t i = 0; i < maildrop_count(m); i++)
		(void)snprintf(ids[i], sizeof(*ids), "%s", maildrop_uid(m, i));
	cr_assert_eq(maildrop_error(m), 0);
	maildrop_close(m);
	return ids;
}

Test(uidl, more_than_one_pass, .timeout = 120)
{
	char path[64], file[128], want[MAILDROP_UID_MAX];
	char(*ids)[MAILDROP_UID_MAX], (*left)[MAILDROP_UID_MAX];
	struct store *s = desk_store(path, 1000);
	bool *marked = calloc(MANY, sizeof(*marked));
	struct maildrop *m;
	int64_t wait_ms;

	(void)snprintf(file, sizeof(file), "%s/a", path);
	write_many(file);
	ids = many_ids(s);
	for (size_t i = 1; i < MANY; i++) {
		if (i % 1000 != 0) {
			cr_assert_eq(strlen(ids[i]), 32, "%zu", i);
			continue;
		}
		(void)snprintf(want, sizeof(want), "%s.%zu", ids[0],
			       i / 1000 + 1);
		cr_assert_str_eq(ids[i], want);
	}
	cr_assert_eq(maildrop_open(s, SLICE("a"), 0, &m, &wait_ms), 0);
	cr_assert_eq(maildrop_count(m), MANY);
	marked[0] = marked[1] = marked[2000] = true;
	cr_assert_eq(maildrop_expunge(m, marked), 0);
	cr_assert_eq(maildrop_finish(m), 0);
	maildrop_close(m);
	lose(path, "a", ".index");
	left = many_ids(s);
	for (size_t i = 0, k = 0; i < MANY; i++)
		if (!marked[i])
			cr_assert_str_eq(left[k++], ids[i], "%zu", i);
	qsort(ids, MANY, sizeof(*ids), by_text);
	for (size_t i = 1; i < MANY; i++)
		cr_assert_str_neq(ids[i - 1], ids[i]);
	free(ids);
	free(left);
	free(marked);
	store_close(s);
}

/* ---- many twins ---- */

#define TWINS 20000

/* `kinds` different messages, one behind the other, again and again. */
static void write_twins(const char *path, unsigned kinds)
{
	FILE *f = fopen(path, "wb");

	cr_assert(f);
	for (unsigned i = 0; i < TWINS; i++)
		put_many(f, i % kinds);
	cr_assert_eq(fclose(f), 0);
}

static void expect_twin(struct maildrop *m, size_t i, unsigned kinds,
			size_t was, char digests[][33])
{
	char want[MAILDROP_UID_MAX];

	(void)snprintf(want, sizeof(want), "%s.%zu", digests[was % kinds],
		       was / kinds + 1);
	cr_assert_str_eq(maildrop_uid(m, i), want, "%u: %zu", kinds, i);
}

/* Of twins the elder half goes; the others keep theirs, in a time that grows
 * as their number, whether there are many pairs or one large family. */
static void elder_half_goes(struct store *s, const char *dir, unsigned kinds)
{
	bool *marked = calloc(TWINS, sizeof(*marked));
	char(*digests)[33] = calloc(kinds, sizeof(*digests));
	char name[32], path[128];
	struct maildrop *m;
	int64_t wait_ms;

	(void)snprintf(name, sizeof(name), "t%u", kinds);
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	write_twins(path, kinds);
	cr_assert_eq(maildrop_open(s, slice_of(name), 0, &m, &wait_ms), 0);
	for (unsigned i = 0; i < kinds; i++)
		(void)snprintf(digests[i], 33, "%s", maildrop_uid(m, i));
	for (size_t i = 0; i < TWINS / 2; i++)
		marked[i] = true;
	cr_assert_eq(maildrop_expunge(m, marked), 0);
	cr_assert_eq(maildrop_finish(m), 0);
	maildrop_close(m);
	lose(dir, name, ".index");
	cr_assert_eq(maildrop_open(s, slice_of(name), 0, &m, &wait_ms), 0);
	cr_assert_eq(maildrop_count(m), TWINS / 2);
	for (size_t i = 0; i < TWINS / 2; i++)
		expect_twin(m, i, kinds, i + TWINS / 2, digests);
	maildrop_close(m);
	free(digests);
	free(marked);
}

Test(uidl, many_pairs_of_twins, .timeout = 30)
{
	char path[64];
	struct store *s = desk_store(path, 1000);

	elder_half_goes(s, path, TWINS / 2);
	store_close(s);
}

Test(uidl, large_families_of_twins, .timeout = 30)
{
	char path[64];
	struct store *s = desk_store(path, 1000);

	elder_half_goes(s, path, 1);
	elder_half_goes(s, path, 2);
	store_close(s);
}

/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "auth/account.h"
#include "auth/auth.h"
#include "auth/judge.h"

static char path[] = "/tmp/postern-auth.XXXXXX";
static char hash[AUTH_HASH_MAX];

static char no_hashes[] = "/tmp/postern-none.XXXXXX";

static void enter(void)
{
	FILE *f;
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	f = fdopen(fd, "w");
	cr_assert_eq(auth_hash(SLICE("open sesame"), hash), 0);
	(void)fprintf(f, "alice:%s\nlocked:!%s\nstarred:*%s\nempty::\n", hash,
		      hash, hash);
	(void)fprintf(f, "broken:plain text\nbad:%s:../../x\n", hash);
	(void)fprintf(f, "short:%.20s\nbob@example.org:%s:shop/bob\n", hash,
		      hash);
	cr_assert_eq(fclose(f), 0);
	cr_assert_eq(close(mkstemp(no_hashes)), 0);
}

static void leave(void)
{
	(void)unlink(no_hashes);
	(void)unlink(path);
}

static const struct {
	struct slice name, password;
	enum auth_step outcome;
} rows[] = {
	{ SLICE("alice"), SLICE("open sesame"), AUTH_STEP_YES },
	{ SLICE("Alice"), SLICE("open sesame"), AUTH_STEP_YES },
	{ SLICE("bob@Example.org"), SLICE("open sesame"), AUTH_STEP_YES },
	{ SLICE("alice"), SLICE("Open sesame"), AUTH_STEP_NO },
	{ SLICE("alice"), SLICE("open sesame "), AUTH_STEP_NO },
	{ SLICE("alice"), SLICE("open sesam"), AUTH_STEP_NO },
	{ SLICE("alice"), SLICE("open sesame\0x"), AUTH_STEP_NO },
	{ SLICE("alice"), SLICE(""), AUTH_STEP_NO },
	{ SLICE("alice"), SLICE("impossible"), AUTH_STEP_NO },
	{ SLICE("bob"), SLICE("open sesame"), AUTH_STEP_NO },
	{ SLICE("nobody"), SLICE("open sesame"), AUTH_STEP_NO },
	{ SLICE("locked"), SLICE("open sesame"), AUTH_STEP_NO },
	{ SLICE("starred"), SLICE("open sesame"), AUTH_STEP_NO },
	{ SLICE("empty"), SLICE(""), AUTH_STEP_NO },
	{ SLICE("empty"), SLICE("x"), AUTH_STEP_NO },
	{ SLICE("broken"), SLICE("plain text"), AUTH_STEP_NO },
	{ SLICE("short"), SLICE("open sesame"), AUTH_STEP_NO },
	{ SLICE("bad"), SLICE("open sesame"), AUTH_STEP_NO },
	{ SLICE("../etc"), SLICE("x"), AUTH_STEP_NO },
};

/* The judge, with nothing but a users file and an empty passwords file. */
static enum auth_step check(const char *users, struct slice name,
			    struct slice password, bool *ret_named)
{
	const struct settings settings = {
		.users = { .file = slice_of(users) },
		.auth = { .passwords = slice_of(no_hashes),
			  .secret = SLICE(""),
			  .system = SLICE("no"),
			  .cleartext = SLICE("yes") },
	};
	const struct auth_scene scene = { .plaintext = true };
	struct judge *j = judge_new(&settings);
	enum auth_step step;

	cr_assert_not_null(j);
	cr_assert_eq(judge_scene(j, &scene), 0);
	step = judge_password(j, name, password);
	*ret_named = step == AUTH_STEP_YES && judge_user(j)->name.n > 0 &&
		     judge_user(j)->hash.n == 0;
	judge_free(j);
	return step;
}

Test(password, decides, .init = enter, .fini = leave)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool named;

		cr_assert_eq(
			check(path, rows[i].name, rows[i].password, &named),
			rows[i].outcome, "row %zu: %s", i, rows[i].name.p);
		cr_assert_eq(named, rows[i].outcome == AUTH_STEP_YES);
	}
}

Test(password, an_impossible_one_fits_nobody, .init = enter, .fini = leave)
{
	char password[AUTH_PASSWORD_MAX + 1];
	struct slice is_long = { password, sizeof(password) };
	FILE *f = fopen(path, "w");
	bool named;

	/* the word that stands for passwords that cannot be hashed */
	cr_assert_eq(auth_hash(SLICE("impossible"), hash), 0);
	(void)fprintf(f, "alice:%s\n", hash);
	cr_assert_eq(fclose(f), 0);
	memset(password, 'x', sizeof(password));
	cr_assert_eq(check(path, SLICE("alice"), is_long, &named),
		     AUTH_STEP_NO);
	cr_assert_eq(check(path, SLICE("alice"), SLICE("a\0b"), &named),
		     AUTH_STEP_NO);
	cr_assert_eq(auth_compare(slice_of(hash), SLICE("a\0b")), AUTH_NO);
	cr_assert_eq(check(path, SLICE("alice"), SLICE("impossible"), &named),
		     AUTH_STEP_YES);
}

Test(password, our_trouble_is_not_the_users, .init = enter, .fini = leave)
{
	struct arena *none = arena_new(3);
	struct auth_account account;
	bool named;

	cr_assert_eq(check("/", SLICE("alice"), SLICE("x"), &named),
		     AUTH_STEP_AGAIN);
	cr_assert_eq(
		auth_account_find(path, "", SLICE("alice"), none, &account),
		-ENOMEM);
	/* a file that is not there has no users */
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(check(path, SLICE("alice"), SLICE("x"), &named),
		     AUTH_STEP_NO);
	arena_free(none);
}

static void put(const char *to, const char *text)
{
	FILE *f = fopen(to, "w");

	cr_assert_not_null(f);
	cr_assert_geq(fputs(text, f), 0);
	cr_assert_eq(fclose(f), 0);
}

/* A '!' in either of the two files. */
Test(password, a_lock_holds_wherever_it_stands, .init = enter, .fini = leave)
{
	static const char keys[] =
		"65536,W22ZaJ0SNY7soEsUEjb6gQ==,"
		"WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,"
		"wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
	char passwords[] = "/tmp/postern-passwords.XXXXXX", line[1024];
	struct arena *arena = arena_new(65536);
	struct auth_account a;

	cr_assert_geq(mkstemp(passwords), 0);
	(void)snprintf(line, sizeof(line), "alice:%s:%s\n", hash, keys);
	put(passwords, line);
	put(path, "alice:::\n");
	cr_assert_eq(
		auth_account_find(path, passwords, SLICE("alice"), arena, &a),
		1);
	cr_expect(!a.locked && a.has_keys && a.hash.n > 0);
	put(path, "alice:!::\n");
	cr_assert_eq(
		auth_account_find(path, passwords, SLICE("alice"), arena, &a),
		1);
	cr_expect(a.locked && !a.has_keys && a.hash.n == 0);
	(void)snprintf(line, sizeof(line), "alice:!%s:%s\n", hash, keys);
	put(passwords, line);
	put(path, "alice:::\n");
	cr_assert_eq(
		auth_account_find(path, passwords, SLICE("alice"), arena, &a),
		1);
	cr_expect(a.locked && !a.has_keys && a.hash.n == 0);
	(void)unlink(passwords);
	arena_free(arena);
}

static double cost(const char *name)
{
	struct timespec before, after;
	bool named;

	cr_assert_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before), 0);
	cr_assert_eq(check(path, slice_of(name), SLICE("wrong"), &named),
		     AUTH_STEP_NO);
	cr_assert_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after), 0);
	return (double)(after.tv_sec - before.tv_sec) +
	       (double)(after.tv_nsec - before.tv_nsec) / 1e9;
}

/* The factor is wide for a busy machine; without the dummy hash it would be
 * in the hundreds. */
Test(password, nobody_costs_what_somebody_costs, .init = enter, .fini = leave)
{
	static const char *const others[] = { "nobody", "locked", "empty",
					      "broken", "short",  "bad" };
	double known = cost("alice");

	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		double other = cost(others[i]);

		cr_assert(other > known / 4 && other < known * 4,
			  "%s: %f s, alice: %f s", others[i], other, known);
	}
}

/* A certificate for `daemon`, whom every system has. */
static enum auth_step by_certificate(bool mailboxes, const char *logins)
{
	const struct settings settings = {
		.users = { .file = slice_of(path), .system = mailboxes },
		.auth = { .passwords = SLICE("/nonexistent"),
			  .secret = SLICE(""),
			  .system = slice_of(logins),
			  .mechanisms = SLICE("EXTERNAL"),
			  .cleartext = SLICE("yes") },
	};
	const struct auth_scene scene = { .external = SLICE("daemon") };
	struct judge *j = judge_new(&settings);
	struct slice text;
	enum auth_step step;

	cr_assert_not_null(j);
	cr_assert_eq(judge_scene(j, &scene), 0);
	step = judge_begin(j, SLICE("EXTERNAL"), SLICE("="), &text);
	judge_free(j);
	return step;
}

Test(password, system_accounts_by_both_settings, .init = enter, .fini = leave)
{
	cr_expect_eq(by_certificate(true, "yes"), AUTH_STEP_YES);
	cr_expect_eq(by_certificate(true, "only"), AUTH_STEP_YES);
	cr_expect_eq(by_certificate(true, "no"), AUTH_STEP_NO);
	cr_expect_eq(by_certificate(false, "yes"), AUTH_STEP_NO);
}

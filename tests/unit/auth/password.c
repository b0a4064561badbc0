/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "auth/auth.h"

static char path[] = "/tmp/postern-auth.XXXXXX";
static char hash[AUTH_HASH_MAX];

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
}

static void leave(void)
{
	(void)unlink(path);
}

static const struct {
	struct slice name, password;
	enum auth_outcome outcome;
} rows[] = {
	{ SLICE("alice"), SLICE("open sesame"), AUTH_YES },
	{ SLICE("Alice"), SLICE("open sesame"), AUTH_YES },
	{ SLICE("bob@Example.org"), SLICE("open sesame"), AUTH_YES },
	{ SLICE("alice"), SLICE("Open sesame"), AUTH_NO },
	{ SLICE("alice"), SLICE("open sesame "), AUTH_NO },
	{ SLICE("alice"), SLICE("open sesam"), AUTH_NO },
	{ SLICE("alice"), SLICE("open sesame\0x"), AUTH_NO },
	{ SLICE("alice"), SLICE(""), AUTH_NO },
	{ SLICE("alice"), SLICE("impossible"), AUTH_NO },
	{ SLICE("bob"), SLICE("open sesame"), AUTH_NO },
	{ SLICE("nobody"), SLICE("open sesame"), AUTH_NO },
	{ SLICE("locked"), SLICE("open sesame"), AUTH_NO },
	{ SLICE("starred"), SLICE("open sesame"), AUTH_NO },
	{ SLICE("empty"), SLICE(""), AUTH_NO },
	{ SLICE("empty"), SLICE("x"), AUTH_NO },
	{ SLICE("broken"), SLICE("plain text"), AUTH_NO },
	{ SLICE("short"), SLICE("open sesame"), AUTH_NO },
	{ SLICE("bad"), SLICE("open sesame"), AUTH_NO },
	{ SLICE("../etc"), SLICE("x"), AUTH_NO },
};

Test(password, decides, .init = enter, .fini = leave)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena *arena = arena_new(65536);
		struct user user = { .name = SLICE_NONE };

		cr_assert_eq(auth_password(path, rows[i].name, rows[i].password,
					   arena, &user),
			     rows[i].outcome, "row %zu: %s", i, rows[i].name.p);
		cr_assert_eq(user.name.n > 0, rows[i].outcome == AUTH_YES);
		cr_assert_eq(user.hash.n, 0);
		arena_free(arena);
	}
}

Test(password, an_impossible_one_fits_nobody, .init = enter, .fini = leave)
{
	struct arena *arena = arena_new(65536);
	char password[AUTH_PASSWORD_MAX + 1];
	struct user user;
	FILE *f = fopen(path, "w");

	/* the word that stands for passwords that cannot be hashed */
	cr_assert_eq(auth_hash(SLICE("impossible"), hash), 0);
	(void)fprintf(f, "alice:%s\n", hash);
	cr_assert_eq(fclose(f), 0);
	memset(password, 'x', sizeof(password));
	cr_assert_eq(auth_password(path, SLICE("alice"),
				   (struct slice){ password, sizeof(password) },
				   arena, &user),
		     AUTH_NO);
	cr_assert_eq(auth_password(path, SLICE("alice"), SLICE("a\0b"), arena,
				   &user),
		     AUTH_NO);
	cr_assert_eq(auth_password(path, SLICE("alice"), SLICE("impossible"),
				   arena, &user),
		     AUTH_YES);
	arena_free(arena);
}

Test(password, our_trouble_is_not_the_users, .init = enter, .fini = leave)
{
	struct arena *arena = arena_new(65536), *none = arena_new(3);
	struct user user;

	cr_assert_eq(
		auth_password("/", SLICE("alice"), SLICE("x"), arena, &user),
		AUTH_AGAIN);
	cr_assert_eq(
		auth_password(path, SLICE("alice"), SLICE("x"), none, &user),
		AUTH_AGAIN);
	/* a file that is not there has no users */
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(
		auth_password(path, SLICE("alice"), SLICE("x"), arena, &user),
		AUTH_NO);
	arena_free(arena);
	arena_free(none);
}

static double cost(const char *name)
{
	struct arena *arena = arena_new(65536);
	struct timespec before, after;
	struct user user;

	cr_assert_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before), 0);
	cr_assert_eq(auth_password(path, slice_of(name), SLICE("wrong"), arena,
				   &user),
		     AUTH_NO);
	cr_assert_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after), 0);
	arena_free(arena);
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

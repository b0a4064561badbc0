/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "auth/auth.h"
#include "auth/hash.h"

Test(hash, is_yescrypt_with_a_fresh_salt)
{
	char a[AUTH_HASH_MAX], b[AUTH_HASH_MAX];

	cr_assert_eq(auth_hash(SLICE("secret"), a), 0);
	cr_assert_eq(auth_hash(SLICE("secret"), b), 0);
	cr_assert(slice_starts(slice_of(a), SLICE("$y$")), "%s", a);
	cr_assert_str_neq(a, b);
	cr_assert_eq(hash_again(SLICE("secret"), slice_of(a), b), 0);
	cr_assert_str_eq(a, b);
}

Test(hash, refuses_what_it_cannot_hash)
{
	char password[AUTH_PASSWORD_MAX + 1], a[AUTH_HASH_MAX] = "before";

	memset(password, 'x', sizeof(password));
	cr_assert_eq(auth_hash(SLICE(""), a), -EINVAL);
	cr_assert_eq(auth_hash(SLICE("a\0b"), a), -EINVAL);
	cr_assert_eq(auth_hash((struct slice){ password, sizeof(password) }, a),
		     -EINVAL);
	cr_assert_str_eq(a, "before");
	cr_assert_eq(
		auth_hash((struct slice){ password, AUTH_PASSWORD_MAX }, a), 0);
}

Test(hash, refuses_what_is_no_hash)
{
	char a[AUTH_HASH_MAX];
	char longest[AUTH_HASH_MAX + 1];

	memset(longest, '$', sizeof(longest));
	cr_assert_eq(hash_again(SLICE("x"), SLICE("$nosuch$x"), a), -EINVAL);
	cr_assert_eq(hash_again(SLICE("x"), SLICE("$y$"), a), -EINVAL);
	cr_assert_eq(hash_again(SLICE("x"), SLICE("*0"), a), -EINVAL);
	cr_assert_eq(hash_again(SLICE("x"), SLICE("$y\0$"), a), -EINVAL);
	cr_assert_eq(hash_again(SLICE("x"),
				(struct slice){ longest, sizeof(longest) }, a),
		     -EINVAL);
}

static const struct {
	const char *hash;
	enum auth_hash_kind kind;
} rows[] = {
	{ "", AUTH_HASH_NONE },
	{ "!", AUTH_HASH_LOCKED },
	{ "*", AUTH_HASH_LOCKED },
	{ "!$y$j9T$abc$def", AUTH_HASH_LOCKED },
	{ "$y$j9T$/wsPFT.yj2ZcMsbPDQjDx0$x", AUTH_HASH_GOOD },
	{ "$6$saltsalt$x", AUTH_HASH_GOOD },
	{ "$1$saltsalt$x", AUTH_HASH_WEAK },
	{ "abJnggxhB/yWI", AUTH_HASH_WEAK },
	{ "$nosuch$x", AUTH_HASH_BAD },
	{ "{PLAIN}secret", AUTH_HASH_BAD },
};

Test(hash, methods_are_judged)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_assert_eq(auth_hash_judge(slice_of(rows[i].hash)),
			     rows[i].kind, "%s", rows[i].hash);
}

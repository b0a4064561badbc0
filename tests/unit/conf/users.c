/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "conf/users.h"

#define LOCAL_64                                                               \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
	struct slice name;
	bool valid;
} names[] = {
	{ SLICE("alice"), true },
	{ SLICE("alice@example.org"), true },
	{ SLICE("j\xc3\xbcrgen"), true },
	{ SLICE("a.b_c-d9"), true },
	{ SLICE(LOCAL_64), true },
	{ SLICE(LOCAL_64 "x"), false },
	{ SLICE(""), false },
	{ SLICE("Alice"), false },
	{ SLICE(".alice"), false },
	{ SLICE("-alice"), false },
	{ SLICE("alice.lock"), false },
	{ SLICE("alice@example.lock"), false },
	{ SLICE("a/b"), false },
	{ SLICE("a:b"), false },
	{ SLICE("a b"), false },
	{ SLICE("a\0b"), false },
	{ SLICE("a\nb"), false },
	{ SLICE("\xff"), false },
	{ SLICE("\xc0\xaf"), false },
	{ SLICE("alice@"), false },
	{ SLICE("@example.org"), false },
	{ SLICE("alice@Example.org"), false },
	{ SLICE("alice@../etc"), false },
	{ SLICE("alice@a@b"), false },
};

Test(users, names)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		cr_assert_eq(user_name_valid(names[i].name), names[i].valid,
			     "row %zu: %s", i, names[i].name.p);
}

static const struct {
	struct slice mailbox;
	bool valid;
} mailboxes[] = {
	{ SLICE("alice"), true },       { SLICE("example.org/alice"), true },
	{ SLICE("a/b/c"), true },       { SLICE(""), false },
	{ SLICE("/alice"), false },     { SLICE("alice/"), false },
	{ SLICE("a//b"), false },       { SLICE(".."), false },
	{ SLICE("a/../b"), false },     { SLICE("."), false },
	{ SLICE(".postern"), false },   { SLICE("a/.postern/x"), false },
	{ SLICE("alice.lock"), false }, { SLICE("alice.lock/x"), false },
	{ SLICE("a\0b"), false },       { SLICE("a\nb"), false },
	{ SLICE("a:b"), false },
};

Test(users, mailboxes)
{
	char part[USER_MAILBOX_MAX + 1];

	for (size_t i = 0; i < ARRAY_LEN(mailboxes); i++)
		cr_assert_eq(user_mailbox_valid(mailboxes[i].mailbox),
			     mailboxes[i].valid, "row %zu: %s", i,
			     mailboxes[i].mailbox.p);
	memset(part, 'x', sizeof(part));
	cr_assert(user_mailbox_valid((struct slice){ part, sizeof(part) - 1 }));
	cr_assert_not(user_mailbox_valid((struct slice){ part, sizeof(part) }));
}

static const struct {
	struct slice name, rest;
	int result;
	const char *hash, *mailbox, *options;
} lines[] = {
	{ SLICE("alice"), SLICE("$y$x:box:a=b,c=d"), 0, "$y$x", "box",
	  "a=b,c=d" },
	{ SLICE("alice"), SLICE("$y$x::"), 0, "$y$x", "alice", "" },
	{ SLICE("alice"), SLICE("$y$x"), 0, "$y$x", "alice", "" },
	{ SLICE("alice"), SLICE(""), 0, "", "alice", "" },
	{ SLICE(" alice "), SLICE(" ! : b : "), 0, "!", "b", "" },
	{ SLICE("al@b.example"), SLICE("*"), 0, "*", "b.example/al", "" },
	{ SLICE("alice"), SLICE("h:b:o:more"), -EINVAL, "", "", "" },
	{ SLICE("alice"), SLICE("h:b:o:"), -EINVAL, "", "", "" },
	{ SLICE("alice"), SLICE("h:../b"), -EINVAL, "", "", "" },
	{ SLICE("alice"), SLICE("h\0i:b"), -EINVAL, "", "", "" },
	{ SLICE("alice"), SLICE("h:b:o\0"), -EINVAL, "", "", "" },
	{ SLICE("Alice"), SLICE("h"), -EINVAL, "", "", "" },
};

Test(users, lines)
{
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct arena *arena = arena_new(4096);
		const char *why = NULL;
		struct user u = { .name = SLICE_NONE };

		cr_assert_eq(user_parse(lines[i].name, lines[i].rest, arena, &u,
					&why),
			     lines[i].result, "row %zu", i);
		if (lines[i].result == 0) {
			cr_assert_str_eq(u.hash.p, lines[i].hash, "row %zu", i);
			cr_assert_str_eq(u.mailbox.p, lines[i].mailbox);
			cr_assert_str_eq(u.options.p, lines[i].options);
		} else {
			cr_assert(why && !u.name.p, "row %zu", i);
		}
		arena_free(arena);
	}
}

Test(users, are_found_in_a_file)
{
	char path[] = "/tmp/postern-users.XXXXXX";
	struct arena *arena = arena_new(65536);
	char longest[400];
	struct user u;
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	cr_assert_gt(dprintf(fd, "# us\nalice:h1\nbob@example.org:h2::x=y\n"
				 "carol:h3:/etc/passwd\nDave:h4\n"),
		     0);
	cr_assert_eq(close(fd), 0);
	cr_assert_eq(user_find(path, SLICE("Alice"), arena, &u), 1);
	cr_assert_str_eq(u.name.p, "alice");
	cr_assert_str_eq(u.hash.p, "h1");
	cr_assert_eq(user_find(path, SLICE("BOB@Example.ORG"), arena, &u), 1);
	cr_assert_str_eq(u.mailbox.p, "example.org/bob");
	cr_assert_eq(user_find(path, SLICE("bob"), arena, &u), 0);
	cr_assert_eq(user_find(path, SLICE("alice:h1"), arena, &u), 0);
	cr_assert_eq(user_find(path, SLICE("al\0ice"), arena, &u), 0);
	cr_assert_eq(user_find(path, SLICE(""), arena, &u), 0);
	cr_assert_eq(user_find(path, SLICE("carol"), arena, &u), -EBADMSG);
	/* its line is malformed for `postern check`; its name is clear */
	cr_assert_eq(user_find(path, SLICE("dave"), arena, &u), 1);
	memset(longest, 'x', sizeof(longest));
	cr_assert_eq(user_find(path, (struct slice){ longest, sizeof(longest) },
			       arena, &u),
		     0);
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(user_find(path, SLICE("alice"), arena, &u), 0);
	cr_assert_eq(user_find("/", SLICE("alice"), arena, &u), -EINVAL);
	arena_free(arena);
}

Test(users, memory_may_be_short)
{
	for (size_t cap = 0; cap < 40; cap++) {
		struct arena *arena = arena_new(cap);
		const char *why;
		struct user u;
		int r = user_parse(SLICE("a@b.example"), SLICE("h:m:o"), arena,
				   &u, &why);

		cr_assert(r == 0 || r == -ENOMEM);
		arena_free(arena);
	}
}

/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "conf/credentials.h"

Test(credentials, lines_and_modes)
{
	static const struct {
		const char *text;
		mode_t mode;
		int result;
		const char *user, *password;
	} rows[] = {
		{ "a:x:y\nb:me@example.net:p:w d\n", 0600, 1, "me@example.net",
		  "p:w d" },
		{ "# b:no:no\nB: me:pw\n", 0640, 1, "me", "pw" },
		{ "a:x:y\n", 0600, 0, NULL, NULL },
		{ "b:me:pw\n", 0644, -EACCES, NULL, NULL },
		{ "b:me:pw\n", 0602, -EACCES, NULL, NULL },
		{ "b:me:pw\n", 0660, -EACCES, NULL, NULL },
		{ "b:me\n", 0600, -EBADMSG, NULL, NULL },
		{ "b:me:\n", 0600, -EBADMSG, NULL, NULL },
		{ "b::pw\n", 0600, -EBADMSG, NULL, NULL },
	};
	char path[] = "/tmp/postern-unit.XXXXXX";
	struct arena *arena = arena_new(1 << 20);
	int fd = mkstemp(path);

	cr_assert(fd >= 0 && arena);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct credential c = { .user = SLICE_NONE };

		cr_assert_eq(ftruncate(fd, 0), 0);
		cr_assert_eq(pwrite(fd, rows[i].text, strlen(rows[i].text), 0),
			     (ssize_t)strlen(rows[i].text));
		cr_assert_eq(fchmod(fd, rows[i].mode), 0);
		cr_expect_eq(credential_find(path, SLICE("b"), arena, &c),
			     rows[i].result, "%zu", i);
		if (rows[i].result == 1) {
			cr_expect_str_eq(c.user.p, rows[i].user);
			cr_expect_str_eq(c.password.p, rows[i].password);
		}
		credential_wipe(&c);
	}
	cr_assert_eq(unlink(path), 0);
	cr_expect_eq(credential_find(path, SLICE("b"), arena,
				     &(struct credential){ 0 }),
		     -ENOENT);
	arena_free(arena);
	(void)close(fd);
}

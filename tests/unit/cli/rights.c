/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "cli/rights.h"

#include <fcntl.h>

static const struct {
	uid_t uid;
	gid_t gid;
	mode_t mode;
	unsigned want;
	bool may;
} rows[] = {
	{ 10, 20, 0600, 4, true },  { 10, 20, 0060, 4, false },
	{ 11, 20, 0060, 4, true },  { 11, 21, 0070, 3, true },
	{ 11, 20, 0606, 4, false }, { 11, 22, 0004, 4, true },
	{ 11, 22, 0660, 4, false }, { 11, 20, 0050, 3, false },
};

Test(rights, allow_what_the_mode_says)
{
	const struct rights a = {
		.uid = 10,
		.groups = { 20, 21 },
		.n_groups = 2,
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct stat st = {
			.st_uid = rows[i].uid,
			.st_gid = rows[i].gid,
			.st_mode = S_IFREG | rows[i].mode,
		};

		cr_assert_eq(rights_allow(&a, &st, rows[i].want), rows[i].may,
			     "row %zu", i);
	}
}

Test(rights, of_an_account)
{
	const struct stat st = { .st_uid = 99, .st_mode = 0 };
	struct rights a;

	cr_assert_eq(rights_of("root", &a), 0);
	cr_assert_eq(a.uid, 0);
	cr_assert(rights_allow(&a, &st, 7));
	cr_assert_eq(rights_of("no such account", &a), -ENOENT);
}

static const struct {
	mode_t folder, file;
	unsigned want;
	bool may;
} ways[] = {
	{ 0711, 0644, 4, true },  { 0711, 0640, 4, false },
	{ 0700, 0644, 4, false }, { 0766, 0644, 4, false },
	{ 0711, 0644, 6, false },
};

Test(rights, reach_through_folders)
{
	const struct rights a = { .uid = (uid_t)-2 };
	char path[] = "/tmp/rights.XXXXXX", file[64];

	cr_assert(mkdtemp(path));
	(void)snprintf(file, sizeof(file), "%s/list", path);
	cr_assert_eq(close(creat(file, 0600)), 0);
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		cr_assert_eq(chmod(file, ways[i].file), 0);
		cr_assert_eq(chmod(path, ways[i].folder), 0);
		cr_assert_eq(rights_reach(&a, file, ways[i].want), ways[i].may,
			     "row %zu", i);
	}
	cr_assert_eq(unlink(file), 0);
	cr_assert(rights_reach(&a, file, 4)); /* is not there */
	cr_assert_eq(rmdir(path), 0);
}

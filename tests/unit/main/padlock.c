/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "main/padlock.h"

static char folder[] = "/tmp/postern-padlock.XXXXXX";
static struct settings settings;
static struct arena *arena;

static void come(void)
{
	arena = arena_new(1 << 20);
	cr_assert_eq(settings_default(arena, &settings), 0);
	cr_assert_not_null(mkdtemp(folder));
	settings.tls.directory = SLICE(folder);
	(void)unsetenv("CREDENTIALS_DIRECTORY");
}

static void go(void)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "chmod u+rwx %s; rm -rf %s",
		       folder, folder);
	cr_assert_eq(system(command), 0);
	arena_free(arena);
}

TestSuite(padlock, .init = come, .fini = go);

static void put(const char *name, mode_t mode)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	cr_assert_not_null(f);
	cr_assert_eq(fclose(f), 0);
	cr_assert_eq(chmod(path, mode), 0);
}

/* As one whom modes concern. */
static int is_there_for_a_handler(void)
{
	if (geteuid() == 0)
		cr_assert_eq(setresuid(65534, 65534, 0), 0);
	return padlock_is_there(&settings);
}

static void be_root_again(void)
{
	ignore(setresuid(0, 0, 0)); /* nobody else was it */
}

Test(padlock, what_cannot_be_read_is_not_what_is_not_there)
{
	const char *directory;
	struct tls *tls;

	cr_assert_eq(chmod(folder, 0755), 0);
	cr_assert_eq(is_there_for_a_handler(), 0);
	be_root_again();
	put("default.rsa.pem", 0600);
	cr_assert_eq(chmod(folder, 0755), 0);
	cr_assert_eq(is_there_for_a_handler(),
		     geteuid() == 65534 ? -EACCES : 1);
	cr_assert_eq(padlock_directory(&settings, &directory),
		     geteuid() != 65534);
	cr_assert_str_eq(directory, folder);
	if (geteuid() == 65534)
		cr_assert_eq(padlock_open(&settings, "smtp", false, &tls),
			     -EACCES);
	be_root_again();
	put("default.ecdsa.pem", 0644);
	cr_assert_eq(is_there_for_a_handler(), 1);
	be_root_again();
	cr_assert_eq(chmod(folder, 0), 0);
	cr_assert_eq(is_there_for_a_handler(), -EACCES);
	be_root_again();
}

Test(padlock, no_directory_is_no_certificate_but_no_other_trouble_is)
{
	char path[128];

	settings.tls.directory = SLICE("/nowhere/at/all");
	cr_assert_eq(padlock_is_there(&settings), 0);
	settings.tls.directory = SLICE("/dev/null/tls");
	cr_assert_eq(padlock_is_there(&settings), -ENOTDIR);
	settings.tls.directory = SLICE(folder);
	(void)snprintf(path, sizeof(path), "%s/default.rsa.pem", folder);
	cr_assert_eq(symlink(path, path), 0);
	cr_assert_eq(padlock_is_there(&settings), -ELOOP);
}

Test(padlock, systemds_credentials_go_before)
{
	put("tls_default.rsa.pem", 0644);
	settings.tls.directory = SLICE("/nowhere/at/all");
	cr_assert_eq(padlock_is_there(&settings), 0);
	cr_assert_eq(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
	cr_assert_eq(padlock_is_there(&settings), 1);
	cr_assert_eq(setenv("CREDENTIALS_DIRECTORY", "/dev/null/x", 1), 0);
	cr_assert_eq(padlock_is_there(&settings), -ENOTDIR);
}

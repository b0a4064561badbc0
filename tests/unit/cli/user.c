/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <sys/stat.h>

#include "auth/judge.h"
#include "stage.h"

static bool can_login(const char *name, const char *password)
{
	const struct settings settings = {
		.users = { .file = SLICE("users") },
		.auth = { .passwords = SLICE("passwords"),
			  .secret = SLICE(""),
			  .system = SLICE("no"),
			  .cleartext = SLICE("yes") },
	};
	const struct auth_scene scene = { .plaintext = true };
	struct judge *j = judge_new(&settings);
	bool yes = j && judge_scene(j, &scene) == 0 &&
		   judge_password(j, slice_of(name), slice_of(password)) ==
			   AUTH_STEP_YES;

	judge_free(j);
	return yes;
}

static int user(struct stage *s, const char *input, const char *verb,
		const char *name)
{
	return stage_run(s, cli_user, input, "user", verb, name, NULL);
}

Test(user, lives, .init = stage_enter, .fini = stage_leave)
{
	struct stage s;
	struct stat st;

	cr_assert_eq(user(&s, "secret\nnot this\n", "add", "alice"), CLI_OK,
		     "%s", s.err);
	cr_assert_eq(stat("users", &st), 0);
	cr_assert_eq(st.st_mode & 0007, 0);
	cr_assert(can_login("alice", "secret"));
	cr_assert_eq(user(&s, "other\r\n", "passwd", "alice"), CLI_OK);
	cr_assert(can_login("alice", "other"));
	cr_assert_eq(user(&s, "", "lock", "alice"), CLI_OK);
	cr_assert_not(can_login("alice", "other"));
	cr_assert_eq(user(&s, "", "lock", "alice"), CLI_OK);
	cr_assert_eq(user(&s, "", "unlock", "alice"), CLI_OK);
	cr_assert(can_login("alice", "other"));
	cr_assert_eq(user(&s, "", "remove", "alice"), CLI_OK);
	cr_assert_not(can_login("alice", "other"));
	cr_assert_eq(user(&s, "", "remove", "alice"), CLI_FAILED);
	cr_assert(strstr(s.err, "there is no alice"), "%s", s.err);
}

Test(user, fields_survive_a_new_password, .init = stage_enter,
     .fini = stage_leave)
{
	struct stage s;
	char line[512] = "";
	FILE *f;

	stage_write("users", "alice:x:shop/alice:a=b,c=d\n");
	cr_assert_eq(user(&s, "secret", "passwd", "alice"), CLI_OK);
	cr_assert_str_eq(s.out, "");
	cr_assert(can_login("alice", "secret"));
	f = fopen("users", "r");
	cr_assert(fgets(line, sizeof(line), f));
	cr_assert_eq(fclose(f), 0);
	cr_assert(slice_ends(slice_of(line), SLICE(":shop/alice:a=b,c=d\n")),
		  "%s", line);
}

/* With a passwords file of its own. */
static void stage_passwords(const char *text)
{
	char folder[PATH_MAX];
	FILE *f = fopen("conf", "a");

	cr_assert(f && getcwd(folder, sizeof(folder)));
	(void)fprintf(f, "[auth]\npasswords = %s/passwords\n", folder);
	cr_assert_eq(fclose(f), 0);
	stage_write("passwords", text);
}

static const struct {
	const char *users, *passwords; /* NULL: no such file */
} locked[] = {
	{ "alice:!x::\n", NULL },
	{ "alice:**x::\n", NULL },
	{ "alice:::\n", "alice:*x:\n" },
	{ "alice:!::\n", "alice:x:\n" },
};

Test(user, who_is_locked_stays_so, .init = stage_enter, .fini = stage_leave)
{
	struct stage s;

	for (size_t i = 0; i < ARRAY_LEN(locked); i++) {
		stage_write("users", locked[i].users);
		if (locked[i].passwords)
			stage_passwords(locked[i].passwords);
		cr_assert_eq(user(&s, "secret", "passwd", "alice"), CLI_OK,
			     "%s", s.err);
		cr_assert(strstr(s.out, "alice stays locked"), "%zu: %s", i,
			  s.out);
		cr_assert_not(can_login("alice", "secret"), "%zu", i);
		cr_assert_eq(user(&s, "", "unlock", "alice"), CLI_OK);
		cr_assert(can_login("alice", "secret"), "%zu", i);
	}
}

Test(user, a_password_without_keys_is_said_to_be_so, .init = stage_enter,
     .fini = stage_leave)
{
	struct stage s;

	stage_passwords("");
	cr_assert_eq(user(&s, "gr\xfc\xdf\n", "add", "alice"), CLI_OK, "%s",
		     s.err);
	cr_assert(strstr(s.err, "no keys for SCRAM"), "%s", s.err);
	cr_assert(can_login("alice", "gr\xfc\xdf"));
	cr_assert_eq(user(&s, "secret\n", "passwd", "alice"), CLI_OK);
	cr_assert_str_eq(s.err, "");
}

Test(user, add_takes_options, .init = stage_enter, .fini = stage_leave)
{
	struct stage s;

	stage_settings("[domains]\nvirtual = example.net\n");
	cr_assert_eq(stage_run(&s, cli_user, "", "user", "add", "--no-login",
			       "--mailbox=shop/bob", "bob@example.net", NULL),
		     CLI_OK, "%s", s.err);
	cr_assert_eq(stage_run(&s, cli_user, "", "user", NULL), CLI_OK);
	cr_assert(strstr(s.out, "bob@example.net"), "%s", s.out);
	cr_assert(strstr(s.out,
			 "locked             0 B none                      "
			 "-  shop/bob\n"),
		  "%s", s.out);
	cr_assert_eq(user(&s, "", "unlock", "bob@example.net"), CLI_FAILED);
	cr_assert(strstr(s.err, "there is no password yet"), "%s", s.err);
	cr_assert_eq(stage_run(&s, cli_user, "x\n", "user", "add",
			       "--mailbox=../etc", "eve", NULL),
		     CLI_FAILED);
}

static const struct {
	const char *input, *verb, *name;
	int status;
} wrong[] = {
	{ "x\n", "add", "alice", CLI_FAILED }, /* there already */
	{ "x\n", "add", "Eve", CLI_FAILED },
	{ "x\n", "add", "../eve", CLI_FAILED },
	{ "x\n", "add", "eve:x", CLI_FAILED },
	{ "x\n", "add", "eve@strange.example", CLI_FAILED },
	{ "", "add", "eve", CLI_FAILED },
	{ "\n", "add", "eve", CLI_FAILED },
	{ "x\n", "passwd", "eve", CLI_FAILED },
	{ "", "lock", "eve", CLI_FAILED },
	{ "", "add", NULL, CLI_USAGE },
	{ "", "passwd", NULL, CLI_USAGE },
	{ "", "list", "x", CLI_USAGE },
	{ "", "mailboxes", "x", CLI_USAGE },
};

Test(user, what_is_wrong_changes_nothing, .init = stage_enter,
     .fini = stage_leave)
{
	char line[64] = "";
	struct stage s;
	FILE *f;

	stage_write("users", "alice:!::\n");
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		cr_assert_eq(
			user(&s, wrong[i].input, wrong[i].verb, wrong[i].name),
			wrong[i].status, "row %zu", i);
		cr_assert_gt(strlen(s.err), 0, "row %zu", i);
	}
	f = fopen("users", "r");
	cr_assert_gt(fread(line, 1, sizeof(line) - 1, f), 0);
	cr_assert_eq(fclose(f), 0);
	cr_assert_str_eq(line, "alice:!::\n");
}

Test(user, list_says_what_it_cannot_read, .init = stage_enter,
     .fini = stage_leave)
{
	struct stage s;

	cr_assert_eq(stage_run(&s, cli_user, "", "user", "list", NULL), CLI_OK);
	cr_assert(strstr(s.out, "No users in "), "%s", s.out);
	stage_write("users", "alice:\nnonsense\n");
	cr_assert_eq(stage_run(&s, cli_user, "", "user", "list", NULL), CLI_OK);
	cr_assert(strstr(s.out, "no password"), "%s", s.out);
	cr_assert(strstr(s.err, "line 2 cannot be read"), "%s", s.err);
}

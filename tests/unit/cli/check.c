/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cli/check.h"
#include "stage.h"

#define HASH "$y$j9T$/wsPFT.yj2ZcMsbPDQjDx0$x"

/* One part of check over the stage's configuration. */
static struct report run(void (*part)(const struct settings *, struct report *),
			 char *ret, size_t room)
{
	struct arena *arena = arena_new(1 << 20);
	struct report r = { .out = tmpfile() };
	struct settings s;

	cr_assert_eq(settings_read("conf", arena, NULL, NULL, &s), 0);
	part(&s, &r);
	rewind(r.out);
	ret[fread(ret, 1, room - 1, r.out)] = '\0';
	cr_assert_eq(fclose(r.out), 0);
	arena_free(arena);
	return r;
}

static const struct {
	const char *users;
	unsigned broken, doubtful;
	const char *says;
} rows[] = {
	{ "# nobody\nalice:" HASH "\nbob:!:\ncarol:\n", 0, 0, "" },
	{ "alice:!\nbob:!\nalice:!\n", 1, 0,
	  "users:3: alice stands in line 1 already" },
	{ "alice:$1$saltsalt$x\n", 0, 1, "users:1: warning: the password of" },
	{ "alice:secret in plain\n", 1, 0, "alice: this is no password hash" },
	{ "alice:secret\nbob:geheimer\n", 2, 0,
	  "alice: this is no password hash" },
	{ "alice:abJnggxhB/yWI\n", 0, 1, "hashed by an old method" },
	{ "alice\n", 1, 0, "users:1: 'alice' is no user's line" },
	{ "\n\x1b[2J\n", 1, 0, "users:2: '\\x1B[2J' is no user's line" },
	{ "alice:!:../x\n", 1, 0, "users:1: alice: the mailbox is not" },
	{ "Alice:!\n", 1, 0, "lower-case" },
	{ "alice:!:a:b:c\n", 1, 0, "more than four fields" },
	{ "x\ny\n", 2, 0, "users:2:" },
	{ "a:!::quota=1G,messages=7,colour=blue\n", 0, 0, "" },
	{ "a:!::quota=much,messages=1G\n", 2, 0,
	  "users:1: the option quota=much of a is not understood\n"
	  "    write quota=SIZE" },
	{ "a:!::qouta=1G\n", 0, 1, "did you mean quota?" },
	{ "a@mail.example.org:!\n", 0, 0, "" },
	{ "a@strange.example:!\n", 1, 0,
	  "users:1: a@strange.example: no mail comes for a domain" },
};

Test(check, users, .init = stage_enter, .fini = stage_leave)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[4096];
		struct report r;

		stage_write("users", rows[i].users);
		if (geteuid() == 0) /* the handlers' accounts may exist */
			cr_assert_eq(chmod("users", 0640), 0);
		r = run(check_users, text, sizeof(text));
		cr_assert_geq(r.broken, rows[i].broken, "row %zu: %s", i, text);
		cr_assert_eq(r.doubtful, rows[i].doubtful, "row %zu: %s", i,
			     text);
		cr_assert(strstr(text, rows[i].says), "row %zu: %s", i, text);
	}
}

Test(check, users_file_itself, .init = stage_enter, .fini = stage_leave)
{
	char text[4096];

	cr_assert_eq(run(check_users, text, sizeof(text)).doubtful, 1);
	cr_assert(strstr(text, "there is no such file: only the system's acc"),
		  "%s", text);
	stage_settings("[auth]\nsystem = no\n");
	cr_assert_eq(run(check_users, text, sizeof(text)).doubtful, 1);
	cr_assert(strstr(text, "nobody can fetch mail"), "%s", text);
	stage_write("users", "");
	cr_assert_eq(chmod("users", 0644), 0);
	cr_assert_eq(run(check_users, text, sizeof(text)).doubtful, 1);
	cr_assert(strstr(text, "everybody on this host may read it"), "%s",
		  text);
	cr_assert_eq(unlink("users") + mkdir("users", 0700), 0);
	cr_assert_eq(run(check_users, text, sizeof(text)).broken, 1);
}

Test(check, directories, .init = stage_enter, .fini = stage_leave)
{
	char text[4096];

	cr_assert_eq(chmod("mail", 0777) + chmod("queue", 0755), 0);
	(void)run(check_directories, text, sizeof(text));
	cr_assert(strstr(text, "everybody may remove mailboxes"), "%s", text);
	cr_assert(strstr(text, "everybody may look at waiting mail"), "%s",
		  text);
	cr_assert_eq(chmod("mail", 01777) + chmod("queue", 0700), 0);
	(void)run(check_directories, text, sizeof(text));
	cr_assert_not(strstr(text, "everybody"), "%s", text);
	cr_assert_eq(rmdir("queue/new") + rmdir("mail"), 0);
	stage_write("mail", "");
	cr_assert_geq(run(check_directories, text, sizeof(text)).broken, 2);
	cr_assert(strstr(text, "this is no directory"), "%s", text);
	cr_assert(strstr(text, "queue/new: No such file"), "%s", text);
	cr_assert(strstr(text, "mkdir -p /tmp/"), "%s", text);
	cr_assert_not(strstr(text, "tmpfiles"), "%s", text);
}

/* What root left there by hand. */
Test(check, inside_of_directories, .init = stage_enter, .fini = stage_leave)
{
	char text[4096];
	int status = 0;

	if (geteuid() != 0)
		cr_skip_test("for root");
	cr_assert_eq(mkdir("queue/due/2026-11-23T07:10Z", 0700), 0);
	stage_write("queue/due/2026-11-23T07:10Z/x", "");
	stage_write("queue/new/x", "");
	(void)run(check_directories, text, sizeof(text));
	cr_assert_not(strstr(text, "may not use"), "%s", text);
	cr_assert_eq(system("chown 47110 queue queue/*"), 0);
	(void)run(check_directories, text, sizeof(text));
	cr_assert(strstr(text, "queue/new/x: the account 47110 may not use it, "
			       "nor 2 more\n    chown -R 47110 /"),
		  "%s", text);

	cr_assert_eq(mkdir("mail/.postern", 0770), 0);
	stage_write("mail/.postern/alice.index", "");
	cr_assert_eq(system("chown -R 47110 mail && chown 0 mail/.postern/*"),
		     0);
	cr_assert_eq(chmod("conf", 0644), 0);
	if (fork() == 0) {
		if (setuid(47110) < 0)
			_exit(1);
		(void)run(check_directories, text, sizeof(text));
		if (!strstr(text, "alice.index: we may not use it\n"))
			_exit(2);
		/* who may not write there at all is told that alone */
		(void)chmod("mail", 0500);
		(void)run(check_directories, text, sizeof(text));
		_exit(strstr(text, "alice.index") ? 3 : 0);
	}
	cr_assert_gt(wait(&status), 0);
	cr_assert_eq(status, 0, "%d", WEXITSTATUS(status));
}

Test(check, judges_of_logins, .init = stage_enter, .fini = stage_leave)
{
	char text[4096];
	int status = 0;

	stage_settings("[auth]\nsocket =\nprogram = /nonexistent/authd\n"
		       "passwords = /nonexistent/passwords\n");
	cr_assert_eq(run(check_logins, text, sizeof(text)).broken, 1);
	cr_assert(strstr(text, "/nonexistent/authd: no login can be judged: No "
			       "such file"),
		  "%s", text);
	stage_settings("program = /etc/passwd\ncheckpassword = /etc\n");
	cr_assert_eq(run(check_logins, text, sizeof(text)).broken, 2);
	cr_assert(strstr(text, "/etc/passwd: no login can be judged: Perm"),
		  "%s", text);
	cr_assert(strstr(text, "/etc: no login can be judged: this is no pro"),
		  "%s", text);
	stage_settings("program = /bin/true\ncheckpassword =\n");
	cr_assert_eq(run(check_logins, text, sizeof(text)).broken, 0);
	cr_assert_eq(strlen(text), 0, "%s", text);

	/* a file that root alone can read */
	stage_settings("passwords = /etc/shadow\n");
	cr_assert_eq(chmod("conf", 0644), 0);
	if (fork() == 0) {
		if (geteuid() == 0 && setuid(47110) < 0)
			_exit(1);
		_exit(run(check_logins, text, sizeof(text)).broken == 2 &&
				      strstr(text, "may not read it")
			      ? 0
			      : 2);
	}
	cr_assert_gt(wait(&status), 0);
	cr_assert_eq(status, 0, "%d", WEXITSTATUS(status));
}

/* Of the configuration as it stands, the file that root alone can read. */
static bool says(unsigned broken, unsigned doubtful, const char *what)
{
	char text[4096];
	struct report r = run(check_logins, text, sizeof(text));

	if (r.broken == broken && r.doubtful == doubtful &&
	    strstr(text, what) && (broken + doubtful > 0 || text[0] == '\0'))
		return true;
	(void)fprintf(stderr, "%u, %u: %s\n", r.broken, r.doubtful, text);
	return false;
}

static int somebody_looks(void)
{
	if (geteuid() == 0 && setuid(47110) < 0)
		return 1;
	/* who would start the program when nothing listens */
	stage_settings("socket = /nonexistent/socket\n");
	if (!says(0, 2,
		  "there is no /nonexistent/socket, and the account "
		  "postern-pop3 may not read it: logins fail"))
		return 2;
	/* another account judges */
	stage_settings("socket = /dev/null\n");
	return says(0, 0, "") ? 0 : 3;
}

/* The accounts may not exist here: in a mount namespace they do. */
static int root_looks(void)
{
	stage_write("accounts", "root:x:0:0::/:/bin/sh\n"
				"postern:x:47111:47111::/:/bin/sh\n"
				"postern-pop3:x:47112:47112::/:/bin/sh\n"
				"postern-auth:x:47113:47113::/:/bin/sh\n");
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    chmod("accounts", 0644) < 0 ||
	    mount("accounts", "/etc/passwd", NULL, MS_BIND, NULL) < 0)
		return 9;
	stage_settings("socket =\n");
	if (!says(2, 0, "the account postern has to judge logins and may not"))
		return 1;
	stage_settings("socket = /dev/null\n");
	if (!says(1, 0,
		  "the account postern-auth has to judge logins and may "
		  "not read it\n    chgrp"))
		return 2;
	if (chown("passwords", 0, 47113) < 0 || chmod("passwords", 0640) < 0)
		return 9;
	return says(0, 0, "") ? 0 : 3;
}

static int in_child(int (*what)(void))
{
	int status = 0;

	if (fork() == 0)
		_exit(what());
	cr_assert_gt(wait(&status), 0);
	cr_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

Test(check, who_judges_logins, .init = stage_enter, .fini = stage_leave)
{
	char text[256], here[64];
	int r;

	if (geteuid() != 0)
		cr_skip_test("for root");
	stage_write("passwords", "");
	cr_assert_eq(chmod("conf", 0666) + chmod("passwords", 0600), 0);
	(void)snprintf(text, sizeof(text),
		       "[auth]\nprogram = /bin/true\n"
		       "passwords = %s/passwords\n",
		       getcwd(here, sizeof(here)));
	stage_settings(text);
	r = in_child(somebody_looks);
	cr_assert_eq(r, 0, "%d", r);
	r = in_child(root_looks);
	if (r == 9)
		cr_skip_test("nothing may be mounted");
	cr_assert_eq(r, 0, "%d", r);
}

/* Whom a client that prefers SCRAM cannot serve. */
Test(check, keys_for_scram, .init = stage_enter, .fini = stage_leave)
{
	char text[4096], here[64];

	stage_write("users", "alice:" HASH "\nbob:\ncarol:!\ndave\n"
			     "erna:" HASH "\n");
	stage_write("passwords", "bob:" HASH ":\ncarol:!:\n");
	cr_assert_eq(chmod("users", 0600) + chmod("passwords", 0600), 0);
	(void)snprintf(text, sizeof(text), "[auth]\npasswords = %s/passwords\n",
		       getcwd(here, sizeof(here)));
	stage_settings(text);
	(void)run(check_users, text, sizeof(text));
	cr_assert_not(strstr(text, "SCRAM"), "%s", text);
	stage_settings("mechanisms = PLAIN SCRAM-SHA-256\n");
	(void)run(check_users, text, sizeof(text));
	cr_assert(strstr(text, "users: warning: SCRAM is offered, and 2 users "
			       "have a password and no keys for it (alice)"),
		  "%s", text);
	cr_assert(strstr(text, "passwords: warning: SCRAM is offered, and 1 "
			       "user has a password and no keys for it (bob)"),
		  "%s", text);
	(void)run(check_logins, text, sizeof(text));
	cr_assert(strstr(text, "the system's accounts have no keys"), "%s",
		  text);
	stage_settings("system = no\n");
	(void)run(check_logins, text, sizeof(text));
	cr_assert_not(strstr(text, "SCRAM"), "%s", text);
}

static const struct {
	const char *more; /* settings */
	unsigned doubtful;
	const char *says;
} trust_rows[] = {
	{ "", 0, "" },
	{ "[rates]\nfile = /nonexistent/rates\n", 1,
	  "/nonexistent/rates: warning: nothing is counted: No such file" },
	{ "[rates]\nfile =\n", 0, "" },
	{ "[rates]\nfile = /nonexistent/rates\nfailed_recipients = none\n"
	  "user_recipients = none\n",
	  0, "" },
	{ "[greylist]\nfile = /nonexistent/seen\n", 0, "" },
	{ "[greylist]\nfile = /nonexistent/seen\neverybody = yes\n", 1,
	  "nobody is greylisted: No such file" },
	{ "[greylist]\nfile = /nonexistent/seen\n[trust]\nhelo = greylist\n", 1,
	  "nobody is greylisted: No such file" },
	{ "[dns]\nserver = 127.0.0.1:1\n", 0, "" },
	{ "[dns]\nserver = 127.0.0.1:1\n[trust]\nreverse = refuse\n", 1,
	  "127.0.0.1:1: warning: no name server answers" },
	{ "[dns]\nserver = 127.0.0.1:1\n[trust]\nallow_lists = a.example\n", 1,
	  "no name server answers" },
};

Test(check, files_to_count_in, .init = stage_enter, .fini = stage_leave)
{
	char conf[4096], text[4096], all[8192];
	FILE *f = fopen("conf", "r");

	cr_assert(f);
	conf[fread(conf, 1, sizeof(conf) - 1, f)] = '\0';
	cr_assert_eq(fclose(f), 0);
	/* root's own directory: the handlers' account may be another */
	cr_assert_eq(chmod(".", 0777), 0);
	for (size_t i = 0; i < ARRAY_LEN(trust_rows); i++) {
		struct report r;

		(void)snprintf(all, sizeof(all), "%s%s", conf,
			       trust_rows[i].more);
		stage_write("conf", all);
		r = run(check_trust, text, sizeof(text));
		cr_assert_eq(r.broken, 0);
		cr_assert_eq(r.doubtful, trust_rows[i].doubtful, "row %zu: %s",
			     i, text);
		cr_assert(strstr(text, trust_rows[i].says), "row %zu: %s", i,
			  text);
		cr_assert_not(strstr(text, "tmpfiles"), "row %zu: %s", i, text);
	}
}

static const struct {
	const char *more; /* settings */
	unsigned broken;
	const char *says;
} tls_rows[] = {
	{ "", 0, "" },
	{ "[tls]\npriority = NORMAL\n", 0, "" },
	{ "[tls]\nclient_ca = /nowhere/ca\n", 1, "/nowhere/ca: No such file" },
	{ "[relay]\ntls_ca = /nowhere/ca\n", 1, "/nowhere/ca: No such file" },
	{ "[relay]\ntls_certificate = /nowhere/c\n", 1, "/nowhere/c: No such" },
	{ "[relay]\ntls_certificate = /etc/passwd\ntls_key = /nowhere/key\n", 1,
	  "/nowhere/key: No such" },
};

Test(check, what_tls_is_set_to, .init = stage_enter, .fini = stage_leave)
{
	char conf[4096], text[4096], all[8192];
	FILE *f = fopen("conf", "r");

	cr_assert(f);
	conf[fread(conf, 1, sizeof(conf) - 1, f)] = '\0';
	cr_assert_eq(fclose(f), 0);
	for (size_t i = 0; i < ARRAY_LEN(tls_rows); i++) {
		struct report r;

		(void)snprintf(all, sizeof(all), "%s%s", conf,
			       tls_rows[i].more);
		stage_write("conf", all);
		r = run(check_tls_files, text, sizeof(text));
		cr_assert_eq(r.broken, tls_rows[i].broken, "row %zu: %s", i,
			     text);
		cr_assert(strstr(text, tls_rows[i].says), "row %zu: %s", i,
			  text);
	}
}

Test(check, way_to_the_postmaster, .init = stage_enter, .fini = stage_leave)
{
	char text[4096];

	cr_assert_eq(run(check_routing, text, sizeof(text)).doubtful, 1, "%s",
		     text);
	cr_assert(strstr(text, "a mailbox that nobody reads"), "%s", text);
	stage_write("aliases", "postmaster: alice\n");
	stage_write("users", "alice:!\n");
	cr_assert_eq(run(check_routing, text, sizeof(text)).broken, 0, "%s",
		     text);
	cr_assert_str_eq(text, "");
	stage_write("aliases", "postmaster: a\na: b\nb: a\n");
	cr_assert_geq(run(check_routing, text, sizeof(text)).broken, 1);
	cr_assert(strstr(text, "in a circle"), "%s", text);
}

Test(check, routes_and_aliases, .init = stage_enter, .fini = stage_leave)
{
	char text[4096];

	stage_write("aliases", "postmaster: alice\nnonsense\n");
	stage_write("users", "alice:!\n");
	stage_write("routes", "example.net = [192.0.2.1]:2525\nbad = [x\n");
	(void)run(check_routing, text, sizeof(text));
	cr_assert(strstr(text, "aliases:2: "), "%s", text);
	cr_assert(strstr(text, "routes:2: "), "%s", text);
	cr_assert_not(strstr(text, "cannot be judged"), "%s", text);
}

Test(check, dumps_what_is_in_force, .init = stage_enter, .fini = stage_leave)
{
	struct stage s, again;

	cr_assert_eq(stage_run(&s, cli_check, "", "check", "--dump", NULL),
		     CLI_OK);
	cr_assert(strstr(s.out, "\nname = mail.example.org\n"), "%s", s.out);
	cr_assert_eq(strlen(s.err), 0);
	stage_write("conf", s.out);
	cr_assert_eq(stage_run(&again, cli_check, "", "check", "-d", NULL),
		     CLI_OK);
	cr_assert_str_eq(s.out, again.out);
}

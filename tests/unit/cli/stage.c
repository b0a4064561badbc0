/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <stdarg.h>
#include <sys/stat.h>

#include "stage.h"

static char dir[] = "/tmp/postern-cli.XXXXXX";

void stage_write(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	cr_assert(f, "%s", name);
	(void)fputs(text, f);
	cr_assert_eq(fclose(f), 0);
}

void stage_settings(const char *more)
{
	FILE *f = fopen("conf", "a");

	cr_assert(f && fputs(more, f) >= 0 && fclose(f) == 0);
}

void stage_enter(void)
{
	static const char *const dirs[] = { "mail",      "queue",
					    "queue/tmp", "queue/new",
					    "queue/due", "queue/hosts",
					    "queue/bad" };
	char text[2048];

	(void)umask(077);
	cr_assert(mkdtemp(dir));
	cr_assert_eq(chdir(dir), 0);
	cr_assert_eq(chmod(dir, 0755), 0);
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		cr_assert_eq(mkdir(dirs[i], 0700), 0);
	(void)snprintf(text, sizeof(text),
		       "[host]\nname = mail.example.org\n"
		       "[users]\nfile = %s/users\naliases = %s/aliases\n"
		       "[store]\ndirectory = %s/mail\n"
		       "[queue]\ndirectory = %s/queue\n"
		       "[relay]\nroutes = %s/routes\n"
		       "[tls]\ncertificates = %s/tls/*.pem\n"
		       "directory = %s/published\n"
		       "[rates]\nfile = %s/rates\n",
		       dir, dir, dir, dir, dir, dir, dir, dir);
	stage_write("conf", text);
}

void stage_leave(void)
{
	char command[64];

	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	cr_assert_eq(system(command), 0);
}

static FILE *input_of(const char *text)
{
	FILE *f = tmpfile();

	cr_assert(f);
	(void)fputs(text, f);
	rewind(f);
	return f;
}

static void catch (FILE *f, char *ret, size_t room)
{
	rewind(f);
	ret[fread(ret, 1, room - 1, f)] = '\0';
	cr_assert_eq(fclose(f), 0);
}

int stage_run(struct stage *s, cli_run *verb, const char *input, ...)
{
	struct cli c = {
		.in = input_of(input),
		.out = tmpfile(),
		.err = tmpfile(),
		.config = "conf",
	};
	char *argv[16] = { NULL };
	int argc = 0, status;
	va_list args;

	cr_assert(c.out && c.err);
	va_start(args, input);
	while ((argv[argc] = va_arg(args, char *)))
		cr_assert_lt(++argc, 16);
	va_end(args);
	status = verb(&c, argc, argv);
	cr_assert_eq(fclose(c.in), 0);
	catch (c.out, s->out, sizeof(s->out));
	catch (c.err, s->err, sizeof(s->err));
	return status;
}

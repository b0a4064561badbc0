/* SPDX-License-Identifier: ISC */
/* `postern check`: everything that the handlers will read, judged before they
 * do. Writes nothing but its report. */
#include "cli/check.h"

#include <getopt.h>

#include "cli/desk.h"

#define SETTINGS_MAX (1U << 20)
#define DUMP_MAX     (1U << 20)

static const char usage[] =
	"Usage: postern check [--dump]\n"
	"Judge the configuration and the files and directories it names.\n"
	"\n"
	"  -d, --dump  print every setting as it is in force, then end\n"
	"\n"
	"Exit status: 0 nothing to say, 1 warnings only, 2 something will not\n"
	"work.\n";

static const struct option options[] = {
	{ "dump", no_argument, NULL, 'd' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static int dump(struct cli *c, const struct settings *s)
{
	struct buf b = BUF(DUMP_MAX);
	int r = settings_dump(s, true, &b);

	if (r == 0 && fwrite(b.p, 1, b.n, c->out) != b.n)
		r = -errno;
	buf_done(&b);
	return r < 0 ? desk_fail(c, "check", "%s", strerror(-r)) : CLI_OK;
}

static void count(const struct report *r)
{
	if (r->broken + r->doubtful == 0)
		(void)fputs("All is well.\n", r->out);
	else
		(void)fprintf(r->out, "\n%u to mend, %u to look at.\n",
			      r->broken, r->doubtful);
}

static int judge(struct cli *c, struct arena *arena, bool only_dump)
{
	struct report report = { .out = c->out, .colour = c->colour };
	struct settings s;
	int r;

	if (only_dump)
		report.out = c->err;
	r = settings_read(c->config, arena, report_complaint, &report, &s);
	if (r == 0 && only_dump)
		return dump(c, &s);
	if (r == 0) {
		settings_judge(&s, report_complaint, &report);
		check_users(&s, &report);
		check_logins(&s, &report);
		check_directories(&s, &report);
		check_routing(&s, &report);
		check_tables(&s, &report);
		check_tls(&s, &report);
		check_tls_files(&s, &report);
		check_trust(&s, &report);
	}
	count(&report);
	return r < 0 || report.broken > 0 ? CLI_BROKEN
	       : report.doubtful > 0      ? CLI_FAILED
					  : CLI_OK;
}

int cli_check(struct cli *c, int argc, char **argv)
{
	struct arena *arena;
	bool only_dump = false;
	int letter, status;

	optind = 0;
	opterr = 0;
	while ((letter = getopt_long(argc, argv, "dh", options, NULL)) != -1) {
		if (letter == 'h') {
			(void)fputs(usage, c->out);
			return CLI_OK;
		}
		if (letter != 'd')
			return desk_usage(c, usage);
		only_dump = true;
	}
	if (optind < argc)
		return desk_usage(c, usage);
	arena = arena_new(SETTINGS_MAX);
	if (!arena)
		return desk_fail(c, "check", "%s", strerror(ENOMEM));
	status = judge(c, arena, only_dump);
	arena_free(arena);
	return status;
}

/* SPDX-License-Identifier: ISC */
/* postern: the postmaster's one command; its verbs are the room cli. */
#include "cli/cli.h"
#include "main/program.h"

static const char usage_head[] =
	"Usage: postern [OPTION]... VERB [ARGUMENT]...\n"
	"The postmaster's command.\n"
	"\n"
	"  -c, --config=FILE  configuration (" PROGRAM_CONFIG ")\n"
	"  -h, --help         show this help\n"
	"  -V, --version      show the version\n"
	"\n"
	"Verbs:\n";

/* "+": options behind the verb are the verb's own */
static const char letters[] = "+" PROGRAM_LETTERS;

static const struct option options[] = { PROGRAM_OPTIONS };

static void help(FILE *out)
{
	(void)fputs(usage_head, out);
	for (size_t i = 0; i < cli_verbs_n; i++)
		(void)fprintf(out, "  %-12s%s\n", cli_verbs[i].name,
			      cli_verbs[i].help);
}

static int unknown(const char *name)
{
	const struct cli_verb *near = cli_verb_similar(name);

	(void)fprintf(stderr, "postern: there is no verb '%s'", name);
	if (near)
		(void)fprintf(stderr, "; did you mean '%s'?\n", near->name);
	else
		(void)fprintf(stderr, "; try 'postern --help'\n");
	return PROGRAM_USAGE;
}

static bool wants_colour(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) == 1 && !getenv("NO_COLOR") && term &&
	       strcmp(term, "dumb") != 0;
}

static int run(const struct program *p, int argc, char **argv)
{
	const struct cli_verb *verb = cli_verb_find(argv[0]);
	struct cli c = {
		.in = stdin,
		.out = stdout,
		.err = stderr,
		.config = p->config ? p->config : PROGRAM_CONFIG,
		.colour = wants_colour(),
	};
	int status;

	if (!verb)
		return unknown(argv[0]);
	optind = 0; /* the verb reads its own options from the start */
	status = verb->run(&c, argc, argv);
	if (fflush(stdout) != 0) {
		perror("postern: standard output");
		return PROGRAM_FAILED;
	}
	return status;
}

int main(int argc, char **argv)
{
	struct program p = { .name = "postern", .usage = "" };
	int c;

	while ((c = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		if (c == 'h') {
			help(stdout);
			return PROGRAM_OK;
		}
		if (!program_option(&p, c))
			program_usage(&p, NULL);
	}
	if (optind == argc) {
		help(stderr);
		return PROGRAM_USAGE;
	}
	return run(&p, argc - optind, argv + optind);
}

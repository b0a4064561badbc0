/* SPDX-License-Identifier: ISC */
/* See desk.h. */
#include "cli/desk.h"

#include <stdarg.h>

#include "cli/report.h"

#define SETTINGS_MAX (1U << 20)

static void only_fatal(void *context, const struct complaint *c)
{
	if (c->fatal)
		report_complaint(context, c);
}

int desk_open(struct cli *c, struct desk *ret)
{
	struct report report = { .out = c->err };

	*ret = (struct desk){ .arena = arena_new(SETTINGS_MAX) };
	if (!ret->arena)
		return desk_fail(c, "settings", "%s", strerror(ENOMEM));
	if (settings_read(c->config, ret->arena, only_fatal, &report,
			  &ret->settings) == 0)
		return CLI_OK;
	return CLI_FAILED;
}

void desk_done(struct desk *d)
{
	arena_free(d->arena);
	d->arena = NULL;
}

int desk_fail(struct cli *c, const char *verb, const char *what, ...)
{
	va_list args;

	(void)fprintf(c->err, "postern %s: ", verb);
	va_start(args, what);
	(void)vfprintf(c->err, what, args);
	va_end(args);
	(void)fputc('\n', c->err);
	return CLI_FAILED;
}

int desk_usage(struct cli *c, const char *usage)
{
	(void)fputs(usage, c->err);
	return CLI_USAGE;
}

static bool asks_for_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
	       strcmp(word, "help") == 0;
}

int desk_dispatch(struct cli *c, int argc, char **argv,
		  const struct desk_verb *verbs, size_t n, const char *usage)
{
	if (argc < 2)
		return verbs[0].run(c, argc, argv);
	if (asks_for_help(argv[1])) {
		(void)fputs(usage, c->out);
		return CLI_OK;
	}
	for (size_t i = 0; i < n; i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			return verbs[i].run(c, argc - 1, argv + 1);
	return desk_usage(c, usage);
}

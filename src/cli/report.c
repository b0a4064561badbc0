/* SPDX-License-Identifier: ISC */
/* See report.h. */
#include "cli/report.h"

#include <stdarg.h>

#define TEXT_MAX 1024

static void print_place(const struct report *r, struct ini_place at)
{
	if (!at.file)
		return;
	(void)fprintf(r->out, "%s%s", r->colour ? "\033[1m" : "", at.file);
	if (at.line > 0)
		(void)fprintf(r->out, ":%u", at.line);
	(void)fprintf(r->out, ":%s ", r->colour ? "\033[0m" : "");
}

static void print_problem(const struct report *r, const struct complaint *c)
{
	const char *start = "", *end = "";

	if (r->colour) {
		start = c->fatal ? "\033[31m" : "\033[33m";
		end = "\033[0m";
	}
	(void)fprintf(r->out, "%s%s%s%s\n", start,
		      c->fatal ? "" : "warning: ", c->problem, end);
}

void report_complaint(void *context, const struct complaint *c)
{
	struct report *r = context;

	print_place(r, c->at);
	print_problem(r, c);
	if (c->remedy)
		(void)fprintf(r->out, "    %s\n", c->remedy);
	if (c->fatal)
		r->broken++;
	else
		r->doubtful++;
}

PRINTF_LIKE(3, 0)
static void put(struct report *r, struct complaint *c, const char *problem,
		va_list args)
{
	char text[TEXT_MAX];

	(void)vsnprintf(text, sizeof(text), problem, args);
	c->problem = text;
	report_complaint(r, c);
}

void report_broken(struct report *r, const char *file, unsigned line,
		   const char *remedy, const char *problem, ...)
{
	struct complaint c = {
		.at = { file, line },
		.remedy = remedy,
		.fatal = true,
	};
	va_list args;

	va_start(args, problem);
	put(r, &c, problem, args);
	va_end(args);
}

void report_doubtful(struct report *r, const char *file, unsigned line,
		     const char *remedy, const char *problem, ...)
{
	struct complaint c = { .at = { file, line }, .remedy = remedy };
	va_list args;

	va_start(args, problem);
	put(r, &c, problem, args);
	va_end(args);
}

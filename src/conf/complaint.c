/* SPDX-License-Identifier: ISC */
/* See complaint.h. */
#include "conf/complaint.h"

#include <stdarg.h>

#include "base/escape.h"

#define SHOWN 50 /* octets of what is quoted */

const char *complaint_quote(struct slice s, char ret[COMPLAINT_QUOTE_MAX])
{
	struct buf b = BUF(COMPLAINT_QUOTE_MAX - 3);

	if (escape_text(&b, s, SHOWN) < 0)
		buf_reset(&b);
	(void)snprintf(ret, COMPLAINT_QUOTE_MAX, "'%.*s'",
		       SLICE_ARG(buf_slice(&b)));
	buf_done(&b);
	return ret;
}

PRINTF_LIKE(3, 0)
static void give_out(struct complainer *c, struct complaint what,
		     const char *problem, va_list args)
{
	char text[COMPLAINT_TEXT_MAX];

	(void)vsnprintf(text, sizeof(text), problem, args);
	what.problem = text;
	if (c->complain)
		c->complain(c->context, &what);
}

void complain_fatal(struct complainer *c, struct ini_place at,
		    const char *remedy, const char *problem, ...)
{
	const struct complaint what = { .at = at,
					.remedy = remedy,
					.fatal = true };
	va_list args;

	c->fatal = true;
	va_start(args, problem);
	give_out(c, what, problem, args);
	va_end(args);
}

void complain_doubtful(struct complainer *c, struct ini_place at,
		       const char *remedy, const char *problem, ...)
{
	const struct complaint what = { .at = at, .remedy = remedy };
	va_list args;

	va_start(args, problem);
	give_out(c, what, problem, args);
	va_end(args);
}

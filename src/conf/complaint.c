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

void complain_fatal(struct complainer *c, struct ini_place at,
		    const char *remedy, const char *problem, ...)
{
	char text[COMPLAINT_TEXT_MAX];
	va_list args;

	va_start(args, problem);
	(void)vsnprintf(text, sizeof(text), problem, args);
	va_end(args);
	c->fatal = true;
	if (c->complain)
		c->complain(c->context, &(struct complaint){ .at = at,
							     .problem = text,
							     .remedy = remedy,
							     .fatal = true });
}

/* SPDX-License-Identifier: ISC */
/* See shown.h. */
#include "cli/shown.h"

#include "base/escape.h"
#include "conf/quantity.h"

const char *shown_text(struct slice s, char ret[SHOWN_MAX])
{
	/* every octet may become four, and the dots want their place */
	struct buf b = BUF(SHOWN_MAX - 1);

	if (escape_text(&b, s, SHOWN_MAX / 4 - 4) < 0)
		buf_reset(&b);
	(void)snprintf(ret, SHOWN_MAX, "%.*s", SLICE_ARG(buf_slice(&b)));
	buf_done(&b);
	return ret;
}

const char *shown_size(uint64_t octets, char ret[SHOWN_MAX])
{
	struct buf b = BUF(SHOWN_MAX - 1);

	if (quantity_format_about(&b, octets) < 0)
		buf_reset(&b);
	(void)snprintf(ret, SHOWN_MAX, "%.*s", SLICE_ARG(buf_slice(&b)));
	buf_done(&b);
	return ret;
}

const char *shown_span(int64_t us, char ret[SHOWN_MAX])
{
	long long s = us < 0 ? 0 : us / 1000000;

	if (s < 120)
		(void)snprintf(ret, SHOWN_MAX, "%lld s", s);
	else if (s < 2 * 3600)
		(void)snprintf(ret, SHOWN_MAX, "%lld min", s / 60);
	else if (s < 48 * 3600)
		(void)snprintf(ret, SHOWN_MAX, "%lld h", s / 3600);
	else
		(void)snprintf(ret, SHOWN_MAX, "%lld d", s / 86400);
	return ret;
}

/* SPDX-License-Identifier: ISC */
/* See steps.h. */
#include "auth/steps.h"

static void wipe(struct slice said)
{
	if (said.n > 0)
		explicit_bzero((char *)said.p, said.n);
}

enum line_event auth_read(const struct auth_hooks *h, struct stream *s,
			  bool lenient, struct slice *ret)
{
	enum line_event event = line_read(s, AUTH_LINE_MAX, lenient, ret);

	if (event == LINE_OK && !slice_eq(*ret, SLICE("*")))
		return event;
	h->cancel(h->context);
	*ret = SLICE_NONE;
	return event;
}

enum auth_step auth_begin(const struct auth_hooks *h, struct slice mechanism,
			  struct slice initial, struct slice *ret)
{
	struct slice given = initial.n > 0 ? initial : SLICE_NONE;
	enum auth_step step = h->begin(h->context, mechanism, given, ret);

	wipe(initial);
	return step;
}

enum auth_step auth_next(const struct auth_hooks *h, struct slice response,
			 struct slice *ret)
{
	enum auth_step step = h->next(h->context, response, ret);

	wipe(response);
	return step;
}

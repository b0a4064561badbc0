/* SPDX-License-Identifier: ISC */
/* See double.h. */
#include <criterion/criterion.h>

#include "tests/unit/smtp/double.h"

static struct verdict take_mail(void *context, const struct addr *from,
				uint64_t size)
{
	(void)context;
	(void)from;
	(void)size;
	return (struct verdict){ .reply = REPLY_SENDER_OK };
}

static struct verdict take_rcpt(void *context, const struct addr *to,
				const struct recipient *asked,
				struct envelope *env, struct arena *arena)
{
	struct recipient *r = envelope_add(env, arena);

	(void)context;
	(void)to;
	cr_assert(r);
	*r = *asked;
	return (struct verdict){ .reply = REPLY_RCPT_OK };
}

static int take_begin(void *context, struct envelope *env)
{
	(void)context;
	(void)env;
	return 0;
}

static int take_bytes(void *context, struct slice bytes)
{
	(void)context;
	(void)bytes;
	return 0;
}

static int take_commit(void *context, uint64_t octets)
{
	(void)context;
	(void)octets;
	return 0;
}

static void take_abort(void *context)
{
	(void)context;
}

struct smtp_hooks double_hooks(void *context)
{
	return (struct smtp_hooks){
		.context = context,
		.mail = take_mail,
		.rcpt = take_rcpt,
		.begin = take_begin,
		.write = take_bytes,
		.commit = take_commit,
		.abort = take_abort,
	};
}

void double_codes(struct slice out, char *ret, size_t room)
{
	struct slice line;
	size_t n = 0;

	ret[0] = '\0';
	while (slice_field(&out, '\n', &line) && n + 5 < room)
		if (line.n > 3 && line.p[3] == ' ')
			n += (size_t)snprintf(ret + n, room - n, "%s%.3s",
					      n > 0 ? " " : "", line.p);
}

/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "conf/settings.h"

static void note(void *context, const struct complaint *c)
{
	cr_assert(c->problem && c->remedy);
	cr_assert_not(c->fatal);
	++*(int *)context;
}

static int judge(struct settings *s)
{
	int n = 0;

	settings_judge(s, note, &n);
	return n;
}

Test(judge, advises)
{
	struct arena *arena = arena_new(65536);
	struct network all = { .bits = 0 }, all_v4 = { .bits = 96 };
	struct settings s, t;

	cr_assert_eq(settings_default(arena, &s), 0);
	s.host.name = SLICE("mail.example.org");
	cr_assert_eq(judge(&s), 0);
	t = s;
	t.host.name = SLICE("mail");
	cr_assert_eq(judge(&t), 1);
	t = s;
	t.smtp.networks = (struct networks){ &all, 1 };
	cr_assert_eq(judge(&t), 1);
	t.smtp.networks = (struct networks){ &all_v4, 1 };
	cr_assert_eq(judge(&t), 1);
	t = s;
	t.pop3.idle_s = 599;
	t.smtp.command_s = 299;
	t.smtp.data_s = 179;
	t.smtp.recipients_max = 99;
	cr_assert_eq(judge(&t), 4);
	t = s;
	t.queue.expire_s = t.queue.warn_s = 3600;
	cr_assert_eq(judge(&t), 2);
	arena_free(arena);
}

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
	struct network some = { .bits = 128 };
	uint16_t port = 10025;
	struct domain_quota own, foreign = { .domain = SLICE("b.example") };
	struct settings s, t;

	cr_assert_eq(settings_default(arena, &s), 0);
	s.host.name = SLICE("mail.example.org");
	own = (struct domain_quota){ .domain = s.domains.local.v[0] };
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
	t.smtp.xclient = (struct networks){ &all, 1 };
	t.proxy.networks = (struct networks){ &all_v4, 1 };
	cr_assert_eq(judge(&t), 2);
	t = s;
	t.proxy.ports = (struct ports){ &port, 1 };
	cr_assert_eq(judge(&t), 1);
	t.proxy.networks = (struct networks){ &some, 1 };
	cr_assert_eq(judge(&t), 0);
	t = s;
	t.quota.domains = (struct domain_quotas){ &own, 1 };
	cr_assert_eq(judge(&t), 0);
	t.quota.domains = (struct domain_quotas){ &foreign, 1 };
	cr_assert_eq(judge(&t), 1);
	t = s;
	t.quota.octets = t.smtp.message_max;
	cr_assert_eq(judge(&t), 0);
	t.quota.octets--;
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

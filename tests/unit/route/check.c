/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "tests/unit/route/house.h"

struct heard {
	unsigned lines[16];
	size_t n;
};

static void hear(void *context, const struct complaint *c)
{
	struct heard *heard = context;

	cr_expect(c->problem[0] && c->remedy[0] && c->at.file);
	if (heard->n < ARRAY_LEN(heard->lines))
		heard->lines[heard->n++] = c->at.line;
}

Test(check, names_the_lines)
{
	static const char aliases[] = "good: alice, \\alice, x@y.example\n"
				      "bad: |cat\n"
				      "no colon\n"
				      "a: b\n"
				      "b: a\n"
				      "dead: gone\n"
				      "@virtual.example: alice\n"
				      "x@strange.example: alice\n";
	static const char routes[] =
		"* = [192.0.2.1]\n"
		"bad..example = :25\n"
		"example.net = :99999\n"
		".example.net = mx.example:25\n"
		"a.example = mx.example tls=verify\n"
		"b.example = mx.example tls=sometimes\n"
		"c.example = mx.example auth=x tls=never\n";
	static const unsigned wanted[] = { 2, 3, 4, 5, 6, 8, 2, 3, 6, 7 };
	struct heard heard = { .n = 0 };
	struct house h;

	house_new(&h, "alice:!\n", aliases, routes);
	cr_expect_eq(route_check(&h.settings, hear, &heard), -EINVAL);
	cr_expect_eq(heard.n, ARRAY_LEN(wanted));
	for (size_t i = 0; i < heard.n && i < ARRAY_LEN(wanted); i++)
		cr_expect_eq(heard.lines[i], wanted[i], "%zu: %u", i,
			     heard.lines[i]);
	house_done(&h);
}

Test(check, silent_when_all_is_well)
{
	struct heard heard = { .n = 0 };
	struct house h;

	house_new(&h, "alice:!\n", "root: alice\n", NULL);
	cr_expect_eq(route_check(&h.settings, hear, &heard), 0);
	cr_expect_eq(heard.n, 0);
	house_done(&h);
}

/* One complaint's words. */
struct told {
	char problem[400], remedy[400];
	size_t n;
};

static void take(void *context, const struct complaint *c)
{
	struct told *w = context;

	w->n++;
	(void)snprintf(w->problem, sizeof(w->problem), "%s", c->problem);
	(void)snprintf(w->remedy, sizeof(w->remedy), "%s", c->remedy);
}

/* As in a stock /etc/aliases. */
Test(check, says_whom_an_alias_misses)
{
	struct told w = { .n = 0 };
	char remedy[400];
	struct house h;

	house_new(&h, "alice:!\n", "postmaster: root\n", NULL);
	(void)snprintf(remedy, sizeof(remedy), "add root: NAME to %s",
		       h.settings.users.aliases.p);
	cr_expect_eq(route_check(&h.settings, take, &w), -EINVAL);
	cr_expect_eq(w.n, 1);
	cr_expect_str_eq(w.problem,
			 "it names 'root', who is neither user nor alias");
	cr_expect_str_eq(w.remedy, remedy);
	house_done(&h);
}

Test(check, a_route_for_a_domain_of_ours)
{
	struct told w = { .n = 0 };
	struct house h;

	house_new(&h, "alice:!\n", NULL, "example.org = [192.0.2.1]\n");
	cr_expect_eq(route_check(&h.settings, take, &w), 0,
		     "no more than a "
		     "warning");
	cr_expect_eq(w.n, 1);
	cr_expect_str_eq(w.problem, "mail for 'example.org' stays here: it is "
				    "one of our domains");
	house_done(&h);
}

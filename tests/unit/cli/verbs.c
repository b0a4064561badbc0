/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "stage.h"

Test(verbs, are_found_by_name)
{
	cr_assert_eq(cli_verb_find("queue")->run, cli_queue);
	cr_assert_null(cli_verb_find("que"));
	cr_assert_str_eq(cli_verb_similar("chekc")->name, "check");
	cr_assert_null(cli_verb_similar("frobnicate"));
	for (size_t i = 0; i < cli_verbs_n; i++)
		cr_assert_gt(strlen(cli_verbs[i].help), 10);
}

Test(verbs, explain_themselves, .init = stage_enter, .fini = stage_leave)
{
	struct stage s;

	for (size_t i = 0; i < cli_verbs_n; i++) {
		const struct cli_verb *v = &cli_verbs[i];

		cr_assert_eq(stage_run(&s, v->run, "", v->name, "--help", NULL),
			     CLI_OK);
		cr_assert_eq(strncmp(s.out, "Usage: ", 7), 0, "%s", s.out);
		cr_assert_eq(
			stage_run(&s, v->run, "", v->name, "nonsense", NULL),
			CLI_USAGE);
		cr_assert_eq(strncmp(s.err, "Usage: ", 7), 0, "%s", s.err);
	}
}

Test(verbs, a_broken_configuration_is_said, .init = stage_enter,
     .fini = stage_leave)
{
	struct stage s;

	stage_write("conf", "[smtp]\nhops_max = x\n");
	cr_assert_eq(stage_run(&s, cli_user, "", "user", NULL), CLI_FAILED);
	cr_assert_eq(strncmp(s.err, "conf:2: hops_max cannot be 'x'\n", 31), 0,
		     "%s", s.err);
	cr_assert_eq(stage_run(&s, cli_queue, "", "queue", NULL), CLI_FAILED);
	cr_assert_eq(stage_run(&s, cli_check, "", "check", NULL), CLI_BROKEN);
	cr_assert(strstr(s.out, "1 to mend"), "%s", s.out);
}

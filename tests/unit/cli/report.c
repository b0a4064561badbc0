/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "cli/report.h"

Test(report, place_problem_remedy)
{
	char text[1024] = "";
	FILE *f = tmpfile();
	struct report r = { .out = f };

	report_broken(&r, "f", 3, "mend it", "%s is %d", "x", 4);
	report_doubtful(&r, "f", 0, "look", "odd");
	report_doubtful(&r, NULL, 0, NULL, "nowhere");
	cr_assert_eq(r.broken, 1);
	cr_assert_eq(r.doubtful, 2);
	rewind(f);
	cr_assert_gt(fread(text, 1, sizeof(text) - 1, f), 0);
	cr_assert_str_eq(text, "f:3: x is 4\n    mend it\n"
			       "f: warning: odd\n    look\n"
			       "warning: nowhere\n");
	cr_assert_eq(fclose(f), 0);
}

Test(report, colours_on_a_terminal_only)
{
	char text[1024] = "";
	FILE *f = tmpfile();
	struct report r = { .out = f, .colour = true };

	report_broken(&r, "f", 3, "mend it", "x");
	rewind(f);
	cr_assert_gt(fread(text, 1, sizeof(text) - 1, f), 0);
	cr_assert_str_eq(text, "\033[1mf:3:\033[0m \033[31mx\033[0m\n"
			       "    mend it\n");
	cr_assert_eq(fclose(f), 0);
}

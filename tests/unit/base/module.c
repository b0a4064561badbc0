/* SPDX-License-Identifier: ISC */
#include "base/module.h"

#include <criterion/criterion.h>

Test(module, is_looked_for_where_the_program_lies)
{
	char path[PATH_MAX], us[PATH_MAX] = "";

	cr_assert(readlink("/proc/self/exe", us, sizeof(us) - 1) > 0);
	for (int i = 0; i < 2; i++) { /* asked, and remembered */
		cr_assert(module_beside_us(strrchr(us, '/') + 1, path));
		cr_assert_str_eq(path, us);
	}
}

Test(module, has_no_name_that_no_path_can_hold)
{
	char path[PATH_MAX], name[PATH_MAX];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	cr_assert_not(module_beside_us(name, path));
}

Test(module, that_is_not_there_is_none)
{
	cr_assert_null(module_load("no-such-module.so", "none", NULL));
}

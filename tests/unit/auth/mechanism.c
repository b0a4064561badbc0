/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "auth/mechanism.h"

#define ALL "SCRAM-SHA-256-PLUS SCRAM-SHA-256 EXTERNAL PLAIN LOGIN"

static char with_keys[] = "/tmp/postern-mechanism.XXXXXX";
static char empty[] = "/tmp/postern-mechanism.XXXXXX";

static const struct {
	const char *mechanisms, *passwords;
	bool accounts;
	const char *system, *checkpassword, *offered;
} rows[] = {
	{ "auto", with_keys, false, "yes", "", ALL },
	{ "auto", with_keys, true, "no", "", ALL },
	/* accounts of the system have no keys */
	{ "auto", with_keys, true, "yes", "", "EXTERNAL PLAIN LOGIN" },
	{ "auto", with_keys, true, "only", "", "EXTERNAL PLAIN LOGIN" },
	/* nor has anybody where there is no file of them */
	{ "Auto", empty, false, "no", "", "EXTERNAL PLAIN LOGIN" },
	{ "auto", "/nonexistent/x", false, "no", "", "EXTERNAL PLAIN LOGIN" },
	{ "auto", with_keys, false, "no", "/bin/x", "EXTERNAL PLAIN LOGIN" },
	{ "auto LOGIN", with_keys, true, "yes", "", "EXTERNAL PLAIN LOGIN" },
	/* who names them will know */
	{ "SCRAM-SHA-256 PLAIN", empty, true, "yes", "",
	  "SCRAM-SHA-256 PLAIN" },
};

Test(mechanism, scram_where_all_have_keys)
{
	const struct auth_scene scene = { .tls = true,
					  .plaintext = true,
					  .external = SLICE("user"),
					  .binding = SLICE("binding") };
	int fd = mkstemp(with_keys);

	cr_assert(fd >= 0 && write(fd, "x::y\n", 5) == 5);
	cr_assert(close(fd) == 0 && close(mkstemp(empty)) == 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char list[MECHANISM_LIST_MAX];
		struct settings s = {
			.users.system = rows[i].accounts,
			.auth = {
				.mechanisms = slice_of(rows[i].mechanisms),
				.passwords = slice_of(rows[i].passwords),
				.system = slice_of(rows[i].system),
				.checkpassword =
					slice_of(rows[i].checkpassword),
				.cleartext = SLICE("auto"),
			},
		};

		mechanism_list(&s, &scene, list);
		cr_expect_str_eq(list, rows[i].offered, "row %zu", i);
	}
	(void)unlink(with_keys);
	(void)unlink(empty);
}

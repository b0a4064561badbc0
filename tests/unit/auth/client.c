/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "auth/client.h"

static const char *chosen(const char *offered, const char *binding)
{
	struct auth_client_config config = {
		.user = "me",
		.password = "secret",
		.offered = slice_of(offered),
		.binding = slice_of(binding),
	};
	struct auth_client *a = NULL;
	const char *name;
	int r = auth_client_new(&config, &a);

	if (r < 0)
		return r == -ENOTSUP ? "none" : "trouble";
	name = auth_client_mechanism(a);
	auth_client_free(a);
	return name;
}

/* What does not show the password goes first. */
Test(client, the_best_is_chosen)
{
	static const struct {
		const char *offered, *binding, *chosen;
	} rows[] = {
		{ "PLAIN LOGIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS", "x",
		  "SCRAM-SHA-256-PLUS" },
		{ "PLAIN LOGIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS", "",
		  "SCRAM-SHA-256" },
		{ "login plain", "x", "PLAIN" },
		{ "LOGIN", "x", "LOGIN" },
		{ "PLAINER SCRAM-SHA-1 CRAM-MD5", "x", "none" },
		{ "SCRAM-SHA-256-PLUS", "", "none" },
		{ "", "", "none" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_expect_str_eq(chosen(rows[i].offered, rows[i].binding),
				 rows[i].chosen, "%zu", i);
}

/* RFC 5802 §5.1: "n,," and "p=tls-exporter,," in base64. */
Test(client, the_binding_is_announced)
{
	static const struct {
		const char *offered, *begins;
	} rows[] = {
		{ "SCRAM-SHA-256", "biws" },
		{ "SCRAM-SHA-256-PLUS", "cD10bHMtZXhwb3J0ZXIsL" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct auth_client_config config = {
			.user = "me",
			.password = "secret",
			.offered = slice_of(rows[i].offered),
			.binding = SLICE("01234567890123456789012345678901"),
		};
		struct auth_client *a = NULL;
		struct slice out = SLICE_NONE;

		cr_assert_eq(auth_client_new(&config, &a), 0);
		cr_assert(auth_client_begins(a));
		cr_assert_eq(auth_client_step(a, SLICE_NONE, &out), 0);
		cr_assert(slice_starts(out, slice_of(rows[i].begins)), "%s",
			  out.p);
		cr_assert(!auth_client_done(a), "the host has shown nothing");
		auth_client_free(a);
	}
}

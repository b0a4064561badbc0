/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "auth/scram.h"

/* RFC 7677 §3: user "user", password "pencil". The keys follow from its salt
 * and rounds; its proofs are checked in judge.c. */
#define SALT "W22ZaJ0SNY7soEsUEjb6gQ=="
static const char keys_of_pencil[] =
	"4096," SALT ",WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,"
	"wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

Test(scram, keys_are_those_of_the_rfc)
{
	struct scram_keys k;
	char text[SCRAM_TEXT_MAX];

	cr_assert_eq(scram_parse(slice_of(keys_of_pencil), &k), 0);
	cr_assert_eq(k.iterations, 4096);
	memset(k.stored, 0, sizeof(k.stored));
	memset(k.server, 0, sizeof(k.server));
	cr_assert_eq(scram_derive(SLICE("pencil"), &k), 0);
	scram_format(&k, text);
	cr_assert_str_eq(text, keys_of_pencil);
	cr_assert_eq(scram_fits(&k, SLICE("pencil")), 1);
	cr_assert_eq(scram_fits(&k, SLICE("pencils")), 0);
	cr_assert_eq(scram_fits(&k, SLICE("")), 0);
}

Test(scram, what_is_no_key_is_refused)
{
	static const char *const rows[] = {
		"",
		"4096",
		"4096,,,",
		"0," SALT ",AAAA,AAAA",
		"4096,!,AAAA,AAAA",
		"4096," SALT ",AAAA,AAAA",
		"99999999999," SALT ",AAAA,AAAA",
	};
	char longer[SCRAM_TEXT_MAX + 8];
	struct scram_keys k;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_assert_eq(scram_parse(slice_of(rows[i]), &k), -EINVAL, "%s",
			     rows[i]);
	(void)snprintf(longer, sizeof(longer), "%s,", keys_of_pencil);
	cr_assert_eq(scram_parse(slice_of(longer), &k), -EINVAL);
}

Test(scram, a_made_up_salt_is_stable)
{
	struct scram_keys a, b, c;

	cr_assert_eq(scram_fake(SLICE("s"), SLICE("nobody"), 4096, &a), 0);
	cr_assert_eq(scram_fake(SLICE("s"), SLICE("nobody"), 4096, &b), 0);
	cr_assert_eq(scram_fake(SLICE("s"), SLICE("no one"), 4096, &c), 0);
	cr_assert_arr_eq(a.salt, b.salt, a.salt_n);
	cr_assert_arr_neq(a.salt, c.salt, a.salt_n);
	cr_assert_arr_neq(a.stored, b.stored, sizeof(a.stored));
}

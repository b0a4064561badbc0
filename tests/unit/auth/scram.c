/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "auth/sasl.h"
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

/* scram_derive does without the library where a password is its own prepared
 * form; here the library says the same. */
Test(scram, printable_ascii_is_prepared)
{
	for (char c = ' '; c <= '~'; c++) {
		const char text[] = { 'a', c, ' ', c, '\0' };
		char *prepared;

		cr_assert_eq(postern_sasl.prepare(text, &prepared), 0, "%d", c);
		cr_assert_str_eq(prepared, text);
		postern_sasl.drop(prepared);
	}
}

/* RFC 4013 §3 */
Test(scram, passwords_are_prepared)
{
	static const struct {
		const char *given, *as; /* NULL: refused */
	} rows[] = {
		{ "I\xc2\xadX", "IX" },   { "user", "user" },
		{ "\xc2\xaa", "a" },      { "\xe2\x85\xa8", "IX" },
		{ "a\xc2\xa0z", "a z" },  { "\x07", NULL },
		{ "\xd8\xa7\x31", NULL }, { "\xff", NULL },
		{ "a\x7f", NULL },
	};
	struct scram_keys k, as;

	cr_assert_eq(scram_parse(slice_of(keys_of_pencil), &k), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int r = scram_derive(slice_of(rows[i].given), &k);

		cr_assert_eq(r, rows[i].as ? 0 : -EINVAL, "%s", rows[i].given);
		if (!rows[i].as)
			continue;
		as = k;
		cr_assert_eq(scram_derive(slice_of(rows[i].as), &as), 0);
		cr_assert_arr_eq(as.stored, k.stored, SCRAM_KEY_BYTES);
	}
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
	static const struct scram_shape shape = { 4096, SCRAM_SALT_MAX };
	struct scram_keys a, b, c;

	cr_assert_eq(scram_fake(SLICE("s"), SLICE("nobody"), &shape, &a), 0);
	cr_assert_eq(scram_fake(SLICE("s"), SLICE("nobody"), &shape, &b), 0);
	cr_assert_eq(scram_fake(SLICE("s"), SLICE("no one"), &shape, &c), 0);
	cr_assert_eq(a.iterations, 4096);
	cr_assert_eq(a.salt_n, SCRAM_SALT_MAX);
	cr_assert_arr_neq(a.salt, a.salt + 32, 32);
	cr_assert_arr_eq(a.salt, b.salt, a.salt_n);
	cr_assert_arr_neq(a.salt, c.salt, a.salt_n);
	cr_assert_arr_neq(a.stored, b.stored, sizeof(a.stored));
}

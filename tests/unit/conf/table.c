/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "conf/table.h"
#include "conf/value.h"

static int by_offset(const void *a, const void *b)
{
	const struct setting *const *x = a, *const *y = b;

	return ((*x)->offset > (*y)->offset) - ((*x)->offset < (*y)->offset);
}

static size_t aligned(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

/* A field of struct settings without a row would leave a gap. */
Test(table, rows_fill_the_struct)
{
	const struct setting *rows[128];
	size_t end = 0;

	cr_assert_leq(settings_table_n, ARRAY_LEN(rows));
	for (size_t i = 0; i < settings_table_n; i++)
		rows[i] = &settings_table[i];
	qsort(rows, settings_table_n, sizeof(*rows), by_offset);
	for (size_t i = 0; i < settings_table_n; i++) {
		size_t bytes = setting_bytes(rows[i]->type);
		size_t to = bytes < 8 ? bytes : 8;

		cr_assert_eq(rows[i]->offset, aligned(end, to),
			     "in front of %s.%s", rows[i]->section,
			     rows[i]->key);
		end = rows[i]->offset + bytes;
	}
	cr_assert_eq(aligned(end, 8), sizeof(struct settings));
}

Test(table, sections_stand_together_and_names_are_plain)
{
	for (size_t i = 0; i < settings_table_n; i++) {
		const struct setting *s = &settings_table[i];
		bool left = false;

		for (const char *p = s->key; *p; p++)
			cr_assert((*p >= 'a' && *p <= 'z') || *p == '_' ||
					  ascii_is_digit(*p),
				  "%s", s->key);
		for (size_t j = i + 1; j < settings_table_n; j++) {
			const struct setting *t = &settings_table[j];
			bool same = strcmp(s->section, t->section) == 0;

			cr_assert_not(same && strcmp(s->key, t->key) == 0,
				      "%s.%s twice", s->section, s->key);
			cr_assert_not(same && left, "[%s] in two pieces",
				      s->section);
			left |= !same;
		}
	}
}

Test(table, every_row_has_help_and_a_choice_its_choices)
{
	for (size_t i = 0; i < settings_table_n; i++) {
		const struct setting *s = &settings_table[i];
		size_t n = strlen(s->help);

		cr_assert(n > 0 && s->help[n - 1] == '.', "%s", s->key);
		cr_assert_eq(s->type == SETTING_CHOICE ||
				     s->type == SETTING_CHOICES,
			     s->choices != NULL, "%s", s->key);
		cr_assert_leq(s->min, s->max > 0 ? s->max : s->min);
	}
}

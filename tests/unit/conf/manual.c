/* SPDX-License-Identifier: ISC */
/* postern.conf(5) and the table of settings say the same. */
#include <criterion/criterion.h>

#include "base/buf.h"
#include "conf/table.h"

#define PAGE "doc/man/postern.conf.5"

/* make(1) says where the sources are; by hand: from the top of them. */
static void load(struct buf *page)
{
	const char *top = getenv("srcdir");
	char path[PATH_MAX];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", top ? top : ".", PAGE);
	f = fopen(path, "r");
	cr_assert(f, "%s", path);
	cr_assert_eq(buf_reserve(page, 1 << 18), 0);
	page->n = fread(page->p, 1, 1 << 18, f);
	cr_assert_eq(fclose(f), 0);
}

/* Where make was told to put things; the page says where Debian has them. */
static struct slice as_in_page(struct slice initial, char *room, size_t n)
{
	static const char *const dirs[][2] = {
		{ SYSCONFDIR, "/etc" },
		{ LOCALSTATEDIR, "/var" },
		{ SBINDIR, "/usr/sbin" },
	};

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		if (slice_starts(initial, slice_of(dirs[i][0]))) {
			(void)snprintf(room, n, "%s%s", dirs[i][1],
				       initial.p + strlen(dirs[i][0]));
			return slice_of(room);
		}
	return initial;
}

static void check_item(struct slice section, struct slice item)
{
	size_t at = slice_find(item, '=');
	struct slice key = slice_trim(slice_upto(item, at));
	struct slice initial = slice_trim(slice_from(item, at + 1));

	for (size_t i = 0; i < settings_table_n; i++) {
		const struct setting *s = &settings_table[i];
		char room[PATH_MAX];

		if (slice_eq(section, slice_of(s->section)) &&
		    slice_eq(key, slice_of(s->key))) {
			cr_assert(slice_eq(initial,
					   as_in_page(slice_of(s->initial),
						      room, sizeof(room))),
				  "default of %s.%s", s->section, s->key);
			return;
		}
	}
	cr_assert_fail("%.*s.%.*s is no setting", SLICE_ARG(section),
		       SLICE_ARG(key));
}

Test(manual, lists_every_setting_with_its_default)
{
	struct buf page = BUF(1 << 18);
	struct slice rest, line, section = SLICE_NONE;
	size_t n = 0;

	load(&page);
	rest = buf_slice(&page);
	while (slice_field(&rest, '\n', &line)) {
		if (slice_starts(line, SLICE(".Ss ["))) {
			section = slice_from(line, 5);
			section.n--;
		} else if (slice_starts(line, SLICE(".It Cm "))) {
			check_item(section, slice_from(line, 7));
			n++;
		}
	}
	cr_assert_eq(n, settings_table_n);
	buf_done(&page);
}

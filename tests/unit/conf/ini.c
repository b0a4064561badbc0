/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "conf/ini.h"

/* What the reader said, as text. */
static void on_entry(void *context, struct ini_place at, struct slice section,
		     struct slice key, struct slice value)
{
	int r = buf_printf(context, "%u:%.*s.%.*s=%.*s|", at.line,
			   SLICE_ARG(section), SLICE_ARG(key),
			   SLICE_ARG(value));

	cr_assert_eq(r, 0);
}

static void on_trouble(void *context, struct ini_place at, const char *what,
		       const char *remedy)
{
	cr_assert(what && remedy && *what && *remedy);
	cr_assert_eq(buf_printf(context, "%u!%s|", at.line, what), 0);
}

#define LONG_40  "0123456789012345678901234567890123456789"
#define LONG_200 LONG_40 LONG_40 LONG_40 LONG_40 LONG_40
#define TOO_LONG "the line is too long"
#define NOT_TEXT "the line holds a NUL or another control character"
#define NOTHING  "the line begins with a blank and continues nothing"
#define NEITHER  "this is neither a section nor a setting"
#define SECTION  "this is no section"
#define COMMENT  "a comment begins with # or ; at a line's start"

static const struct {
	struct slice text;
	const char *said;
} rows[] = {
	{ SLICE(""), "" },
	{ SLICE("[a]\nb = c\n"), "2:a.b=c|" },
	{ SLICE("[a]\nb = c"), "2:a.b=c|" },
	{ SLICE("[a]\r\nb = c\r\n d\r\n"), "2:a.b=c d|" },
	{ SLICE("\xef\xbb\xbf[a]\nb=c\n"), "2:a.b=c|" },
	{ SLICE("b=c\n"), "1:.b=c|" },
	/* a section that holds nothing */
	{ SLICE("[a]\n# x\n[b]\nc=1\n[d]\n"), "1:a.=|4:b.c=1|5:d.=|" },
	{ SLICE("[a]\nb=\n"), "2:a.b=|" },
	{ SLICE("[a]\nb=\n c\n\td e\n"), "2:a.b=c d e|" },
	{ SLICE("[a]\nb=1\n# x\n;y\n\n  # z\n 2\nc=3\n"),
	  "2:a.b=1 2|8:a.c=3|" },
	{ SLICE("[a]\nb=1\nb=2\n"), "2:a.b=1|3:a.b=2|" },
	{ SLICE("[a]\nb=x=y\n[c]\nd=e;f\n"), "2:a.b=x=y|4:c.d=e;f|" },
	{ SLICE("[a]\nb = c ; d\nc=1\n"), "2!" COMMENT "|3:a.c=1|" },
	{ SLICE("[a]\nb = c\n d ; e\nc=1\n"), "3!" COMMENT "|4:a.c=1|" },
	{ SLICE(" [a]\n"), "1!" NOTHING "|" },
	{ SLICE("[a]\n b=c\n"), "2!" NOTHING "|" },
	{ SLICE("[a]\nb=c\n [d]\ne=f\n"), "3!" NOTHING "|4:a.e=f|" },
	{ SLICE("[a\nb=c\n"), "1!" SECTION "|2:.b=c|" },
	{ SLICE("[]\n"), "1!" SECTION "|" },
	{ SLICE("[a] b=c\n"), "1!" SECTION "|" },
	{ SLICE("[a]\nbc\nd\n"), "2!" NEITHER "|3!" NEITHER "|" },
	{ SLICE("[a]\n=c\n"), "2!" NEITHER "|" },
	{ SLICE("[a]\nb:c\n"), "2!" NEITHER "|" },
	{ SLICE("[a]\nb:c=d\n"), "2!" NEITHER "|" },
	{ SLICE("[a]\nb=c\0d\n"), "2!" NOT_TEXT "|" },
	{ SLICE("[a]\nb=1\n\v2\n"), "2:a.b=1|3!" NOT_TEXT "|" },
	/* what continues a refused line is not taken for something else */
	{ SLICE("[a]\nx=1\nb=" LONG_200 "\n more\n x=2\nc=1\n"),
	  "2:a.x=1|3!" TOO_LONG "|6:a.c=1|" },
	/* half a value is not taken for the whole */
	{ SLICE("[a]\nx=1\n " LONG_200 "\nc=1\n"), "3!" TOO_LONG "|4:a.c=1|" },
	{ SLICE("#" LONG_200 "\n"), "1!" TOO_LONG "|" },
};

Test(ini, reads_lines)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf said = BUF(4096);
		int r = ini_read_text("f", rows[i].text, on_entry, on_trouble,
				      &said);

		cr_assert_eq(r, 0);
		cr_assert_eq(buf_put_byte(&said, '\0'), 0);
		cr_assert_str_eq(said.p, rows[i].said, "row %zu: %s", i,
				 rows[i].text.p);
		buf_done(&said);
	}
}

Test(ini, takes_lines_up_to_libinihs_limit)
{
	/* 200 with LF and NUL */
	for (size_t n = 190; n < 210; n++) {
		struct buf text = BUF(4096), said = BUF(4096);

		cr_assert_eq(buf_put(&text, SLICE("[a]\nb=")), 0);
		for (size_t i = 2; i < n; i++)
			cr_assert_eq(buf_put_byte(&text, 'x'), 0);
		cr_assert_eq(ini_read_text("f", buf_slice(&text), on_entry,
					   on_trouble, &said),
			     0);
		if (n <= 198)
			cr_assert_eq(said.n, strlen("2:a.b=|") + n - 2,
				     "%zu octets", n);
		else
			cr_assert(slice_eq(buf_slice(&said),
					   SLICE("2!" TOO_LONG "|")),
				  "%zu octets", n);
		buf_done(&text);
		buf_done(&said);
	}
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	cr_assert(f);
	(void)fputs(text, f);
	cr_assert_eq(fclose(f), 0);
}

static char dir[] = "/tmp/postern-ini.XXXXXX";

static void enter(void)
{
	cr_assert(mkdtemp(dir));
	cr_assert_eq(chdir(dir), 0);
}

static void leave(void)
{
	char command[64];

	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	cr_assert_eq(system(command), 0);
}

Test(ini, drop_ins_follow_in_order_of_name, .init = enter, .fini = leave)
{
	struct buf said = BUF(4096);

	write_file("c", "[a]\nb=1\n");
	cr_assert_eq(mkdir("c.d", 0700), 0);
	write_file("c.d/20.conf", "[a]\nb=3\n");
	write_file("c.d/10.conf", "[a]\nb=2\n");
	write_file("c.d/30.conf~", "[a]\nb=4\n");
	write_file("c.d/.40.conf", "[a]\nb=5\n");
	cr_assert_eq(ini_read("c", on_entry, on_trouble, &said, NULL), 0);
	cr_assert(
		slice_eq(buf_slice(&said), SLICE("2:a.b=1|2:a.b=2|2:a.b=3|")));
	buf_done(&said);
}

Test(ini, names_the_file_that_cannot_be_read, .init = enter, .fini = leave)
{
	struct buf said = BUF(4096);
	char *file = NULL;

	cr_assert_eq(ini_read("c", on_entry, on_trouble, &said, &file),
		     -ENOENT);
	cr_assert_str_eq(file, "c");
	free(file);
	write_file("c", "");
	cr_assert_eq(mkdir("c.d", 0700), 0);
	cr_assert_eq(mkdir("c.d/x.conf", 0700), 0);
	cr_assert_eq(ini_read("c", on_entry, on_trouble, &said, &file),
		     -EISDIR);
	cr_assert_str_eq(file, "c.d/x.conf");
	free(file);
	cr_assert_eq(said.n, 0);
}

Test(ini, refuses_huge_files, .init = enter, .fini = leave)
{
	struct buf said = BUF(4096);

	write_file("c", "");
	cr_assert_eq(truncate("c", INI_FILE_MAX + 1), 0);
	cr_assert_eq(ini_read("c", on_entry, on_trouble, &said, NULL), -EFBIG);
}

/* SPDX-License-Identifier: ISC */
/* See targets.h. Quotes protect commas: "doe, john"@example.org; a target
 * that is one quoted string as a whole loses its quotes: "|cmd a, b". */
#include "route/targets.h"

/* Offset of the comma that ends the first target; *ret_open: its last quote
 * has no end. */
static size_t end_of(struct slice s, bool *ret_open)
{
	bool quoted = false;
	size_t i = 0;

	for (; i < s.n && (quoted || s.p[i] != ','); i++) {
		if (s.p[i] == '"')
			quoted = !quoted;
		else if (quoted && s.p[i] == '\\' && i + 1 < s.n)
			i++;
	}
	*ret_open = quoted;
	return i;
}

/* "…" around the whole, and inside something that is no local part. */
static struct slice unquote(struct slice s)
{
	if (s.n < 3 || s.p[0] != '"' || s.p[s.n - 1] != '"')
		return s;
	if (s.p[1] != '|' && s.p[1] != '/' && s.p[1] != ':')
		return s;
	return slice_from(slice_upto(s, s.n - 1), 1);
}

static struct target judge(struct slice s)
{
	static const struct {
		struct slice mark;
		enum target_kind kind;
	} marks[] = {
		{ { ":include:", 9 }, TARGET_INCLUDE },
		{ { ":", 1 }, TARGET_SPECIAL },
		{ { "|", 1 }, TARGET_COMMAND },
		{ { "\\", 1 }, TARGET_FINAL },
	};

	s = unquote(s);
	if (s.p[0] == '/')
		return (struct target){ TARGET_FILE, s };
	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (slice_starts_nocase(s, marks[i].mark))
			return (struct target){
				marks[i].kind,
				slice_trim(slice_from(s, marks[i].mark.n)),
			};
	return (struct target){ TARGET_ADDRESS, s };
}

bool target_next(struct slice *rest, struct target *ret)
{
	while (rest->n > 0) {
		bool open;
		size_t end = end_of(*rest, &open);
		struct slice s = slice_trim(slice_upto(*rest, end));

		*rest = slice_from(*rest, end + 1);
		if (s.n == 0)
			continue;
		*ret = open ? (struct target){ TARGET_BAD, s } : judge(s);
		return true;
	}
	return false;
}

/* SPDX-License-Identifier: ISC */
/* `postern check`: the options of a user. */
#include "cli/check.h"
#include "cli/shown.h"
#include "conf/options.h"
#include "conf/spelling.h"

static void judge_key(struct report *r, const char *file, unsigned line,
		      const struct user_option *o)
{
	static const char *const keys[] = { "quota", "messages" };
	char shown[SHOWN_MAX], remedy[64];

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct slice key = slice_of(keys[i]);

		if (slice_eq(o->key, key) || !spelling_close(o->key, key))
			continue;
		(void)snprintf(remedy, sizeof(remedy), "did you mean %s?",
			       keys[i]);
		report_doubtful(r, file, line, remedy,
				"the option %s means nothing",
				shown_text(o->key, shown));
	}
}

void check_options(struct report *r, const char *file, unsigned line,
		   const struct user *u)
{
	char name[SHOWN_MAX], word[SHOWN_MAX];
	struct slice rest = u->options, bad;
	struct user_option o;
	struct quota q;

	while (user_option_next(&rest, &o)) {
		judge_key(r, file, line, &o);
		if (quota_read_options(o.word, &q, &bad) < 0)
			report_broken(r, file, line, QUOTA_REMEDY,
				      "the option %s of %s is not understood",
				      shown_text(o.word, word),
				      shown_text(u->name, name));
	}
}

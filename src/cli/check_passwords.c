/* SPDX-License-Identifier: ISC */
/* `postern check`: the passwords file. What it holds is judged, never shown. */
#include <sys/stat.h>

#include "auth/auth.h"
#include "cli/check.h"
#include "cli/rights.h"
#include "cli/shown.h"
#include "conf/map.h"

struct walk {
	struct report *report;
	const char *file;
};

static int judge_line(void *context, unsigned line, struct slice key,
		      struct slice value)
{
	struct walk *w = context;
	struct slice hash = SLICE(""), keys = SLICE("");
	struct scram scram;
	char name[SHOWN_MAX];

	shown_text(key, name);
	if (!value.p) {
		report_broken(w->report, w->file, line,
			      "postern user passwd NAME writes the lines",
			      "'%s' is no user's line", name);
		return 0;
	}
	(void)slice_field(&value, ':', &hash);
	(void)slice_field(&value, ':', &keys);
	if (auth_hash_judge(slice_trim(hash)) == AUTH_HASH_BAD)
		report_broken(w->report, w->file, line,
			      "set it anew: postern user passwd NAME",
			      "the password of %s is no hash of crypt(5)",
			      name);
	if (slice_trim(keys).n > 0 && scram_parse(slice_trim(keys), &scram) < 0)
		report_broken(w->report, w->file, line,
			      "set it anew: postern user passwd NAME",
			      "the SCRAM keys of %s cannot be read", name);
	return 0;
}

static void judge_mode(const char *file, struct report *r)
{
	static const char *const strangers[] = { "postern", "postern-pop3" };
	struct rights a;
	struct stat st;

	if (stat(file, &st) < 0)
		return;
	if (st.st_mode & 0007)
		report_broken(r, file, 0, "chmod o= it",
			      "everybody on this host may read the passwords");
	for (size_t i = 0; geteuid() == 0 && i < ARRAY_LEN(strangers); i++)
		if (rights_of(strangers[i], &a) == 0 &&
		    rights_allow(&a, &st, 4))
			report_doubtful(r, file, 0,
					"chgrp postern-auth and chmod 640 it",
					"the account %s, which faces the "
					"network, may read it",
					strangers[i]);
	if (geteuid() == 0 && rights_of("postern-auth", &a) == 0 &&
	    !rights_allow(&a, &st, 4))
		report_broken(r, file, 0, "chgrp postern-auth and chmod 640 it",
			      "the account postern-auth may not read it");
}

void check_passwords(const struct settings *s, struct report *r)
{
	struct walk w = { r, s->auth.passwords.p };
	struct map *m = NULL;
	int error;

	if (w.file[0] == '\0')
		return;
	error = map_open(w.file, ':', true, &m);
	if (error == 0) {
		judge_mode(w.file, r);
		ignore(map_walk(m, judge_line, &w));
		map_close(m);
	} else {
		report_broken(r, w.file, 0, "look at its owner and mode",
			      "cannot be read: %s", strerror(-error));
	}
}

/* SPDX-License-Identifier: ISC */
/* The one table of verbs. */
#include "cli/cli.h"

#include "conf/spelling.h"

/* clang-format off */
const struct cli_verb cli_verbs[] = {
	{ "check", "judge the configuration and all files it names", cli_check },
	{ "index", "make look-ups in large tables fast", cli_index },
	{ "mailbox", "look over, mend, count, export or import mailboxes",
	  cli_mailbox },
	{ "queue", "list, show, retry or remove what waits", cli_queue },
	{ "tls", "publish, make or show certificates", cli_tls },
	{ "user", "list, add, change or remove users", cli_user },
};
/* clang-format on */

const size_t cli_verbs_n = ARRAY_LEN(cli_verbs);

const struct cli_verb *cli_verb_find(const char *name)
{
	for (size_t i = 0; i < cli_verbs_n; i++)
		if (strcmp(name, cli_verbs[i].name) == 0)
			return &cli_verbs[i];
	return NULL;
}

const struct cli_verb *cli_verb_similar(const char *name)
{
	for (size_t i = 0; i < cli_verbs_n; i++)
		if (spelling_close(slice_of(name), slice_of(cli_verbs[i].name)))
			return &cli_verbs[i];
	return NULL;
}

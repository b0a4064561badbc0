/* SPDX-License-Identifier: ISC */
/* See tls.h. */
#include "cli/tls.h"

#include "cli/desk.h"

const char tls_usage[] =
	"Usage: postern tls [show]\n"
	"       postern tls publish\n"
	"       postern tls self-signed [--force] [NAME]...\n"
	"\n"
	"  show         list what is published, and what is not, and why\n"
	"  publish      read the certificates that [tls] names and put those\n"
	"               that are whole where the handlers find them\n"
	"  self-signed  make a certificate for our host name and these names,\n"
	"               and publish it; anew, where it made the one that is\n"
	"               there; --force: whoever made that\n";

static const struct desk_verb verbs[] = {
	{ "show", tls_show },
	{ "publish", tls_publish },
	{ "self-signed", tls_self_signed_verb },
};

int cli_tls(struct cli *c, int argc, char **argv)
{
	return desk_dispatch(c, argc, argv, verbs, ARRAY_LEN(verbs), tls_usage);
}

const char *tls_day(int64_t s, char ret[TLS_DAY_MAX])
{
	time_t t = (time_t)s;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || strftime(ret, TLS_DAY_MAX, "%F", &tm) == 0)
		(void)snprintf(ret, TLS_DAY_MAX, "?");
	return ret;
}

int tls_stem(const char *name, char ret[TLS_NAME_MAX])
{
	bool wild = strncmp(name, "*.", 2) == 0;
	int r = tls_name_judge(slice_of(name + (wild ? 2 : 0)), ret);

	if (r < 0 || !wild)
		return r;
	if (strlen(ret) + 3 > TLS_NAME_MAX)
		return -EINVAL;
	memmove(ret + 2, ret, strlen(ret) + 1);
	memcpy(ret, "_.", 2);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/* See login.h. */
#include "relay/login.h"

#include "conf/credentials.h"

#define ARENA_MAX (2U << 20)

static struct outcome no_credentials(int error)
{
	const char *text = "the credentials file cannot be read";

	switch (error) {
	case 0:
	case -ENOENT:
		text = "there are no credentials of that name";
		break;
	case -EACCES:
		text = "the credentials file is closed to us, or open to "
		       "others";
		break;
	case -EBADMSG:
		text = "the line in the credentials file is not "
		       "NAME:user:password";
		break;
	}
	return (struct outcome){ .kind = OUTCOME_LATER,
				 .status = "4.7.8",
				 .text = slice_of(text) };
}

struct outcome login_run(const struct settings *s, struct smtp_client *c,
			 struct slice name)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct credential found;
	struct outcome o;
	int r = -ENOENT;

	if (!arena)
		return no_credentials(-ENOMEM);
	if (s->relay.credentials.n > 0)
		r = credential_find(s->relay.credentials.p, name, arena,
				    &found);
	if (r <= 0) {
		o = no_credentials(r);
	} else {
		o = smtp_client_login(c, found.user.p, found.password.p);
		credential_wipe(&found);
	}
	arena_free(arena);
	return o;
}

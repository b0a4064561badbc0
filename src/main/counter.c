/* SPDX-License-Identifier: ISC */
/* See counter.h. */
#include "main/counter.h"

#include <syslog.h>

#include "base/log.h"
#include "main/fence.h"
#include "store/quota.h"

#define FILL_MAX 128

static const struct log_kind user_option_bad = {
	.id = "081178b66f904fda82f8706e376645c2",
	.level = LOG_WARNING,
	.text = "an option of the user is not understood, the default counts",
};

void counter_open(struct counter *c, const struct settings *settings,
		  struct store *store, struct slice session)
{
	*c = (struct counter){
		.settings = settings,
		.store = store,
		.session = session,
		.fill = BUF(FILL_MAX),
	};
}

void counter_done(struct counter *c)
{
	buf_done(&c->fill);
}

static enum pop3_login login_of_open(int r, int64_t wait_ms)
{
	switch (r) {
	case 0:
		return POP3_LOGIN_OK;
	case -EBUSY:
		return wait_ms > 0 ? POP3_LOGIN_DELAY : POP3_LOGIN_IN_USE;
	case -EAGAIN:
		return POP3_LOGIN_IN_USE;
	case -EBADMSG:
	case -EACCES:
	case -ELOOP:
	case -EMLINK:
	case -EINVAL:
		return POP3_LOGIN_PERM;
	default:
		return POP3_LOGIN_TEMP;
	}
}

static struct quota limits_of(struct counter *c, const struct user *user)
{
	struct quota q = settings_quota(c->settings, user->name);
	struct slice bad;

	if (quota_read_options(user->options, &q, &bad) < 0) {
		const struct log_field fields[] = {
			{ "SESSION", c->session },
			{ "USER", user->name },
			{ "DETAIL", bad },
			{ "REMEDY", SLICE(QUOTA_REMEDY) },
		};

		log_event(&user_option_bad, fields, ARRAY_LEN(fields));
	}
	return q;
}

/* What cannot be found out is not said. */
static struct slice fill_of(struct counter *c, const struct user *user,
			    const struct maildrop *m)
{
	struct quota q = limits_of(c, user);
	struct usage now;
	int r;

	buf_reset(&c->fill);
	if (!quota_any(&q))
		return SLICE_NONE;
	r = quota_usage(c->store, user->mailbox, false, &now);
	if (r == 0) {
		now.messages = maildrop_count(m);
		r = quota_format_share(&c->fill, &q, &now);
	}
	return r == 0 ? buf_slice(&c->fill) : SLICE_NONE;
}

/* From here on this mailbox, and no other. */
static int narrow(struct maildrop *m)
{
	struct maildrop_places p = maildrop_places(m);
	int r = fence_mailbox(p.mailbox, p.dir, p.side);

	if (r < 0)
		maildrop_close(m);
	return r;
}

enum pop3_login counter_enter(struct counter *c, const struct user *user,
			      struct pop3_entrance *ret)
{
	int64_t wait_ms = 0;
	struct maildrop *m = NULL;
	struct slice fill;
	int r = maildrop_open(c->store, user->mailbox,
			      (int64_t)c->settings->pop3.login_delay_s * 1000,
			      &m, &wait_ms);

	if (r == 0) {
		fill = fill_of(c, user, m);
		r = narrow(m);
	}
	if (r == 0)
		*ret = (struct pop3_entrance){ user->name, m, fill };
	return login_of_open(r, wait_ms);
}

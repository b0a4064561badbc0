/* SPDX-License-Identifier: ISC */
/* See counter.h. */
#include "main/counter.h"

#include <syslog.h>

#include "auth/auth.h"
#include "base/log.h"
#include "store/quota.h"

#define LOGIN_MAX ((size_t)128 << 10)
#define FILL_MAX  128

static const struct log_kind user_option_bad = {
	.id = "081178b66f904fda82f8706e376645c2",
	.level = LOG_WARNING,
	.text = "an option of the user is not understood, the default counts",
};

int counter_open(struct counter *c, const struct settings *settings,
		 struct store *store, struct slice session,
		 struct guard *guard)
{
	*c = (struct counter){
		.settings = settings,
		.store = store,
		.guard = guard,
		.login = arena_new(LOGIN_MAX),
		.session = session,
		.fill = BUF(FILL_MAX),
	};
	return c->login ? 0 : -ENOMEM;
}

void counter_done(struct counter *c)
{
	arena_free(c->login);
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

/* ---- who is it? ---- */

static const char *mechanisms(void *context)
{
	(void)context;
	return "";
}

static enum auth_step begin(void *context, struct slice mechanism,
			    struct slice initial, struct slice *ret)
{
	(void)context;
	(void)mechanism;
	(void)initial;
	(void)ret;
	return AUTH_STEP_NO_MECHANISM;
}

static enum auth_step next(void *context, struct slice response,
			   struct slice *ret)
{
	return begin(context, SLICE_NONE, response, ret);
}

static void cancel(void *context)
{
	(void)context;
}

static enum auth_step password(void *context, struct slice name,
			       struct slice word, struct slice *ret)
{
	struct counter *c = context;

	arena_reset(c->login);
	if (!guard_cleartext(c->guard))
		return AUTH_STEP_NEED_TLS;
	switch (auth_password(c->settings->users.file.p, name, word, c->login,
			      &c->user)) {
	case AUTH_NO:
		return AUTH_STEP_NO;
	case AUTH_AGAIN:
		return AUTH_STEP_AGAIN;
	case AUTH_YES:
		break;
	}
	*ret = c->user.name;
	return AUTH_STEP_YES;
}

/* ---- the hooks ---- */

static enum pop3_login enter(void *context, struct maildrop **ret,
			     struct slice *ret_fill)
{
	struct counter *c = context;
	int64_t wait_ms = 0;
	int r = maildrop_open(c->store, c->user.mailbox,
			      (int64_t)c->settings->pop3.login_delay_s * 1000,
			      ret, &wait_ms);

	if (r == 0)
		*ret_fill = fill_of(c, &c->user, *ret);
	return login_of_open(r, wait_ms);
}

static int stls(void *context, struct stream *s, struct tls_info *ret)
{
	return guard_handshake(((struct counter *)context)->guard, s, ret);
}

static bool plain_ok(void *context)
{
	return guard_cleartext(((struct counter *)context)->guard);
}

struct pop3_hooks counter_hooks(struct counter *c)
{
	c->auth = (struct auth_hooks){
		.context = c,
		.mechanisms = mechanisms,
		.begin = begin,
		.next = next,
		.cancel = cancel,
		.password = password,
	};
	return (struct pop3_hooks){
		.context = c,
		.auth = &c->auth,
		.enter = enter,
		.stls = guard_offers_tls(c->guard) ? stls : NULL,
		.plain_ok = plain_ok,
	};
}

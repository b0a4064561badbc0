/* SPDX-License-Identifier: ISC */
/* See pam.h. The only file that knows PAM. */
#include "auth/pam.h"

#include <pwd.h>
#include <security/pam_appl.h>

#include "auth/auth.h"

#define ACCOUNT_MAX 64

/* In lower case, without NUL. */
static bool take_name(struct slice name, char ret[ACCOUNT_MAX])
{
	if (name.n == 0 || name.n >= ACCOUNT_MAX || name.p[0] == '-')
		return false;
	for (size_t i = 0; i < name.n; i++) {
		ret[i] = ascii_lower(name.p[i]);
		if ((unsigned char)ret[i] <= ' ' || ret[i] == '/' ||
		    ret[i] == ':')
			return false;
	}
	ret[name.n] = '\0';
	return true;
}

bool pam_has(const struct settings *s, struct slice name)
{
	char account[ACCOUNT_MAX];
	const struct passwd *pw;

	if (!s->auth.system || !s->users.system || !take_name(name, account))
		return false;
	pw = getpwnam(account);
	return pw && pw->pw_uid >= s->users.system_uid_min;
}

/* PAM's questions: the password is the answer to any that is not shown; it
 * frees what it gets. */
static int converse(int n, const struct pam_message **ask,
		    struct pam_response **ret, void *context)
{
	const char *password = context;
	struct pam_response *replies;

	if (n <= 0 || n > PAM_MAX_NUM_MSG)
		return PAM_CONV_ERR;
	replies = calloc((size_t)n, sizeof(*replies));
	if (!replies)
		return PAM_BUF_ERR;
	for (int i = 0; i < n; i++)
		if (ask[i]->msg_style == PAM_PROMPT_ECHO_OFF)
			replies[i].resp = strdup(password);
	*ret = replies;
	return PAM_SUCCESS;
}

static enum auth_step step_of(int r)
{
	switch (r) {
	case PAM_SUCCESS:
		return AUTH_STEP_YES;
	case PAM_ABORT:
	case PAM_AUTHINFO_UNAVAIL:
	case PAM_BUF_ERR:
	case PAM_CONV_ERR:
	case PAM_SERVICE_ERR:
	case PAM_SYSTEM_ERR:
		return AUTH_STEP_AGAIN;
	default:
		return AUTH_STEP_NO;
	}
}

static enum auth_step ask_pam(const char *account, const char *password)
{
	const struct pam_conv conv = { converse, (void *)password };
	pam_handle_t *pam = NULL;
	int r = pam_start("postern", account, &conv, &pam);

	if (r != PAM_SUCCESS)
		return AUTH_STEP_AGAIN;
	r = pam_authenticate(pam, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
	if (r == PAM_SUCCESS)
		r = pam_acct_mgmt(pam, PAM_SILENT);
	ignore(pam_end(pam, r));
	return step_of(r);
}

enum auth_step pam_check(const struct settings *s, struct slice name,
			 struct slice password, struct arena *arena,
			 struct user *ret_user)
{
	char account[ACCOUNT_MAX], text[AUTH_PASSWORD_MAX + 1];
	enum auth_step step;

	(void)s;
	if (!take_name(name, account) || password.n >= sizeof(text))
		return AUTH_STEP_NO;
	memcpy(text, password.p, password.n);
	text[password.n] = '\0';
	step = ask_pam(account, text);
	explicit_bzero(text, sizeof(text));
	if (step != AUTH_STEP_YES)
		return step;
	*ret_user = (struct user){ .hash = SLICE("") };
	ret_user->name = ret_user->mailbox =
		arena_copy(arena, slice_of(account));
	ret_user->options = SLICE("");
	return ret_user->name.p ? AUTH_STEP_YES : AUTH_STEP_AGAIN;
}

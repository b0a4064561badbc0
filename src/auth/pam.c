/* SPDX-License-Identifier: ISC */
/* See pam.h. The only file that knows PAM. */
#include "auth/pam.h"

#include <dlfcn.h>
#include <security/pam_appl.h>

#include "config.h"

/* One question without echo is the password's; whoever asks more (a new
 * password, a one-time code) cannot be answered here. */
static int answer(int n, const struct pam_message **messages,
		  struct pam_response **ret, void *password)
{
	struct pam_response *r;

	if (n <= 0 || n > PAM_MAX_NUM_MSG)
		return PAM_CONV_ERR;
	r = calloc((size_t)n, sizeof(*r));
	if (!r)
		return PAM_BUF_ERR;
	for (int i = 0; i < n; i++)
		if (messages[i]->msg_style == PAM_PROMPT_ECHO_OFF)
			r[i].resp = strdup(password);
	*ret = r;
	return PAM_SUCCESS;
}

static enum auth_outcome outcome_of(int r)
{
	switch (r) {
	case PAM_SUCCESS:
		return AUTH_YES;
	case PAM_ABORT:
	case PAM_BUF_ERR:
	case PAM_SYSTEM_ERR:
	case PAM_SERVICE_ERR:
	case PAM_AUTHINFO_UNAVAIL:
		return AUTH_AGAIN;
	default:
		return AUTH_NO;
	}
}

/* PAM's own modules that are not linked with its library look for it among
 * what the program has, and there ours alone would not put it. */
static void show_libpam(void)
{
	static bool shown;

	if (!shown) /* it is loaded already, and stays */
		(void)dlopen("libpam.so.0",
			     RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL);
	shown = true;
}

static int start(const char *name, const struct pam_conv *conversation,
		 const char *peer_ip, pam_handle_t **ret)
{
	int r;

	show_libpam();
	r = pam_start("postern", name, conversation, ret);
	if (r == PAM_SUCCESS && peer_ip[0])
		r = pam_set_item(*ret, PAM_RHOST, peer_ip);
	return r;
}

static enum auth_outcome end(pam_handle_t *pam, int r)
{
	if (pam)
		ignore(pam_end(pam, r)); /* nothing is left to be done */
	return outcome_of(r);
}

static enum auth_outcome ask(const char *name, const char *password,
			     const char *peer_ip)
{
	char *secret = strdup(password);
	const struct pam_conv conversation = { answer, secret };
	enum auth_outcome outcome;
	pam_handle_t *pam = NULL;
	int r = PAM_BUF_ERR;

	if (secret)
		r = start(name, &conversation, peer_ip, &pam);
	if (r == PAM_SUCCESS)
		r = pam_authenticate(pam,
				     PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
	if (r == PAM_SUCCESS)
		r = pam_acct_mgmt(pam, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
	outcome = end(pam, r);
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
	return outcome;
}

/* Whoever asks something is told nothing. */
static int answer_nothing(int n, const struct pam_message **messages,
			  struct pam_response **ret, void *context)
{
	(void)n, (void)messages, (void)ret, (void)context;
	return PAM_CONV_ERR;
}

static enum auth_outcome may_enter(const char *name, const char *peer_ip)
{
	static const struct pam_conv conversation = { answer_nothing, NULL };
	pam_handle_t *pam = NULL;
	int r = start(name, &conversation, peer_ip, &pam);

	if (r == PAM_SUCCESS)
		r = pam_acct_mgmt(pam, PAM_SILENT);
	return end(pam, r);
}

const struct pam_module postern_pam = {
	.module = { PACKAGE_VERSION },
	.password = ask,
	.may_enter = may_enter,
};

/* SPDX-License-Identifier: ISC */
/* The judge of logins: SASL (RFC 4422) by GNU SASL against the files, PAM and
 * the brake. One for each connection of postern-authd. Every outcome is logged
 * here, with the peer. The libraries of SASL and PAM are loaded where a login
 * needs them (sasl.h, pam.h); what cannot be loaded is our trouble: AGAIN.
 *
 * Unknown users, wrong passwords and locked ones are answered alike, and cost
 * at least one hash as auth_hash makes it (doc/auth.md says what differs). An
 * authorization identity other than the one that is proven is refused. What a
 * mechanism sends along with its success (SCRAM's server signature) goes out as
 * a challenge of its own, to be answered by an empty response (RFC 4954 §4, RFC
 * 5034 §4). */
#pragma once

#include "auth/wire.h"
#include "conf/settings.h"

struct judge;

/* settings outlive it. NULL: no memory. */
struct judge *judge_new(const struct settings *settings);
void judge_free(struct judge *j);

/* From now on the session is like this; what the scene points to is copied.
 * Ends an exchange. 0 or -ENOMEM. */
int judge_scene(struct judge *j, const struct auth_scene *scene) MUST_LOOK;

/* As in struct auth_hooks; *ret_text: MORE's challenge in base64. */
const char *judge_mechanisms(struct judge *j);
enum auth_step judge_begin(struct judge *j, struct slice mechanism,
			   struct slice initial, struct slice *ret_text);
enum auth_step judge_next(struct judge *j, struct slice response,
			  struct slice *ret_text);
void judge_cancel(struct judge *j);
enum auth_step judge_password(struct judge *j, struct slice name,
			      struct slice password);

/* Who it is: after YES, until the next call. */
const struct user *judge_user(const struct judge *j);

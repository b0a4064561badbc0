/* SPDX-License-Identifier: ISC */
/* The judging side of SASL (RFC 4422), by GNU SASL: PLAIN (4616), LOGIN,
 * SCRAM-SHA-256 and -PLUS (5802, 7677, 9266), EXTERNAL. One exchange at a
 * time. Secrets are wiped when it ends. */
#pragma once

#include "auth/steps.h"
#include "conf/settings.h"
#include "conf/users.h"

struct sasl;

/* 0, -ENOMEM, or -EIO. */
int sasl_new(const struct settings *settings, struct sasl **ret) MUST_LOOK;
void sasl_free(struct sasl *s);

/* What is asked, and what the handler knows of the connection. */
struct sasl_ask {
	struct slice mechanism;
	struct slice service;  /* "smtp", "pop3" */
	struct slice binding;  /* tls-exporter in base64; or empty */
	struct slice external; /* who TLS or the kernel says it is; or empty */
	bool plain;            /* passwords may come as they are */
};

/* Begin. initial: base64, "=" for an empty one, .p NULL for none. As
 * auth_hooks have it; with YES sasl_user tells who. All lives until the next
 * exchange begins. */
enum auth_step sasl_begin(struct sasl *s, const struct sasl_ask *ask,
			  struct slice initial, struct slice *ret_challenge);
enum auth_step sasl_next(struct sasl *s, struct slice response,
			 struct slice *ret_challenge);

/* A name and a password, without a mechanism. */
enum auth_step sasl_password(struct sasl *s, const struct sasl_ask *ask,
			     struct slice name, struct slice password);

/* Whose exchange this is, as far as it was said; for the log. */
struct slice sasl_name(const struct sasl *s);

/* Who it is: after YES. */
const struct user *sasl_user(const struct sasl *s);

void sasl_end(struct sasl *s);

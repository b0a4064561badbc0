/* SPDX-License-Identifier: ISC */
/* The trace fields we write: RFC 5321 §4.4, RFC 3848 keywords. */
#pragma once

#include "base/buf.h"
#include "mail/envelope.h"

struct trace {
	struct slice helo;      /* what the peer said at HELO/EHLO */
	struct slice peer_name; /* verified reverse name; may be empty */
	struct slice peer_ip;   /* "192.0.2.1", "IPv6:…"; empty: a pipe */
	struct slice host;      /* our name */
	struct slice with;      /* SMTP, ESMTP, UTF8SMTP, LOCAL, … */
	struct slice tls_version, tls_cipher; /* both empty: in the clear */
	struct slice id;
	struct slice only_for; /* the one recipient, or empty */
	int64_t real_us;
};

/* "Received: from … by … with … id …;\n\tdate\n": LF lines, folded, and what
 * strangers wrote cannot break out of its place. 0 or as buf_put. */
int trace_received(struct buf *b, const struct trace *t) MUST_LOOK;

/* "Return-Path: <…>\n" and "Delivered-To: …\n": final delivery. */
int trace_return_path(struct buf *b, struct slice from) MUST_LOOK;
int trace_delivered_to(struct buf *b, struct slice address) MUST_LOOK;

/* SPDX-License-Identifier: ISC */
/* How much a mailbox may hold, as it is written: in [quota] of postern.conf(5)
 * and among the options of a user. Knows no mailbox. */
#pragma once

#include "base/buf.h"

#define QUOTA_OCTETS_MAX   (1ULL << 60)
#define QUOTA_MESSAGES_MAX 1000000000ULL

struct quota {
	uint64_t octets, messages; /* 0: no limit */
};

/* "example.org=500MB/10000": what is not given is as for all domains. */
struct domain_quota {
	struct slice domain;
	bool octets_given, messages_given;
	struct quota quota;
};

struct domain_quotas {
	struct domain_quota *v;
	size_t n;
};

bool quota_any(const struct quota *q);

/* "500 MB" or "none", and "1000" or "none". 0, -EINVAL, -ERANGE. */
int quota_parse_octets(struct slice text, uint64_t *ret) MUST_LOOK;
int quota_parse_messages(struct slice text, uint64_t *ret) MUST_LOOK;

/* 0 or -EINVAL; the domain is a part of `word`, in whatever case. */
int quota_parse_domain(struct slice word, struct domain_quota *ret) MUST_LOOK;
int quota_format_domain(struct buf *b, const struct domain_quota *q) MUST_LOOK;

/* Put what a user's options say (quota=1G,messages=1000) over the limits in
 * *q. 0, or -EINVAL for a value that is none: that limit stays as it was, the
 * others are read all the same, *ret_bad is the first such word, and
 * QUOTA_REMEDY what to do. */
int quota_read_options(struct slice options, struct quota *q,
		       struct slice *ret_bad) MUST_LOOK;
#define QUOTA_REMEDY                                                           \
	"write quota=SIZE (500MB, 1G, none) or messages=NUMBER (1000, none)"

/* Which limits a user's options give; what cannot be read is not given. */
struct domain_quota quota_given(struct slice options);

/* A user's options with the limits that `set` gives in place of theirs; limits
 * of which neither is given are dropped. Other words stay as they are. 0 or as
 * buf_put. */
int quota_write_options(struct buf *b, struct slice options,
			const struct domain_quota *set) MUST_LOOK;

/* "1 GB and 1000 messages", "1000 messages", "none". 0 or as buf_put. */
int quota_format(struct buf *b, const struct quota *q) MUST_LOOK;

/* SPDX-License-Identifier: ISC */
/* What the next message of each digest is called: a hash table of bounded size,
 * filled in as many passes as there are digests of interest. They are told
 * apart by their first 64 bits; where two agree in these, one gets a number
 * for nothing. */
#pragma once

#include "store/index_file.h"

struct uidl_slot {
	uint64_t tag;    /* 0: free */
	uint32_t number; /* of the next such message that is not listed; 0: the
			    group is written anew */
	uint32_t line;   /* 1 + where the next listed one's line stands, in
			    NAME.uidl; or goes, in a group that is written
			    anew. 0: nowhere */
	uint32_t next;   /* NEXT of the group, 0 where there is none */
	uint32_t octets; /* for whoever writes: of the lines behind that */
};

struct uidl_table {
	struct uidl_slot *slots;
	int file; /* NAME.uidl, or -1 */
	uint64_t passes;
	uint64_t pass; /* the present one */
	bool closed;   /* what is not in it will not be */
	bool used;     /* since it was emptied */
};

uint64_t uidl_tag(const uint8_t digest[INDEX_DIGEST]);

/* For n messages and all that NAME.uidl has; or, where the tags of n messages
 * are put in and it is closed before NAME.uidl is read, for these alone. 0;
 * -EFBIG (NAME.uidl has 4 GiB); or -errno, also where NAME.uidl is there but
 * cannot be opened. uidl_table_done in any case. */
int uidl_table_new(const struct place *p, uint64_t n, bool alone,
		   struct uidl_table *ret) MUST_LOOK;
void uidl_table_done(struct uidl_table *t);

/* Begin pass t->pass: empty it; and read NAME.uidl. */
void uidl_table_clear(struct uidl_table *t);
int uidl_table_read(struct uidl_table *t) MUST_LOOK;
int uidl_table_begin(struct uidl_table *t) MUST_LOOK; /* both */

/* The tag's slot; NULL where it is another pass's, or not in a closed one. */
struct uidl_slot *uidl_table_slot(struct uidl_table *t, uint64_t tag);

/* One more message with that tag (they come in the order of the mailbox): what
 * the rules say of it. At most one line is read. */
struct uidl_rule {
	uint64_t uid_at; /* where its unique-id stands; 0: it is not listed, */
	uint32_t number; /* and gets this number */
};
int uidl_judge(struct uidl_table *t, struct uidl_slot *s,
	       struct uidl_rule *ret) MUST_LOOK;

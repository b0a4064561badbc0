/* SPDX-License-Identifier: ISC */
/* Where to? An address becomes mailboxes here, addresses elsewhere, or a
 * refusal. Reads configuration; knows no session and writes nothing. */
#pragma once

#include "conf/hop.h"
#include "conf/settings.h"
#include "mail/addr.h"
#include "net/dns.h"

struct route;

/* Opens users file, aliases and routes: what is put in the place of one of them
 * later is for the next route. What cannot be opened is ROUTE_AGAIN for whoever
 * it concerns. 0 or -ENOMEM. */
int route_new(const struct settings *s, struct route **ret) MUST_LOOK;
void route_free(struct route *r);

enum route_outcome {
	ROUTE_FOUND,
	ROUTE_NO_USER,  /* our domain, nobody of that name: 550 5.1.1 */
	ROUTE_LOOP,     /* aliases name each other: 554 5.4.6 */
	ROUTE_TOO_MANY, /* an alias of more than ROUTE_TARGETS_MAX */
	ROUTE_BROKEN,   /* an aliases line we cannot follow (a command, a
			   file): 451 4.3.5, and the log says which line */
	ROUTE_AGAIN,    /* a file could not be read: 451 4.3.0 */
};

#define ROUTE_TARGETS_MAX 1000

/* One final destination: never an alias again. */
struct route_target {
	struct slice address; /* local@domain, or a bare name made local@ours */
	bool here;
	struct slice mailbox; /* here: below the mail directory */
	uid_t owner;          /* here: a system user's uid, else (uid_t)-1 */
	struct quota quota;   /* here: the mailbox's limits */
	/* here: not empty when a limit among the user's options is none, so
	 * that the default counts: the word, for the log */
	struct slice bad_option;
};

/* Expand `address` wholly: aliases (with :include:), virtual aliases,
 * plus-addressing, catch-all, users, system accounts. Postmaster is found
 * whatever his alias says (RFC 5321 §4.5.1). A remote address is one
 * target. Duplicates are dropped. *ret_alias: an alias was involved.
 * *ret_line: with ROUTE_BROKEN, "file:line". */
enum route_outcome route_expand(struct route *r, const struct addr *address,
				struct arena *arena, struct route_target **ret,
				size_t *ret_n, bool *ret_alias,
				struct slice *ret_line) MUST_LOOK;

/* The same for an address that is final already (from the queue): one target,
 * no aliases. */
enum route_outcome route_final(struct route *r, struct slice address,
			       struct arena *arena,
			       struct route_target *ret) MUST_LOOK;

/* Is this domain ours (or an address literal of ours, or none at all)? */
bool route_is_local(struct route *r, const struct addr *address);

/* ---- going elsewhere ---- */

/* The next hop for a domain (A-labels, or "[192.0.2.1]"): a key that is the
 * same for all that can share a connection ("example.net", "[192.0.2.1]:2525",
 * "smart.example:587 tls=verify"). From routes, the smarthost, or the domain
 * itself. */
enum route_outcome route_next_hop(struct route *r, struct slice domain,
				  struct arena *arena,
				  struct slice *ret_next_hop) MUST_LOOK;

/* How the hosts behind a next hop are spoken to. */
struct route_manner {
	enum tls_policy tls;
	bool implicit;
	struct slice name;  /* whom their certificate has to name; empty: the
			       host. In the key, as is login */
	struct slice login; /* among the credentials; may be empty */
};

/* False: no next hop of ours. Without tls= the settings have it; with a login
 * it is TLS_VERIFY then. */
bool route_manner(const struct route *r, struct slice next_hop,
		  struct route_manner *ret) MUST_LOOK;

struct route_host {
	struct slice name; /* for the log and DSNs */
	struct slice ip;
	uint16_t port;
	bool sure; /* its name is not an unsigned MX record's word alone */
};

enum route_hosts {
	ROUTE_HOSTS_FOUND,
	ROUTE_HOSTS_NULL_MX, /* RFC 7505: 556 5.1.10 */
	ROUTE_HOSTS_NO_NAME, /* no such domain: 5.1.2 */
	ROUTE_HOSTS_SELF,    /* MX points to us: a loop, 5.4.6 */
	ROUTE_HOSTS_AGAIN,   /* 4.4.3 */
	ROUTE_HOSTS_NONE,    /* the name has no address at all: 5.4.4 */
};

/* The hosts to try for a next hop, in order: MX with preference (hosts of our
 * own name, and what is behind them, left out), implicit MX, a fixed address.
 * Bounded in number. */
enum route_hosts route_hosts(struct route *r, struct dns *dns,
			     struct slice next_hop, struct arena *arena,
			     struct route_host **ret, size_t *ret_n) MUST_LOOK;

/* ---- for `postern check` ---- */

/* Judge aliases and routes files line by line. */
int route_check(const struct settings *s, settings_complain *complain,
		void *context) MUST_LOOK;

/* The files that the aliases include, and those include: for who says in
 * advance what he will read. Unreadable ones are passed over. A result of
 * `seen` that is not 0 ends it: 0, or that. */
typedef int route_list(void *context, const char *path);
int route_lists(const struct settings *settings, route_list *seen,
		void *context) MUST_LOOK;

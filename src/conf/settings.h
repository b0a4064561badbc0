/* SPDX-License-Identifier: ISC */
/* Every setting of postern: one struct, filled through one const table
 * (section, key, type, range, default, unit, help) from which the parser,
 * `postern check`, its dump and the manual's list are made. */
#pragma once

#include "base/arena.h"
#include "base/peer.h"
#include "conf/dnslist.h"
#include "conf/ini.h"
#include "conf/quota.h"
#include "conf/rate.h"

struct words {
	struct slice *v;
	size_t n;
};

struct networks {
	struct network *v;
	size_t n;
};

struct ports {
	uint16_t *v;
	size_t n;
};

#define SETTINGS_LISTS_MAX 30 /* in [trust], all three together */

/* Durations are in seconds, sizes in bytes; slices are NUL-terminated. */
struct settings {
	struct {
		struct slice name;       /* ours: banner, HELO, Received */
		struct slice postmaster; /* gets <postmaster> and double
					    bounces */
	} host;
	struct {
		struct words local;    /* names are users and aliases */
		struct words virtual_; /* names are only name@domain entries */
	} domains;
	struct {
		struct slice file;    /* postern-users(5) */
		struct slice aliases; /* aliases(5) */
		bool system;          /* the system's accounts have mailboxes */
		uint64_t system_uid_min;
		struct slice delimiter; /* "+": alice+list is alice; or empty */
	} users;
	struct {
		struct slice directory;
		uint64_t lock_wait_s;
		bool dotlock;
	} store;
	struct {
		uint64_t octets;   /* of a mailbox; 0: no limit */
		uint64_t messages; /* likewise */
		struct domain_quotas domains;
		uint64_t warn_percent; /* 0: never */
	} quota;
	struct {
		bool biff;
		struct slice biff_address; /* whom to tell, by UDP */
	} notice;
	struct {
		struct networks networks; /* they send a header first */
		struct ports ports;       /* to these of ours; none: all */
		uint64_t wait_s;
	} proxy;
	struct {
		struct networks networks; /* may relay without a login */
		struct networks xclient;  /* may say whom they speak for */
		uint64_t message_max;     /* octets */
		uint64_t recipients_max;  /* per message */
		uint64_t errors_max;      /* bad commands per session */
		uint64_t commands_max;    /* without a message in between */
		uint64_t text_line_max;   /* octets in a line of a message */
		uint64_t hops_max;        /* Received fields */
		uint64_t logins_max;      /* failed ones per connection */
		bool require_tls;         /* submission: first of all */
		bool own_sender;          /* a login sends as itself only */
		uint64_t command_s;       /* to wait for a command */
		uint64_t data_s;          /* to wait for a block of data */
		uint64_t session_s;       /* in all */
		uint64_t greet_wait_ms;   /* early talkers show up meanwhile */
		uint64_t tarpit_ms;       /* more before each refusal */
		uint64_t tarpit_max_ms;   /* but no more than this */
	} smtp;
	struct {
		struct slice file; /* what all processes count in, or empty */
		/* of a source */
		struct rate connections, messages, recipients,
			failed_recipients;
		struct rate user_messages, user_recipients; /* of a login */
		uint64_t ipv4_prefix, ipv6_prefix; /* what one source is */
	} rates;
	struct {
		struct networks networks; /* never held up */
		struct dns_lists allow_lists, greylist_lists, refuse_lists;
		struct slice helo;    /* "no", "greylist", "refuse" */
		struct slice reverse; /* likewise */
		uint64_t wait_ms;     /* for all the answers */
	} trust;
	struct {
		struct slice file;
		bool everybody; /* not suspects alone */
		uint64_t delay_s, window_s, known_s;
	} greylist;
	struct {
		uint64_t login_delay_s; /* between logins to one mailbox */
		uint64_t idle_s;        /* RFC 1939 §3: at least 600 */
		uint64_t session_s;
		uint64_t logins_max; /* failed ones per connection */
	} pop3;
	struct {
		struct slice socket;    /* postern-authd's; empty: none */
		struct slice program;   /* started where there is no socket */
		struct slice passwords; /* postern-passwords(5) */
		struct slice checkpassword; /* a program, or empty */
		struct slice secret;     /* file: what made-up salts hang on */
		struct slice mechanisms; /* of SASL, those to be had */
		struct slice cleartext;  /* "auto", "yes", "no" */
		struct slice system;     /* "no", "yes", "only" */
		uint64_t iterations;     /* of SCRAM keys made from now on */
		struct slice brake;      /* file of failures; empty: no brake */
		uint64_t failures;       /* in a row before the brake */
		uint64_t relief_s;       /* one is forgiven in this time */
		struct slice memory; /* file of right passwords; empty: no */
		uint64_t remember_s; /* one of them; 0: not at all */
	} auth;
	struct {
		struct slice directory;
		uint64_t retry_min_s;
		uint64_t retry_max_s;
		uint64_t warn_s;   /* 0: never */
		uint64_t expire_s; /* give up */
	} queue;
	struct {
		struct slice routes;     /* postern-routes(5) */
		struct slice smarthost;  /* as a route's value: hop.h */
		uint64_t port;           /* where other hosts' MX listen */
		uint64_t workers;        /* destinations at the same time */
		uint64_t per_connection; /* messages before a new connection */
		uint64_t connect_s;
		struct slice tls; /* enum tls_policy, in words */
		/* PEM files, or empty: whom to trust; our own */
		struct slice tls_ca, tls_certificate, tls_key;
		struct slice credentials; /* file: NAME:user:password */
	} relay;
	struct {
		struct words certificates; /* sources: paths, or patterns */
		struct slice directory;    /* where they are published */
		struct slice priority;     /* GnuTLS's words, or empty */
		struct slice client_ca;    /* PEM, or empty */
	} tls;
	struct {
		struct slice server; /* empty: resolv.conf */
		uint64_t timeout_s;
	} dns;
	struct {
		uint64_t sessions;   /* at the same time, of one program */
		uint64_t per_source; /* of them from one source; 0: all */
		uint64_t bits4;      /* of an IPv4 address: one source */
		uint64_t bits6;      /* of an IPv6 address */
		uint64_t idle_s;     /* then it ends; 0: never */
	} acceptor;
	struct {
		struct slice to; /* auto, journal, syslog, stderr, none */
		uint64_t level;  /* 3 (errors) … 7 (debug) */
	} log;
};

/* What is wrong, where, and what to do. */
struct complaint {
	struct ini_place at; /* file may be NULL: no place */
	const char *problem;
	const char *remedy;
	bool fatal; /* handlers refuse to serve with it */
};
typedef void settings_complain(void *context, const struct complaint *c);

/* Read `path` (and path.d) over the defaults. Everything lives in `arena`.
 * All complaints are given out, not only the first; they are valid during the
 * call. 0, or -EINVAL when one of them was fatal, or -errno of reading (a
 * complaint names the file). A missing file is an error. */
int settings_read(const char *path, struct arena *arena,
		  settings_complain *complain, void *context,
		  struct settings *ret) MUST_LOOK;

/* The defaults alone. */
int settings_default(struct arena *arena, struct settings *ret) MUST_LOOK;

/* Every setting as "key = value" under its [section], in the file's own syntax,
 * with its help as a comment (help false: values only), for `postern check
 * --dump`; it can be read back. 0 or as buf_put. */
int settings_dump(const struct settings *s, bool help,
		  struct buf *out) MUST_LOOK;

/* The limits of a mailbox that `name` ("alice", "alice@example.org") owns, by
 * default: its domain's, else the general ones. A bare name belongs to the
 * first of our local domains, whichever of them mail is addressed to. */
struct quota settings_quota(const struct settings *s, struct slice name);

/* For `postern check`: what may be meant so, but seldom is. None of it is
 * fatal. */
void settings_judge(const struct settings *s, settings_complain *complain,
		    void *context);

/* Is `domain` (A-labels, any case) in the list? */
bool words_have(const struct words *w, struct slice domain);
/* Is it local or virtual? */
bool settings_own(const struct settings *s, struct slice domain);
bool networks_have(const struct networks *n, const struct peer *p);
bool ports_have(const struct ports *p, uint16_t port);

/* SPDX-License-Identifier: ISC */
/* A whole house for tests: a queue, mailboxes of alice and bob at
 * here.example, and routes, in a directory of its own. */
#pragma once

#include "base/ident.h"
#include "relay/run.h"

#define NOON_US   ((int64_t)1795435200 * 1000000)
#define MINUTE_US (60 * (int64_t)1000000)
#define HOUR_US   (60 * MINUTE_US)

struct house {
	char directory[64];
	const char *paths[5]; /* what the settings point to */
	struct arena *arena;
	struct settings settings;
	struct store *store;
	struct relay relay;
	pid_t names;              /* the name server, if there is one */
	struct relay_count count; /* of the last run */
};

extern struct house house;

/* .init and .fini of a Test. The clock stands at noon. */
void house_open(void);
void house_close(void);

/* Add a route: "example.net", and the port on 127.0.0.1. */
void house_route(const char *domain, uint16_t port);

/* From now on names are looked up at remote_names(). */
void house_ask(uint16_t smtp_port);

/* Queue "Subject: SUBJECT" from bob@here.example for those addresses, up to
 * the NULL. Its id, in the house's arena. */
const char *house_queue(const char *subject, ...) __attribute__((sentinel));
void house_notify(unsigned notify); /* of those queued from now on */

/* One run; house.count. */
void house_run(void);

/* The same, this many minutes later. */
void house_run_in(int minutes);

/* Messages in the queue; the only one's due time and first recipient. */
size_t house_queued(int64_t *ret_due_us, struct recipient *ret);

/* Is this text in bob's mailbox? */
bool house_bob_has(const char *part);

/* Files in a folder of the queue. */
size_t house_files(const char *folder);

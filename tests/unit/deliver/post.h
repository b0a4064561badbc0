/* SPDX-License-Identifier: ISC */
/* A post office for tests: a real queue in a directory of its own; routing and
 * mailboxes are doubles that do what the test says.
 *
 * "…@here.example" is at home here, "nobody@here.example" is not there,
 * "later@here.example" cannot be looked up; all else is elsewhere. */
#pragma once

#include "base/ident.h"
#include "deliver/deliver.h"

#define NOON_US ((int64_t)1795435200 * 1000000)
#define HOUR_US (3600 * (int64_t)1000000)

struct delivery {
	char mailbox[64];
	char once[64];
	char *text; /* head and message */
	size_t n;
};

struct post {
	char directory[64];
	struct settings settings;
	struct queue *queue;
	struct store *store; /* real, in the same directory */
	struct deliver *deliver;
	struct arena *arena;
	struct envelope env;
	char id[IDENT_MAX];
	/* the doubles' */
	int store_error;          /* what mailboxes say, */
	const char *error_of;     /* or, unless NULL, that one alone */
	int warning_error;        /* what they say to mail without a sender */
	struct quota quota;       /* of every mailbox here */
	struct mbox_appended did; /* what an append tells */
	struct quota asked;       /* the limits the last one was given */
	struct delivery got[16];
	size_t n_got, n_forgotten;
};

extern struct post post;

void post_open(void);
void post_close(void);

/* Begin post.env: from, and nobody yet. */
void post_envelope(const char *from);
struct recipient *post_to(const char *address);

/* Commit `text` under post.env. */
int post_commit(const char *text);

/* Messages in the queue; the only one of them, claimed. */
size_t post_queued(void);
struct queue_item *post_claim(void);

bool post_got(size_t i, const char *part);

/* SPDX-License-Identifier: ISC */
/* A queue in a directory of its own, gone with the test. */
#pragma once

#include "base/ident.h"
#include "queue/queue.h"

#define DAY_US  (86400 * (int64_t)1000000)
#define NOON_US ((int64_t)1795435200 * 1000000)

struct house {
	char directory[64];
	struct queue *queue;
	struct recipient to[2];
	struct envelope env;
	char id[IDENT_MAX];
};

void house_open(struct house *h);
void house_close(struct house *h);

/* A fresh envelope with its id in h->env. */
void house_envelope(struct house *h);

/* One message, published; text "body of ID". */
void house_publish(struct house *h, struct queue_item **claim);

/* Names below a folder of the queue; those of its folders not counted. */
size_t house_files(const struct house *h, const char *folder);

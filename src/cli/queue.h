/* SPDX-License-Identifier: ISC */
/* The verbs of `postern queue`. */
#pragma once

#include "cli/desk.h"
#include "queue/queue.h"

cli_run queue_verb_list;
cli_run queue_verb_show;
cli_run queue_verb_retry;
cli_run queue_verb_remove;

extern const char queue_usage[];

/* The settings, and the queue they name. */
struct queue_desk {
	struct desk desk;
	struct queue *queue;
};

/* CLI_OK, or the exit status once c->err says why. Call _done either way. */
int queue_desk_open(struct cli *c, struct queue_desk *ret) MUST_LOOK;
void queue_desk_done(struct queue_desk *d);

/* "waiting", "delivered", … */
const char *queue_state_text(enum recipient_state state);

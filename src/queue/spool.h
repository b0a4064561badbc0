/* SPDX-License-Identifier: ISC */
/* The queue's directory and the names in it; the room's own. All paths are
 * below q->root. */
#pragma once

#include "queue/queue.h"

#define SPOOL_PATH_MAX  256
#define SPOOL_BUCKET_US (600 * (int64_t)1000000)

struct queue {
	int root;
	char host[65];
	bool said_closed; /* of one that may not be opened, once */
};

/* "tmp/HOST.PID.ID" */
void spool_tmp(const struct queue *q, const char *id, char ret[SPOOL_PATH_MAX]);

/* "due/2026-11-23T07:10Z": the folder of the ten minutes of due_us; and
 * "due/2026-11-23T07:10Z/2026-11-23T07:15:03Z.ID". */
void spool_bucket(int64_t due_us, char ret[SPOOL_PATH_MAX]);
void spool_due(int64_t due_us, struct slice id, char ret[SPOOL_PATH_MAX]);

/* Rename `from` to where it lies until due_us; its folder is made when
 * missing. ret_path is the new path. 0 or -errno. */
int spool_move_due(struct queue *q, const char *from, struct slice id,
		   int64_t due_us, char ret_path[SPOOL_PATH_MAX]) MUST_LOOK;

/* The names in a folder, sorted; none when there is no such folder. */
struct spool_names {
	char **v;
	size_t n;
};
int spool_list(const struct queue *q, const char *folder,
	       struct spool_names *ret) MUST_LOOK;
void spool_names_done(struct spool_names *names);

/* A name in a bucket: when it is due and whose. False: not one of ours. */
bool spool_due_name(const char *name, int64_t *ret_us, struct slice *ret_id);

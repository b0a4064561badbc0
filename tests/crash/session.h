/* SPDX-License-Identifier: ISC */
/* What one process does with the mailbox "alice" or "example.org/alice": the
 * store's public calls, and how another program appends. */
#pragma once

#include "messages.h"
#include "store/maildrop.h"
#include "store/mbox.h"

/* Which of the two from now on; its file below `path`. */
void session_choose(bool in_folder);
void session_file(const char *path, char ret[256]);

/* An empty mail directory at `path`, known to the recorder. */
void session_stage(const char *path);

/* The store there; locks are tried once. Ends the program when it cannot. */
struct store *session_store(const char *path, bool dotlock);

int session_append(struct store *s, enum message_id id);
int session_forget(struct store *s, enum message_id id);
int session_open(struct store *s, struct maildrop **ret);

/* Read message i; freed by the caller. 0 or -errno; -EBADMSG when its octets
 * are not as many as promised. */
int session_read(struct maildrop *m, size_t i, struct slice *ret);

/* Mark these; -ENOENT when one is not there. */
int session_find(struct maildrop *m, uint32_t messages, bool *marked);

/* As a program of others does it: lock (fcntl, no dotlock), append, flush.
 * Nothing else happens meanwhile, for what they lose is not ours to judge.
 * -EAGAIN: locked. */
int session_foreign(const char *path, enum message_id id);

/* SPDX-License-Identifier: ISC */
/* A small file of fixed size behind a random key, which the processes of one
 * user share. For what may be lost at any time: a reader takes whatever it
 * finds for possible, and nothing is ever synced. */
#pragma once

#include "base/digest.h"

struct slots;

/* Open the file at `path` (mode 0600), of `size` bytes behind its header. One
 * that is missing, of another size, damaged, or was made under another `mark`
 * is replaced by an empty one with a fresh key.
 *
 * 0, -EPERM (the file is not ours alone), -ELOOP, -EMLINK, -EINVAL (a link, or
 * no regular file), -ENAMETOOLONG, or what the system says. */
int slots_open(const char *path, struct slice mark, uint64_t size,
	       struct slots **ret) MUST_LOOK;

/* `n` bytes at offset `at`. What cannot be read is 0; what cannot be written is
 * lost. */
void slots_read(struct slots *s, void *p, size_t n, uint64_t at);
void slots_write(struct slots *s, const void *p, size_t n, uint64_t at);

/* Keep others out of these `n` bytes from reading to writing: between processes
 * only, and only those who lock. Waits for moments, not for ever: false, and
 * whoever counts on without may lose a count. */
bool slots_lock(struct slots *s, size_t n, uint64_t at) MUST_LOOK;
void slots_unlock(struct slots *s, size_t n, uint64_t at);

/* HMAC under the file's key of `n` slices, each behind its length: no two
 * lists look alike. */
void slots_mac(const struct slots *s, const struct slice *parts, size_t n,
	       uint8_t ret[DIGEST_KEYED_BYTES]);

/* Wipes the key from memory. NULL does nothing. */
void slots_close(struct slots *s);

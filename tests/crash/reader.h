/* SPDX-License-Identifier: ISC */
/* The messages of an mbox file, read as any mail program would, by a reader
 * that shares no code with the store. */
#pragma once

#include "base/slice.h"

/* Each as POP3 would send it; valid during the call. */
typedef void reader_seen(void *context, struct slice wire);

/* False: not a mailbox, or NULs in it. No file is an empty mailbox. */
bool reader_read(const char *file, reader_seen *seen, void *context);

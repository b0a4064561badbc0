/* SPDX-License-Identifier: ISC */
/* For the targets that put hostile files beside a mailbox: a mail directory
 * with the mailbox "a", in memory where the system has such a place. */
#pragma once

#include <assert.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "store/place.h"

#define MESSAGE(subject, body)                                                 \
	"From a@b Mon Nov 23 07:15:03 2026\n"                                  \
	"Subject: " subject "\n\n" body "\n\n"

/* Twins, a read one, an empty one, a large one behind. */
static const char mailbox_text[] =
	MESSAGE("twin", "t") MESSAGE("one", "1\n2\n3") MESSAGE("twin", "t")
		MESSAGE("two\nStatus: RO", "") MESSAGE("twin", "t")
			MESSAGE("last", "the quick brown fox jumps");

static char mailbox_dir[64];

static inline void mailbox_put(const char *name, struct slice text)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", mailbox_dir, name);
	f = fopen(path, "wb");
	assert(f);
	assert(fwrite(text.p ? text.p : "", 1, text.n, f) == text.n);
	assert(fclose(f) == 0);
}

/* As much of it as `ret` has room for. */
static inline size_t mailbox_get(const char *name, char *ret, size_t room)
{
	char path[128];
	FILE *f;
	size_t n;

	(void)snprintf(path, sizeof(path), "%s/%s", mailbox_dir, name);
	f = fopen(path, "rb");
	if (!f)
		return 0;
	n = fread(ret, 1, room, f);
	assert(fclose(f) == 0);
	return n;
}

static inline void mailbox_remove(const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", mailbox_dir, name);
	(void)unlink(path);
}

static inline void mailbox_leave(void)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf %s", mailbox_dir);
	(void)!system(command);
}

/* A store with the mailbox alone; what an earlier call left is gone. */
static inline struct store *mailbox_fresh(void)
{
	static const char *const beside[] = { "index",       "index.new",
					      "uidl",        "uidl.next",
					      "append",      "expunge",
					      "expunge.new", "expunge.odd" };
	const struct store_options o = { 1000, false };
	struct store *s;
	char path[128], name[32];

	if (mailbox_dir[0] == '\0') {
		(void)snprintf(mailbox_dir, sizeof(mailbox_dir),
			       "/dev/shm/postern-fuzz-XXXXXX");
		if (!mkdtemp(mailbox_dir)) {
			(void)snprintf(mailbox_dir, sizeof(mailbox_dir),
				       "/tmp/postern-fuzz-XXXXXX");
			assert(mkdtemp(mailbox_dir));
		}
		assert(atexit(mailbox_leave) == 0);
		(void)snprintf(path, sizeof(path), "%s/.postern", mailbox_dir);
		assert(mkdir(path, 0770) == 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(beside); i++) {
		(void)snprintf(name, sizeof(name), ".postern/a.%s", beside[i]);
		mailbox_remove(name);
	}
	mailbox_put("a", SLICE(mailbox_text));
	assert(store_open(mailbox_dir, &o, &s) == 0);
	return s;
}

/* SPDX-License-Identifier: ISC */
/* See judge.h. What the mailbox holds is asked twice: through the store, and
 * by a reader of our own that knows no more of the file than any mail program
 * does (reader.c). Both must see the same messages. */
#include "judge.h"

#include <assert.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "reader.h"
#include "recorder.h"
#include "session.h"
#include "wraps.h"

#define SEEN_MOST 64

struct trial {
	const char *path;
	bool dotlock;
	struct fates fates;
	struct uids uids, now;
	enum message_id seen[SEEN_MOST]; /* in order */
	size_t n;
	ino_t inode;
	enum message_id extra;
	struct verdict *verdict;
};

static void fault_found(struct trial *t, const char *format, ...)
	PRINTF_LIKE(2, 3);

static void fault_found(struct trial *t, const char *format, ...)
{
	va_list ap;

	if (!t->verdict->fine)
		return;
	t->verdict->fine = false;
	va_start(ap, format);
	(void)vsnprintf(t->verdict->why, sizeof(t->verdict->why), format, ap);
	va_end(ap);
}

/* ---- looking ---- */

static void see(struct trial *t, struct slice wire, const char *where)
{
	enum message_id id = message_known(wire);

	if (id == MESSAGES) {
		fault_found(t, "torn (%s, place %zu, %zu octets): %.120s",
			    where, t->n, wire.n, wire.p);
		return;
	}
	if (t->n == SEEN_MOST)
		fault_found(t, "too many messages");
	else
		t->seen[t->n++] = id;
}

static void note_uid(struct trial *t, enum message_id id, const char *uid)
{
	(void)snprintf(t->now.of[id], sizeof(t->now.of[id]), "%s", uid);
}

static void check_uids(struct trial *t)
{
	for (enum message_id id = 0; id < MESSAGES; id++) {
		const char *now = t->now.of[id];
		char *known = t->uids.of[id];

		if (now[0] == '\0')
			continue;
		if (known[0] != '\0' && strcmp(known, now) != 0)
			fault_found(t, "another unique-id: %s: %s, not %s",
				    message_title(id), now, known);
		(void)snprintf(known, sizeof(t->uids.of[id]), "%s", now);
	}
}

static void look_at(struct trial *t, struct maildrop *m, size_t i)
{
	struct slice wire;
	int r = session_read(m, i, &wire);

	if (r < 0) {
		fault_found(t, "message %zu cannot be read: %d", i, r);
		return;
	}
	see(t, wire, "maildrop_read");
	if (t->verdict->fine)
		note_uid(t, t->seen[t->n - 1], maildrop_uid(m, i));
	free((char *)(uintptr_t)wire.p);
}

/* The dotlock of a dead process is all that a power cut left, and perhaps not
 * what stood in it: then five minutes must go by. False: there is none. */
static bool wait_for_dotlock(const struct trial *t)
{
	const struct timespec long_ago[2] = { { .tv_sec = 1 },
					      { .tv_sec = 1 } };
	char file[256], lock[256 + 8];
	int fd;

	session_file(t->path, file);
	(void)snprintf(lock, sizeof(lock), "%s.lock", file);
	fd = __real_openat64(AT_FDCWD, lock, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return false;
	recorder_changed(fd);
	if (__real_futimens(fd, long_ago) < 0)
		abort();
	(void)__real_close(fd); /* was not written */
	return true;
}

static int log_in(const struct trial *t, struct store *s, struct maildrop **ret)
{
	int r = session_open(s, ret);

	return r == -EAGAIN && wait_for_dotlock(t) ? session_open(s, ret) : r;
}

static void look_through_store(struct trial *t)
{
	struct store *s = session_store(t->path, t->dotlock);
	struct maildrop *m;
	int r = log_in(t, s, &m);

	t->n = 0;
	t->now = (struct uids){ 0 };
	if (r < 0) {
		fault_found(t, "no login: %d", r);
	} else {
		for (size_t i = 0; i < maildrop_count(m); i++)
			look_at(t, m, i);
		maildrop_close(m);
	}
	store_close(s);
}

static void see_raw(void *context, struct slice wire)
{
	see(context, wire, "in the file");
}

/* The file by itself: the same messages in the same order. */
static void look_into_file(struct trial *t)
{
	enum message_id before[SEEN_MOST];
	size_t n = t->n;
	char file[256];

	memcpy(before, t->seen, sizeof(before));
	t->n = 0;
	session_file(t->path, file);
	if (!reader_read(file, see_raw, t))
		fault_found(t, "no mailbox file of sense");
	if (t->n != n || memcmp(before, t->seen, n * sizeof(*before)) != 0)
		fault_found(t,
			    "the file holds other messages than the store "
			    "says: %zu, not %zu",
			    t->n, n);
}

/* ---- judging ---- */

static void check_one(struct trial *t, enum message_id id, size_t count,
		      int *group)
{
	enum fate fate = t->fates.of[id];
	const char *title = message_title(id);

	if (count > 1)
		fault_found(t, "%zu times there: %s", count, title);
	if (fate == FATE_ABSENT && count > 0)
		fault_found(t, "there, and must not be: %s", title);
	if (fate == FATE_PRESENT && count == 0)
		fault_found(t, "lost: %s", title);
	if (fate == FATE_GROUP) {
		if (*group >= 0 && *group != (int)count)
			fault_found(t, "deleted in part: %s", title);
		*group = (int)count;
	}
	/* from now on it stays so */
	t->fates.of[id] = count > 0 ? FATE_PRESENT : FATE_ABSENT;
}

static void check_order(struct trial *t)
{
	enum message_id last = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (t->seen[i] > LAST_FOREIGN)
			continue;
		if (t->seen[i] < last)
			fault_found(t, "out of order: %s",
				    message_title(t->seen[i]));
		last = t->seen[i];
	}
}

static void check_inode(struct trial *t)
{
	char file[256];
	struct stat st;

	session_file(t->path, file);
	if (stat(file, &st) < 0)
		st.st_ino = 0;
	if (t->inode != 0 && st.st_ino != t->inode)
		fault_found(t, "the mailbox is another inode");
	t->inode = st.st_ino;
}

static void look(void *context)
{
	struct trial *t = context;
	int group = -1;

	look_through_store(t);
	if (t->verdict->fine)
		look_into_file(t);
	if (!t->verdict->fine)
		return;
	for (enum message_id id = 0; id < MESSAGES; id++) {
		size_t count = 0;

		for (size_t i = 0; i < t->n; i++)
			count += t->seen[i] == id;
		check_one(t, id, count, &group);
	}
	check_order(t);
	check_uids(t);
	check_inode(t);
}

/* ---- life goes on ---- */

static void append(struct trial *t, enum message_id id)
{
	struct store *s = session_store(t->path, t->dotlock);
	int r = session_append(s, id);

	if (r == -EAGAIN && wait_for_dotlock(t))
		r = session_append(s, id);
	if (r < 0)
		fault_found(t, "no append of %s: %d", message_title(id), r);
	else if (!t->fates.acknowledged[id])
		t->fates.of[id] = FATE_PRESENT;
	t->fates.acknowledged[id] = true;
	store_close(s);
}

static void repeat(void *context)
{
	struct trial *t = context;

	for (enum message_id id = 0; id < MESSAGES; id++)
		if (t->fates.repeat[id])
			append(t, id);
}

static void go_on(void *context)
{
	struct trial *t = context;

	append(t, t->extra);
}

void judge(const char *path, bool dotlock, const struct fates *fates,
	   const struct uids *uids, size_t order, struct verdict *ret)
{
	static void (*const orders[][5])(void *) = {
		{ look, repeat, go_on, look, NULL },
		{ go_on, look, repeat, look, NULL },
		{ repeat, look, go_on, look, NULL },
	};
	struct trial t = { .path = path,
			   .dotlock = dotlock,
			   .fates = *fates,
			   .uids = *uids,
			   .extra = fates->of[AFTERWARDS] == FATE_ABSENT
					    ? AFTERWARDS
					    : AFTERWARDS_2,
			   .verdict = ret };

	*ret = (struct verdict){ .fine = true };
	check_inode(&t);
	for (size_t i = 0; i < 5 && orders[order % 3][i] && ret->fine; i++)
		(void)recorder_process(orders[order % 3][i], &t);
}

static void look_at_uids(void *context)
{
	look_through_store(context);
}

void judge_uids(const char *path, bool dotlock, struct uids *ret)
{
	struct verdict verdict = { .fine = true };
	struct trial t = { .path = path,
			   .dotlock = dotlock,
			   .verdict = &verdict };

	(void)recorder_process(look_at_uids, &t);
	if (!verdict.fine) {
		printf("cannot set the stage: %s\n", verdict.why);
		exit(1);
	}
	*ret = t.now;
}

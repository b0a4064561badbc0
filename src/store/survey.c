/* SPDX-License-Identifier: ISC */
/* See survey.h. */
#include "store/survey.h"

#include <sys/stat.h>

#define READ_BYTES (256U * 1024)
#define UID_HEX    32

static int on_span(void *context, const struct mbox_span *span)
{
	struct survey *s = context;
	struct surveyed *m;

	if (span->hidden)
		return 0;
	if (s->n == s->room) {
		size_t room = s->room > 0 ? s->room * 2 : 64;

		m = reallocarray(s->messages, room, sizeof(*m));
		if (!m)
			return -ENOMEM;
		s->messages = m;
		s->room = room;
	}
	m = &s->messages[s->n++];
	*m = (struct surveyed){ .from = span->from,
				.start = span->start,
				.body = span->body,
				.end = span->end,
				.next = span->next,
				.octets = span->octets,
				.read = span->read };
	(void)snprintf(m->uid, sizeof(m->uid), "%.*s", UID_HEX, span->digest);
	return 0;
}

static int by_uid(const void *a, const void *b)
{
	const struct surveyed *const *x = a, *const *y = b;
	int r = memcmp((*x)->uid, (*y)->uid, UID_HEX);

	return r != 0 ? r : (*x > *y) - (*x < *y);
}

/* Identical messages are told apart by their order in the file. */
static int number_twins(struct survey *s)
{
	struct surveyed **order = calloc(s->n + 1, sizeof(struct surveyed *));
	size_t twins = 1;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < s->n; i++)
		order[i] = &s->messages[i];
	qsort(order, s->n, sizeof(struct surveyed *), by_uid);
	for (size_t i = 1; i < s->n; i++) {
		if (memcmp(order[i]->uid, order[i - 1]->uid, UID_HEX) != 0) {
			twins = 1;
			continue;
		}
		twins++;
		(void)snprintf(order[i]->uid + UID_HEX,
			       sizeof(order[i]->uid) - UID_HEX, ".%u",
			       (unsigned)twins);
	}
	free(order);
	return 0;
}

static int scan(int fd, struct survey *s)
{
	struct mbox_scan *scanner = mbox_scan_new(0, on_span, s);
	char *block = malloc(READ_BYTES);
	int r = scanner && block ? 0 : -ENOMEM;
	uint64_t at = 0;

	while (r == 0 && at < s->size) {
		uint64_t left = s->size - at;
		size_t want = left < READ_BYTES ? (size_t)left : READ_BYTES;
		ssize_t n = file_read_at(fd, block, want, at);

		if (n < (ssize_t)want)
			r = n < 0 ? (int)n : -EIO;
		else
			r = mbox_scan_push(scanner,
					   (struct slice){ block, want });
		at += want;
	}
	if (r == 0)
		r = mbox_scan_end(scanner);
	mbox_scan_free(scanner);
	free(block);
	return r;
}

int survey_take(int fd, struct survey *ret)
{
	struct survey s = { 0 };
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	s.size = (uint64_t)st.st_size;
	s.inode = st.st_ino;
	s.changed = st.st_mtim;
	r = scan(fd, &s);
	if (r == 0)
		r = number_twins(&s);
	if (r < 0)
		survey_done(&s);
	else
		*ret = s;
	return r;
}

void survey_done(struct survey *s)
{
	free(s->messages);
	*s = (struct survey){ 0 };
}

bool survey_holds(const struct survey *s, int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && s->inode == st.st_ino &&
	       s->size == (uint64_t)st.st_size &&
	       s->changed.tv_sec == st.st_mtim.tv_sec &&
	       s->changed.tv_nsec == st.st_mtim.tv_nsec;
}

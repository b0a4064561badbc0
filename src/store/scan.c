/* SPDX-License-Identifier: ISC */
/* See scan.h. */
#include "store/scan.h"

#include <sched.h>

#include "base/file.h"
#include "store/scout.h"

#define PAGE_BYTES ((size_t)4 << 10)
#define READ_BYTES ((size_t)128 << 10) /* stays in the processor's cache */

/* A thread costs as much as reading a third of a megabyte; a handover between
 * the two, every other stride, a hundredth of one. */
#define SHARE_LEAST ((uint64_t)32 << 20)
#define STRIDE      ((uint64_t)8 << 20)

/* The block begins a page: to a place some octets behind (malloc's) some
 * processors copy at half the speed. */
static int push(struct mbox_scan *scanner, int mailbox, uint64_t at,
		uint64_t size, const atomic_bool *stop)
{
	char *block = aligned_alloc(PAGE_BYTES, READ_BYTES);
	int r = block ? 0 : -ENOMEM;

	while (r == 0 && at < size) {
		size_t want = size - at < READ_BYTES ? (size_t)(size - at)
						     : READ_BYTES;
		ssize_t n = file_read_at(mailbox, block, want, at);

		if (n < (ssize_t)want)
			r = n < 0 ? (int)n : -EIO;
		else if (stop && atomic_load(stop))
			r = -ECANCELED;
		else
			r = mbox_scan_push(scanner,
					   (struct slice){ block, want });
		at += want;
	}
	free(block);
	return r;
}

int scan_until(int mailbox, uint64_t at, uint64_t size, mbox_span_seen *seen,
	       void *context, const atomic_bool *stop)
{
	struct mbox_scan *scanner = mbox_scan_new(at, seen, context);
	int r = scanner ? push(scanner, mailbox, at, size, stop) : -ENOMEM;

	if (r == 0)
		r = mbox_scan_end(scanner);
	mbox_scan_free(scanner);
	return r;
}

int scan_alone(int mailbox, uint64_t at, uint64_t size, mbox_span_seen *seen,
	       void *context)
{
	return scan_until(mailbox, at, size, seen, context, NULL);
}

static bool has_processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 &&
	       CPU_COUNT(&set) > 1;
}

int scan_mailbox(int mailbox, uint64_t at, uint64_t size, mbox_span_seen *seen,
		 void *context)
{
	bool much = at < size && size - at >= SHARE_LEAST;
	struct scout *s = much && has_processors()
				  ? scout_new(mailbox, size, STRIDE)
				  : NULL;
	int r = s ? scout_scan(s, at, seen, context)
		  : scan_alone(mailbox, at, size, seen, context);

	scout_free(s);
	return r;
}

/* SPDX-License-Identifier: ISC */
/* An inspection of the index and of the unique-ids: entry by entry beside a
 * scan of the mailbox, which is done in memory. */
#include "store/extent.h"
#include "store/index_build.h"
#include "store/inspect_parts.h"
#include "store/uidl.h"
#include "store/uidl_file.h"

/* ---- a fresh one ---- */

static int make_fresh(const struct inspection *in, struct index **ret)
{
	struct place nowhere = in->box.place;
	struct index *x = NULL;
	uint64_t size;
	int r = extent_size(in->box.fd, &size);

	nowhere.side = -1;
	if (r == 0)
		r = index_new(&nowhere, &x);
	if (r < 0)
		return r;
	x->place = in->box.place; /* for NAME.uidl */
	r = index_scan(x, in->box.fd, 0, size);
	if (r == 0)
		r = index_finish(x, in->box.fd, 0);
	if (r < 0)
		index_close(x);
	else
		*ret = x;
	return r;
}

/* ---- is it the same? ---- */

static bool same_sums(const struct index *a, const struct index *b)
{
	return a->header.n == b->header.n &&
	       a->header.octets == b->header.octets &&
	       a->header.unread == b->header.unread &&
	       a->header.odd == b->header.odd;
}

/* 0: the same; 1: not, as *ret_message says (0: the sums); -errno. */
static int compare(struct index *x, struct index *fresh, uint64_t *ret_message)
{
	struct index_cell *a, *b;
	int r = 0;

	*ret_message = 0;
	if (!same_sums(x, fresh))
		return 1;
	for (uint64_t i = 0; r == 0 && i < fresh->header.n; i++) {
		*ret_message = i + 1;
		r = index_cell(x, x->header.n, i, &a);
		if (r == 0)
			r = index_cell(fresh, fresh->header.n, i, &b);
		if (r == 0 && memcmp(a, b, sizeof(*a)) != 0)
			return 1;
	}
	return r;
}

/* Does it tell of the mailbox as it is? What is out of date will be brought up
 * to date or made anew without our doing. */
static int is_of_now(const struct inspection *in, const struct index *x)
{
	struct index_identity now;
	int r = index_identify(&in->box.place, in->box.fd, &now);

	return r < 0 ? r : memcmp(&now, &x->header.identity, sizeof(now)) == 0;
}

static int judge(const struct inspection *in, struct index *x,
		 struct index *fresh)
{
	struct finding f = { .kind = INSPECT_INDEX_WRONG, .mended = in->mend };
	int r = compare(x, fresh, &f.message);

	if (r == -EBADMSG) {
		f.kind = INSPECT_INDEX;
		f.message = 0;
		r = 1;
	}
	if (r <= 0)
		return r;
	if (in->mend)
		index_drop(&in->box.place);
	inspect_tell(in, &f);
	return 0;
}

/* As it lay there. */
static int judge_old(const struct inspection *in, struct index *fresh)
{
	struct finding f = { .kind = INSPECT_INDEX, .mended = in->mend };
	struct index *x = NULL;
	int r = index_read(&in->box.place, &x);

	if (r == -EBADMSG)
		inspect_tell(in, &f);
	if (r < 0)
		return r == -EBADMSG || r == -ENOENT ? 0 : r;
	r = is_of_now(in, x);
	if (r > 0)
		r = judge(in, x, fresh);
	index_close(x);
	return r;
}

/* As the next login would find it. */
static int judge_new(const struct inspection *in, struct index *fresh)
{
	struct index *x = NULL;
	int r = index_open(&in->box.place, in->box.fd, &x);

	if (r == 0 && !index_was_warm(x))
		r = judge(in, x, fresh);
	index_close(x);
	if (r < 0)
		return r;
	r = index_open(&in->box.place, in->box.fd, &x);
	if (r == 0)
		index_close(x);
	return r;
}

/* ---- unique-ids ---- */

static int judge_lines(const struct inspection *in)
{
	struct finding f = { .kind = INSPECT_UIDL };
	int fd CLEANUP(file_close) =
		place_open_beside(&in->box.place, UIDL_FILE, false);
	struct uidl_lines lines;
	struct uidl_line line;
	uint64_t size;
	int r;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	uidl_lines_start(&lines, fd, 0);
	do
		r = uidl_lines_next(&lines, &line);
	while (r > 0);
	if (r == 0)
		r = extent_size(fd, &size);
	f.at = lines.at;
	if (r == 0 && f.at < size)
		inspect_tell(in, &f);
	return r;
}

/* Of each message: enough to tell it from others'. */
struct short_id {
	uint64_t sum[2];
	uint64_t message;
};

static int short_id_of(struct index *x, uint64_t i, struct short_id *ret)
{
	char uid[UIDL_MAX + 1], hex[33];
	struct index_entry e;
	struct digest d;
	int r = index_get(x, i, &e);

	if (r == 0)
		r = uidl_text(x, &e, uid);
	if (r < 0)
		return r;
	digest_start(&d);
	digest_add(&d, slice_of(uid));
	digest_hex(&d, hex, 16);
	memcpy(ret->sum, hex, sizeof(ret->sum));
	ret->message = i + 1;
	return 0;
}

static int by_sum(const void *a, const void *b)
{
	const struct short_id *x = a, *y = b;
	int r = memcmp(x->sum, y->sum, sizeof(x->sum));

	return r != 0 ? r : x->message < y->message ? -1 : 1;
}

static void tell_doubles(const struct inspection *in,
			 const struct short_id *ids, uint64_t n)
{
	struct finding f = { .kind = INSPECT_UIDL_TWICE };

	for (uint64_t i = 1; i < n; i++) {
		if (memcmp(ids[i - 1].sum, ids[i].sum, sizeof(ids[i].sum)) != 0)
			continue;
		f.message = ids[i].message;
		f.n = ids[i - 1].message;
		inspect_tell(in, &f);
	}
}

static int judge_ids(const struct inspection *in, struct index *x)
{
	uint64_t n = index_count(x);
	struct short_id *ids = calloc(n + 1, sizeof(*ids));
	int r = ids ? 0 : -ENOMEM;

	for (uint64_t i = 0; r == 0 && i < n; i++)
		r = short_id_of(x, i, &ids[i]);
	if (r == 0 && n > 1) {
		qsort(ids, n, sizeof(*ids), by_sum);
		tell_doubles(in, ids, n);
	}
	free(ids);
	return r;
}

int inspect_index(struct inspection *in)
{
	struct index *fresh = NULL;
	int r = judge_lines(in);

	if (r == 0)
		r = make_fresh(in, &fresh);
	if (r == -EBADMSG && !in->mend)
		return 0; /* junk, told already, is in the way */
	if (r == 0)
		r = judge_old(in, fresh);
	if (r == 0 && in->mend)
		r = judge_new(in, fresh);
	if (r == 0)
		r = judge_ids(in, fresh);
	index_close(fresh);
	return r;
}

/* SPDX-License-Identifier: ISC */
/* The journal of an expunge. A hostile one beside a mailbox: no crash, nothing
 * before its start touched, nothing invented. One of ours, broken off
 * anywhere: brought to its end.
 *
 * Input: what it is (below), then the journal; or the header's fields and the
 * kept bytes; or which messages go, and where it is broken off. */
#include "mailbox.h"

#include "store/box.h"
#include "store/expunge.h"
#include "store/extent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define N     (sizeof(mailbox_text) - 1)
#define FAR   MESSAGE("far", "f")
#define LARGE (2 * N + sizeof(FAR))
#define BEGIN EXPUNGE_HEADER
#define PARTS 6
#define STEPS 40

static struct store *store;

/* What the next opener makes of it: the mailbox, or 0. */
static size_t repaired(char ret[LARGE])
{
	struct box b = BOX_NONE;
	int r = box_open(store, SLICE("a"), false, (uid_t)-1, &b);

	assert(r == 0);
	box_done(&b);
	return mailbox_get("a", ret, LARGE);
}

static struct box opened(void)
{
	struct box b = BOX_NONE;

	assert(box_open(store, SLICE("a"), false, (uid_t)-1, &b) == 0);
	return b;
}

/* ---- raw ---- */

static void raw(struct slice in)
{
	char now[LARGE];
	struct expunge e;
	size_t n;

	mailbox_put(".postern/a.expunge", in);
	n = repaired(now);
	if (expunge_parse(slice_upto(in, BEGIN), &e) < 0)
		assert(n == N && memcmp(now, mailbox_text, N) == 0);
}

/* ---- a header that parses ---- */

static uint64_t number(struct slice *in, uint64_t about)
{
	uint64_t v = !in->p || in->n < 2 ? about
					 : (uint64_t)((uint8_t)in->p[0] << 8 |
						      (uint8_t)in->p[1]);

	*in = slice_from(*in, 2);
	/* far off every now and then */
	return v >= 0xf000 ? (uint64_t)INT64_MAX / 4 - v + 0xf000 : v;
}

static void check_forged(const struct expunge *e, struct slice kept)
{
	char now[LARGE];
	size_t n = repaired(now);
	struct slice head = { now, e->start }, rest;

	/* untouched, or as the journal says */
	if (n == N && memcmp(now, mailbox_text, N) == 0)
		return;
	assert(e->start + e->length <= e->old_size && e->old_size <= N);
	assert(kept.n == e->length && n >= e->start + e->length);
	assert(memcmp(head.p, mailbox_text, head.n) == 0);
	assert(memcmp(now + e->start, kept.p, kept.n) == 0);
	rest = slice_from((struct slice){ now, n }, e->start + e->length);
	assert(rest.n <= N &&
	       memcmp(rest.p, mailbox_text + N - rest.n, rest.n) == 0);
}

static void forged(struct slice in)
{
	struct box b = opened();
	struct expunge e = { 0 };
	struct stat st;
	char header[BEGIN];
	struct buf journal = BUF(1 << 20);
	uint64_t rest;

	assert(fstat(b.fd, &st) == 0);
	e.inode = st.st_ino;
	e.start = number(&in, 0);
	e.old_size = number(&in, N);
	e.length = number(&in, 0);
	e.uidl = e.start % 2 == 1;
	if (e.length > 0xf000 && e.length % 2 == 0)
		e.length = in.n;
	if (e.start + e.length <= e.old_size && e.old_size <= N) {
		rest = e.old_size - e.start - e.length;
		assert(extent_digest(b.fd, e.start + e.length, rest, e.rest) ==
		       0);
	} else {
		memset(e.rest, 'a', 64);
	}
	box_done(&b);
	expunge_format(&e, header);
	assert(buf_put(&journal, (struct slice){ header, sizeof(header) }) ==
	       0);
	assert(buf_put(&journal, in) == 0);
	mailbox_put(".postern/a.expunge", buf_slice(&journal));
	buf_done(&journal);
	check_forged(&e, in);
}

/* ---- broken off ---- */

/* The messages of `mask` go. */
struct going {
	struct range all[PARTS];
	unsigned mask;
};

static int next_range(void *context, uint64_t from, struct range *ret)
{
	const struct going *g = context;

	for (size_t i = 0; i < PARTS; i++)
		if ((g->mask >> i & 1U) != 0 && g->all[i].from >= from) {
			*ret = g->all[i];
			return 1;
		}
	return 0;
}

static void find_parts(struct going *g)
{
	const char *at = mailbox_text;

	for (size_t i = 0; i < PARTS; i++) {
		const char *next = strstr(at, "\n\nFrom ");

		g->all[i].from = (uint64_t)(at - mailbox_text);
		at = next ? next + 2 : mailbox_text + N;
		g->all[i].to = (uint64_t)(at - mailbox_text);
	}
	assert(at == mailbox_text + N);
}

static struct {
	int at, last;
} steps;

static int break_off(void *context, const char *step)
{
	return ++steps.at > steps.last ? -EIO : 0;
}

/* Of what was being written when it stopped some has arrived. */
static void tear(const struct going *g, unsigned some)
{
	char journal[BEGIN + LARGE], now[LARGE];
	size_t n = mailbox_get(".postern/a.expunge", journal, sizeof(journal));
	size_t now_n = mailbox_get("a", now, sizeof(now));
	struct expunge e;

	if (n < BEGIN || now_n < N ||
	    expunge_parse((struct slice){ journal, BEGIN }, &e) < 0)
		return;
	for (size_t i = 0; i < e.length; i += 16)
		if ((some >> (i / 16 % 8) & 1U) != 0)
			memcpy(now + e.start + i, journal + BEGIN + i,
			       e.length - i < 16 ? e.length - i : 16);
	mailbox_put("a", (struct slice){ now, now_n });
	(void)g;
}

static void add_far(void)
{
	char now[LARGE];
	struct buf all = BUF(LARGE);
	size_t n = mailbox_get("a", now, sizeof(now));

	assert(buf_put(&all, (struct slice){ now, n }) == 0 &&
	       buf_put(&all, SLICE(FAR)) == 0);
	mailbox_put("a", buf_slice(&all));
	buf_done(&all);
}

static void check_end(const struct going *g, unsigned mask, bool far,
		      const char *now, size_t n)
{
	struct buf want = BUF(LARGE);
	bool all_there = n >= N && memcmp(now, mailbox_text, N) == 0;

	for (size_t i = 0; i < PARTS; i++)
		if (all_there || (mask >> i & 1U) == 0)
			assert(buf_put(&want,
				       (struct slice){
					       mailbox_text + g->all[i].from,
					       g->all[i].to -
						       g->all[i].from }) == 0);
	if (far)
		assert(buf_put(&want, SLICE(FAR)) == 0);
	assert(slice_eq(buf_slice(&want), (struct slice){ now, n }));
	buf_done(&want);
}

static void broken_off(struct slice in)
{
	uint8_t c[4] = { 0 };
	char now[LARGE];
	struct going g;
	struct ranges ranges = { .context = &g, .next = next_range };
	struct box b = opened();

	memcpy(c, in.p ? in.p : "", in.n < sizeof(c) ? in.n : sizeof(c));
	find_parts(&g);
	g.mask = c[0] % (1U << PARTS);
	steps.at = 0;
	steps.last = c[1] % STEPS;
	file_set_hook(break_off, NULL);
	(void)!expunge_ranges(&b.place, b.fd, &ranges);
	file_set_hook(NULL, NULL);
	box_done(&b);
	tear(&g, c[2]);
	if (c[3] % 2)
		add_far();
	check_end(&g, g.mask, c[3] % 2, now, repaired(now));
	/* once more changes nothing */
	check_end(&g, g.mask, c[3] % 2, now, repaired(now));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size };
	unsigned what = size > 0 ? data[0] % 3 : 0;

	store = mailbox_fresh();
	in = slice_from(in, 1);
	if (what == 0)
		raw(in);
	else if (what == 1)
		forged(in);
	else
		broken_off(in);
	store_close(store);
	return 0;
}

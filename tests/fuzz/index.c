/* SPDX-License-Identifier: ISC */
/* A hostile index beside a mailbox: no crash, and no octet given out that is
 * not the mailbox's.
 *
 * Input: an octet that says what it is (below), then an index; or changes to
 * a good one, (where in 16 bits, what), whose checksums are made right again:
 * no fuzzer guesses those. */
#include "mailbox.h"

#include "base/digest.h"
#include "store/box.h"
#include "store/index_file.h"
#include "store/maildrop.h"
#include "store/uidl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	HEADER = 1, /* changes go to its fields, */
	CELLS = 2,  /* to its entries */
	GROW = 4,   /* the mailbox grows before it is read */
};

#define BLOCKS 2

struct good {
	struct index_header header;
	struct index_block blocks[BLOCKS];
};

static int to_buf(void *context, struct slice bytes)
{
	return buf_put(context, bytes);
}

/* ---- making it ---- */

static void read_good(struct store *s, struct good *ret)
{
	struct box b = BOX_NONE;
	struct index *x = NULL;

	memset(ret, 0, sizeof(*ret));
	assert(box_open(s, SLICE("a"), false, (uid_t)-1, &b) == 0);
	assert(index_open(&b.place, b.fd, &x) == 0);
	assert(index_count(x) == 6);
	ret->header = x->header;
	assert(file_read_at(x->fd, &ret->blocks[0], INDEX_BLOCK,
			    INDEX_HEADER) == INDEX_BLOCK);
	index_close(x);
	box_done(&b);
}

static void change(void *p, size_t n, struct slice changes)
{
	const uint8_t *c = (const uint8_t *)changes.p;

	for (; changes.n >= 3; changes.n -= 3, c += 3)
		((uint8_t *)p)[(size_t)(c[0] << 8 | c[1]) % n] = c[2];
}

static void seal_blocks(struct good *g)
{
	for (size_t i = 0; i < BLOCKS; i++) {
		struct digest d;
		char sum[17];

		digest_start(&d);
		digest_add(&d, (struct slice){ (const char *)g->blocks[i].cells,
					       sizeof(g->blocks[i].cells) });
		digest_hex(&d, sum, 8);
		memcpy(g->blocks[i].sum, sum, sizeof(g->blocks[i].sum));
	}
}

static void write_changed(struct store *s, unsigned what, struct slice changes)
{
	char header[INDEX_HEADER];
	struct buf all = BUF(1 << 20);
	struct good g;

	read_good(s, &g);
	if (what & HEADER)
		change(&g.header, sizeof(g.header), changes);
	if (what & CELLS)
		change(g.blocks, sizeof(g.blocks), changes);
	seal_blocks(&g);
	index_header_format(&g.header, header);
	assert(buf_put(&all, (struct slice){ header, sizeof(header) }) == 0);
	assert(buf_put(&all, (struct slice){ (const char *)g.blocks,
					     sizeof(g.blocks) }) == 0);
	mailbox_put(".postern/a.index", buf_slice(&all));
	buf_done(&all);
}

/* ---- using it ---- */

/* Without the CRs that were put in it stands in the mailbox. */
static void check_octets(struct slice given)
{
	static char text[sizeof(mailbox_text) + 4096];
	size_t mailbox_n = mailbox_get("a", text, sizeof(text));
	struct buf plain = BUF(1 << 20);

	for (size_t i = 0; i < given.n; i++)
		if (given.p[i] != '\r')
			assert(buf_put_byte(&plain, given.p[i]) == 0);
	/* the last line's end may have been added */
	assert(plain.n == 0 ||
	       memmem(text, mailbox_n, plain.p, plain.n) != NULL ||
	       memmem(text, mailbox_n, plain.p, plain.n - 1) != NULL);
	buf_done(&plain);
}

static void look_at(struct maildrop *m, size_t i)
{
	struct buf given = BUF(1 << 20);
	const char *uid = maildrop_uid(m, i);

	assert(*uid == '\0' ? maildrop_error(m) < 0
			    : uidl_valid(slice_of(uid)));
	(void)maildrop_octets(m, i);
	if (maildrop_read(m, i, i % 2 ? 1 : SIZE_MAX, to_buf, &given) == 0)
		check_octets(buf_slice(&given));
	buf_done(&given);
}

static void use(struct store *s, unsigned seed)
{
	struct maildrop *m;
	bool *marked;
	int64_t wait_ms;

	if (maildrop_open(s, SLICE("a"), 0, &m, &wait_ms) < 0)
		return;
	assert(maildrop_count(m) < 4096);
	marked = calloc(maildrop_count(m) + 1, sizeof(*marked));
	for (size_t i = 0; i < maildrop_count(m); i++) {
		look_at(m, i);
		marked[i] = (seed >> (i % 8) & 1U) != 0;
	}
	(void)!maildrop_expunge(m, marked);
	(void)!maildrop_finish(m);
	free(marked);
	maildrop_close(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size };
	struct store *s = mailbox_fresh();
	unsigned what = size > 0 ? data[0] : 0;

	in = slice_from(in, 1);
	if (what & (HEADER | CELLS))
		write_changed(s, what, in);
	else
		mailbox_put(".postern/a.index", in);
	if (what & GROW) {
		struct buf more = BUF(1 << 16);

		assert(buf_put(&more, SLICE(mailbox_text)) == 0 &&
		       buf_put(&more, SLICE(MESSAGE("new", "n"))) == 0);
		mailbox_put("a", buf_slice(&more));
		buf_done(&more);
	}
	use(s, what >> 3);
	/* and again: whatever it was, it has not become worse */
	use(s, 0);
	store_close(s);
	return 0;
}

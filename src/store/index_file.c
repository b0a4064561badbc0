/* SPDX-License-Identifier: ISC */
/* See index_file.h. */
#include "store/index_file.h"

#include <assert.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/digest.h"
#include "store/record.h"

#define MAGIC "postern-index-2"

static_assert(sizeof(struct index_cell) == 80, "a cell has no holes");
static_assert(sizeof(struct index_block) == INDEX_BLOCK, "a block is a page");

/* ---- the header ---- */

/* Other byte orders and widths give another word. */
static uint64_t native(void)
{
	const uint64_t probe = 0x0102030405060708;
	uint8_t bytes[sizeof(probe)];
	uint64_t word = sizeof(struct index_cell);

	memcpy(bytes, &probe, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		word = word << 4 | bytes[i];
	return word;
}

#define NUMBERS 15

static void numbers_of(struct index_header *h, uint64_t *ret[NUMBERS])
{
	struct index_identity *i = &h->identity;
	uint64_t *const all[NUMBERS] = {
		&i->inode,         &i->size,      &i->mtime_s,
		&i->mtime_ns,      &i->ctime_s,   &i->ctime_ns,
		&i->uidl_inode,    &i->uidl_size, &i->uidl_ctime_s,
		&i->uidl_ctime_ns, &h->n,         &h->octets,
		&h->unread,        &h->odd,       NULL,
	};

	memcpy(ret, all, sizeof(all));
}

void index_header_format(const struct index_header *h, char ret[INDEX_HEADER])
{
	struct index_header copy = *h;
	struct buf text = BUF(INDEX_HEADER / 2);
	uint64_t *number[NUMBERS];
	int r = buf_printf(&text, MAGIC " %llu", (unsigned long long)native());

	numbers_of(&copy, number);
	for (size_t i = 0; r == 0 && number[i]; i++)
		r = buf_printf(&text, " %llu", (unsigned long long)*number[i]);
	assert(r == 0);
	record_seal(buf_slice(&text), ret, INDEX_HEADER);
	buf_done(&text);
}

int index_header_parse(struct slice bytes, struct index_header *ret)
{
	struct index_header h = { 0 };
	uint64_t *number[NUMBERS], word;
	struct slice text;

	if (bytes.n != INDEX_HEADER || record_open(bytes, &text) < 0 ||
	    !slice_eq(slice_word(&text), SLICE(MAGIC)) ||
	    slice_number(slice_word(&text), 0, UINT64_MAX, &word) < 0 ||
	    word != native())
		return -EBADMSG;
	numbers_of(&h, number);
	for (size_t i = 0; number[i]; i++)
		if (slice_number(slice_word(&text), 0, UINT64_MAX, number[i]) <
		    0)
			return -EBADMSG;
	if (h.identity.size > INT64_MAX / 4 || h.n > h.identity.size / 6 + 1)
		return -EBADMSG;
	*ret = h;
	return 0;
}

static void identify_uidl(const struct place *p, struct index_identity *i)
{
	struct place_file f = place_beside(p, ".uidl");
	struct stat st;

	if (p->side < 0 ||
	    fstatat(p->side, f.name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	i->uidl_inode = st.st_ino;
	i->uidl_size = (uint64_t)st.st_size;
	i->uidl_ctime_s = (uint64_t)st.st_ctim.tv_sec;
	i->uidl_ctime_ns = (uint64_t)st.st_ctim.tv_nsec;
}

int index_identify(const struct place *p, int mailbox,
		   struct index_identity *ret)
{
	struct index_identity i = { 0 };
	struct stat st;

	if (fstat(mailbox, &st) < 0)
		return -errno;
	i.inode = st.st_ino;
	i.size = (uint64_t)st.st_size;
	i.mtime_s = (uint64_t)st.st_mtim.tv_sec;
	i.mtime_ns = (uint64_t)st.st_mtim.tv_nsec;
	i.ctime_s = (uint64_t)st.st_ctim.tv_sec;
	i.ctime_ns = (uint64_t)st.st_ctim.tv_nsec;
	identify_uidl(p, &i);
	*ret = i;
	return 0;
}

int index_read_header(int fd, struct index_header *ret)
{
	char bytes[INDEX_HEADER];
	ssize_t n = file_read_at(fd, bytes, sizeof(bytes), 0);

	return n < 0 ? (int)n
		     : index_header_parse((struct slice){ bytes, (size_t)n },
					  ret);
}

int index_write_header(int fd, const struct index_header *h)
{
	char bytes[INDEX_HEADER];

	index_header_format(h, bytes);
	return file_write_at(fd, (struct slice){ bytes, sizeof(bytes) }, 0);
}

/* ---- blocks ---- */

static void sum_of(const struct index_block *b, char ret[17])
{
	struct digest d;

	digest_start(&d);
	digest_add(&d,
		   (struct slice){ (const char *)b->cells, sizeof(b->cells) });
	digest_hex(&d, ret, 8);
}

static uint64_t offset_of(uint64_t block)
{
	return INDEX_HEADER + block * INDEX_BLOCK;
}

int index_flush(struct index *x)
{
	struct index_window *w = &x->window;
	int r;

	if (!w->changed)
		return 0;
	for (size_t i = 0; i < w->n; i++) {
		char sum[17];

		sum_of(&w->blocks[i], sum);
		memcpy(w->blocks[i].sum, sum, sizeof(w->blocks[i].sum));
	}
	r = file_write_at(
		x->fd,
		(struct slice){ (const char *)w->blocks, w->n * INDEX_BLOCK },
		offset_of(w->first));
	if (r == 0)
		w->changed = false;
	return r;
}

static int check_blocks(struct index_window *w, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char sum[17];

		sum_of(&w->blocks[i], sum);
		if (memcmp(sum, w->blocks[i].sum, sizeof(w->blocks[i].sum)))
			return -EBADMSG;
	}
	return 0;
}

/* Of the window's blocks, those that hold one of `known` entries are read. */
static int load(struct index *x, uint64_t known, uint64_t block)
{
	struct index_window *w = &x->window;
	uint64_t old = (known + INDEX_PER - 1) / INDEX_PER;
	size_t n = 0;
	ssize_t got;
	int r = index_flush(x);

	if (r < 0)
		return r;
	w->n = 0;
	if (block < old)
		n = old - block < INDEX_BLOCKS ? (size_t)(old - block)
					       : INDEX_BLOCKS;
	memset(w->blocks + n, 0, (INDEX_BLOCKS - n) * INDEX_BLOCK);
	got = file_read_at(x->fd, w->blocks, n * INDEX_BLOCK, offset_of(block));
	if (got < (ssize_t)(n * INDEX_BLOCK))
		return got < 0 ? (int)got : -EBADMSG;
	r = check_blocks(w, n);
	if (r < 0)
		return r;
	w->first = block;
	w->n = n > 0 ? n : 1;
	return 0;
}

/* A new block behind those of the window. */
static bool grow(struct index_window *w, uint64_t block)
{
	if (w->n == 0 || block != w->first + w->n || w->n == INDEX_BLOCKS)
		return false;
	w->n++;
	return true;
}

int index_cell(struct index *x, uint64_t known, uint64_t i,
	       struct index_cell **ret)
{
	struct index_window *w = &x->window;
	uint64_t block = i / INDEX_PER;

	if ((w->n == 0 || block < w->first || block >= w->first + w->n) &&
	    !(i >= known && grow(w, block))) {
		int r = load(x, known, block);

		if (r < 0)
			return r;
	}
	*ret = &w->blocks[block - w->first].cells[i % INDEX_PER];
	return 0;
}

/* SPDX-License-Identifier: ISC */
/* See mbox.h. A message is composed twice by the same code: once to know its
 * length and digest for the note, once into the file. The file is never opened
 * with O_APPEND, and no byte before its old end is touched. */
#include "store/mbox.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "mail/mboxrd.h"
#include "store/append.h"
#include "store/box.h"
#include "store/extent.h"

#define SPARE_OCTETS (1U << 20) /* of disk, for notes and other people */

/* ---- composing ---- */

/* Where composed bytes go: to `fd` from `at` on by way of `block`, or, with
 * fd < 0, nowhere; counted and digested. */
struct composer {
	int fd;
	uint64_t at;
	struct buf block;
	uint64_t length;
	struct digest digest;
};

static int flush(struct composer *c)
{
	int r = file_write_at(c->fd, buf_slice(&c->block), c->at);

	c->at += c->block.n;
	buf_reset(&c->block);
	return r;
}

static int compose_out(void *context, struct slice bytes)
{
	struct composer *c = context;
	int r = 0;

	c->length += bytes.n;
	if (c->fd < 0) {
		digest_add(&c->digest, bytes);
		return 0;
	}
	while (bytes.n > 0 && r == 0) {
		struct slice part =
			slice_upto(bytes, EXTENT_BLOCK - c->block.n);

		r = buf_put(&c->block, part);
		bytes = slice_from(bytes, part.n);
		if (r == 0 && c->block.n == EXTENT_BLOCK)
			r = flush(c);
	}
	return r;
}

static int quote_file(struct mboxrd *quote, const struct mbox_message *m)
{
	char *block = malloc(EXTENT_BLOCK);
	uint64_t at = m->offset, left = m->length;
	int r = block ? 0 : -ENOMEM;

	while (left > 0 && r == 0) {
		size_t want = left < EXTENT_BLOCK ? (size_t)left : EXTENT_BLOCK;
		ssize_t got = file_read_at(m->fd, block, want, at);

		if (got < (ssize_t)want)
			r = got < 0 ? (int)got : -EIO;
		else
			r = mboxrd_quote(quote, (struct slice){ block, want });
		at += want;
		left -= want;
	}
	free(block);
	return r;
}

static int compose(const struct mbox_message *m, struct slice from,
		   uint64_t pad, struct composer *c)
{
	struct mboxrd quote;
	int r = compose_out(c, (struct slice){ "\n\n", pad });

	if (r == 0)
		r = compose_out(c, from);
	mboxrd_start(&quote, compose_out, c);
	if (r == 0)
		r = mboxrd_quote(&quote, m->head);
	if (r == 0)
		r = m->fd >= 0 ? quote_file(&quote, m)
			       : mboxrd_quote(&quote, m->text);
	return r == 0 ? mboxrd_quote_end(&quote) : r;
}

/* ---- appending ---- */

/* How many LF are missing before a From_ line may follow? */
static int pad_of(int fd, uint64_t size, uint64_t *ret)
{
	char end[2] = { '\n', '\n' };
	size_t n = size < 2 ? (size_t)size : 2;
	ssize_t got = file_read_at(fd, end + 2 - n, n, size - n);

	if (got < (ssize_t)n)
		return got < 0 ? (int)got : -EIO;
	*ret = end[1] != '\n' ? 2 : end[0] != '\n' ? 1 : 0;
	return 0;
}

/* No mailbox? Then nothing of ours goes into it. */
static int check_start(int fd, uint64_t size)
{
	char start[5];
	ssize_t n = file_read_at(fd, start, sizeof(start), 0);

	if (n < 0)
		return (int)n;
	return size == 0 || (n == 5 && memcmp(start, "From ", 5) == 0)
		       ? 0
		       : -EINVAL;
}

static int plan(const struct store *s, const struct box *b,
		const struct mbox_message *m, struct slice from,
		struct append_note *n)
{
	struct composer measure = { .fd = -1 };
	int r = extent_size(b->fd, &n->old_size);

	if (r == 0)
		r = check_start(b->fd, n->old_size);
	if (r == 0)
		r = pad_of(b->fd, n->old_size, &n->pad);
	digest_start(&measure.digest);
	if (r == 0)
		r = compose(m, from, n->pad, &measure);
	if (r < 0)
		return r;
	n->state = APPEND_BEGUN;
	n->length = measure.length;
	digest_hex(&measure.digest, n->digest, 32);
	(void)snprintf(n->boot, sizeof(n->boot), "%s",
		       s->boot[0] != '\0' ? s->boot : "-");
	(void)snprintf(n->once, sizeof(n->once), "=%.*s", SLICE_ARG(m->once));
	/* without its LF */
	(void)snprintf(n->from, sizeof(n->from), "%.*s",
		       (int)(from.n - 1 < APPEND_FROM_MAX ? from.n - 1
							  : APPEND_FROM_MAX),
		       from.p);
	return 0;
}

static int write_message(int fd, const struct mbox_message *m,
			 struct slice from, const struct append_note *n)
{
	struct composer c = { .fd = fd,
			      .at = n->old_size,
			      .block = BUF(EXTENT_BLOCK) };
	int r = compose(m, from, n->pad, &c);

	if (r == 0)
		r = flush(&c);
	if (r == 0 && c.length != n->length)
		r = -EIO; /* the message changed under our eyes */
	buf_done(&c.block);
	return r == 0 ? file_sync(fd) : r;
}

/* Should a step of this fail too, the note stays, and the next opener does
 * the same. */
static void undo(int fd, int notes, uint64_t at, const struct append_note *n)
{
	if (file_truncate(fd, n->old_size) == 0)
		ignore(append_erase(notes, at));
}

static int append(const struct store *s, const struct box *b, int notes,
		  const struct mbox_message *m, struct slice from)
{
	struct append_note n = { 0 };
	uint64_t at;
	int r = plan(s, b, m, from, &n);

	if (r == 0)
		r = append_begin(notes, &n, &at);
	if (r < 0)
		return r;
	r = write_message(b->fd, m, from, &n);
	if (r == 0)
		r = m->once.n > 0 ? append_done(notes, at, &n)
				  : append_erase(notes, at);
	if (r < 0)
		undo(b->fd, notes, at, &n);
	return r;
}

static int append_locked(const struct store *s, const struct box *b,
			 const struct mbox_message *m)
{
	int notes CLEANUP(file_close) = append_notes(&b->place, true);
	struct buf from = BUF(1024);
	uint64_t at;
	int r = notes;

	if (r >= 0 && m->once.n > 0)
		r = append_find(notes, m->once, &at);
	if (r > 0 && m->once.n > 0)
		return 0; /* done before, and durable */
	if (r >= 0)
		r = mboxrd_from_line(&from, m->sender, m->real_us);
	if (r == 0)
		r = append(s, b, notes, m, buf_slice(&from));
	buf_done(&from);
	return r;
}

int mbox_append(struct store *s, struct slice mailbox,
		const struct mbox_message *m)
{
	struct box b CLEANUP(box_done) = BOX_NONE;
	int r;

	if (!append_once_valid(m->once))
		return -EINVAL;
	r = box_open(s, mailbox, true, m->owner, &b);
	return r == 0 ? append_locked(s, &b, m) : r;
}

int mbox_append_forget(struct store *s, struct slice mailbox, struct slice once)
{
	struct box b CLEANUP(box_done) = BOX_NONE;
	int notes CLEANUP(file_close) = -1;
	uint64_t at;
	int r = box_open(s, mailbox, false, (uid_t)-1, &b);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	notes = append_notes(&b.place, false);
	if (notes < 0)
		return notes == -ENOENT ? 0 : notes;
	r = append_find(notes, once, &at);
	return r > 0 ? append_erase(notes, at) : r;
}

/* ---- would it go? ---- */

static int check_space(int dir, uint64_t octets)
{
	struct statvfs v;
	uint64_t free_octets;

	if (fstatvfs(dir, &v) < 0)
		return -errno;
	if (__builtin_mul_overflow((uint64_t)v.f_bavail, (uint64_t)v.f_frsize,
				   &free_octets))
		return 0;
	if (free_octets < SPARE_OCTETS || free_octets - SPARE_OCTETS < octets)
		return -ENOSPC;
	return 0;
}

static int check_access(int dir, const char *name)
{
	return faccessat(dir, name, R_OK | W_OK, AT_EACCESS) < 0 ? -errno : 0;
}

static int check_mailbox(const struct place *p)
{
	struct stat st;

	if (fstatat(p->dir, p->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? check_access(p->dir, ".") : -errno;
	if (S_ISLNK(st.st_mode))
		return -ELOOP;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_nlink > 1)
		return -EMLINK;
	return check_access(p->dir, p->name);
}

int mbox_may_append(struct store *s, struct slice mailbox, uint64_t octets)
{
	struct place p CLEANUP(place_done) = PLACE_NONE;
	int r = place_open(s, mailbox, false, &p);

	if (r == -ENOENT) /* its domain's directory will be made */
		r = check_access(s->dir, ".");
	else if (r == 0)
		r = check_mailbox(&p);
	return r == 0 ? check_space(s->dir, octets) : r;
}

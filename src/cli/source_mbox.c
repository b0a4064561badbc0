/* SPDX-License-Identifier: ISC */
/* See source.h: an mbox, ours or another's, quoted as mboxrd or mboxo. A seal
 * says nothing of a copy; it is left out. */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/source.h"
#include "mail/mboxrd.h"
#include "store/scan.h"

#define BLOCK    65536
#define FROM_MAX 1024

struct part {
	uint64_t from, start, end;
};

struct mbox {
	struct source source; /* first: load() gets it */
	struct spool spool;   /* of what cannot be read twice */
	int fd;
	struct part *parts;
	size_t room;
	char from[FROM_MAX]; /* the From_ line of the one loaded */
};

/* ---- what there is ---- */

static int on_span(void *context, const struct mbox_span *span)
{
	struct mbox *m = context;
	size_t room = m->room > 0 ? 2 * m->room : 256;

	if (span->hidden)
		return 0;
	if (m->source.n == m->room) {
		struct part *parts =
			reallocarray(m->parts, room, sizeof(*parts));

		if (!parts)
			return -ENOMEM;
		m->parts = parts;
		m->room = room;
	}
	m->parts[m->source.n++] =
		(struct part){ span->from, span->start, span->end };
	return 0;
}

static int read_all(FILE *in, struct spool *spool)
{
	char block[BLOCK];
	int r = spool_open(spool);
	size_t n;

	while (r == 0 && (n = fread(block, 1, sizeof(block), in)) > 0)
		r = spool_put(spool, (struct slice){ block, n });
	if (r == 0 && ferror(in))
		r = -EIO;
	return r == 0 ? spool_end(spool) : r;
}

/* A pipe or a device is read once and for all. */
static int open_named(struct mbox *m, const char *file)
{
	struct stat st;
	FILE *in;
	int r;

	m->fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (m->fd < 0 || fstat(m->fd, &st) < 0)
		return -errno;
	if (S_ISREG(st.st_mode))
		return 0;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	in = fdopen(m->fd, "r");
	if (!in)
		return -errno;
	r = read_all(in, &m->spool);
	(void)fclose(in); /* was only read */
	m->fd = -1;
	return r;
}

/* ---- one of them ---- */

static bool read_from_line(struct mbox *m, const struct part *p,
			   struct slice *ret)
{
	int fd = m->fd >= 0 ? m->fd : m->spool.fd;
	size_t n = p->start - p->from < FROM_MAX ? (size_t)(p->start - p->from)
						 : FROM_MAX;
	ssize_t got = file_read_at(fd, m->from, n, p->from);

	*ret = (struct slice){ m->from, got < 0 ? 0 : (size_t)got };
	*ret = slice_upto(*ret, slice_find(*ret, '\n'));
	return slice_ends(*ret, SLICE("\r"));
}

static void read_envelope(struct slice line, struct source_message *ret)
{
	*ret = (struct source_message){ .real_us = 0 };
	if (mboxrd_from_parse(line, &ret->sender, &ret->real_us))
		return;
	line = slice_from(line, sizeof("From ") - 1);
	ret->sender = slice_word(&line);
}

static int push(int fd, const struct part *p, struct mboxrd *unquote)
{
	char *block = malloc(BLOCK);
	int r = block ? 0 : -ENOMEM;

	for (uint64_t at = p->start; r == 0 && at < p->end; at += BLOCK) {
		size_t want =
			p->end - at < BLOCK ? (size_t)(p->end - at) : BLOCK;
		ssize_t got = file_read_at(fd, block, want, at);

		if (got < (ssize_t)want)
			r = got < 0 ? (int)got : -EIO;
		else
			r = mboxrd_unquote(unquote,
					   (struct slice){ block, want });
	}
	free(block);
	return r == 0 ? mboxrd_unquote_end(unquote) : r;
}

static int load(struct source *s, size_t i, struct spool *spool,
		struct source_message *ret)
{
	struct mbox *m = (struct mbox *)s;
	struct source_lines lines = { .out = spool_put, .context = spool };
	struct mboxrd unquote;
	struct slice from;
	int r = spool_reset(spool);

	lines.crlf = read_from_line(m, &m->parts[i], &from);
	read_envelope(from, ret);
	mboxrd_start(&unquote, source_lines_put, &lines);
	if (r == 0)
		r = push(m->fd >= 0 ? m->fd : m->spool.fd, &m->parts[i],
			 &unquote);
	if (r == 0)
		r = source_lines_end(&lines);
	return r == 0 ? spool_end(spool) : r;
}

static void mbox_free(struct source *s)
{
	struct mbox *m = (struct mbox *)s;

	file_close(&m->fd);
	spool_done(&m->spool);
	free(m->parts);
	free(m);
}

int source_mbox(const char *file, FILE *in, struct source **ret)
{
	struct mbox *m = calloc(1, sizeof(*m));
	struct stat st;
	int r;

	if (!m)
		return -ENOMEM;
	*m = (struct mbox){ .source = { .load = load, .free = mbox_free },
			    .spool = SPOOL_NONE,
			    .fd = -1 };
	r = file ? open_named(m, file) : read_all(in, &m->spool);
	if (r == 0 && fstat(m->fd >= 0 ? m->fd : m->spool.fd, &st) < 0)
		r = -errno;
	if (r == 0)
		r = scan_mailbox(m->fd >= 0 ? m->fd : m->spool.fd, 0,
				 (uint64_t)st.st_size, on_span, m);
	if (r < 0)
		mbox_free(&m->source);
	else
		*ret = &m->source;
	return r;
}

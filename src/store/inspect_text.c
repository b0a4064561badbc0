/* SPDX-License-Identifier: ISC */
/* An inspection of the mailbox's own octets. A message of ours says by its seal
 * what it was; mail programs add and change some fields of its header, and are
 * told from damage by the rest being as it was. */
#include <sys/stat.h>

#include "base/ident.h"
#include "mail/mboxrd.h"
#include "store/expunge.h"
#include "store/extent.h"
#include "store/inspect_parts.h"
#include "store/scan.h"
#include "store/sealed.h"
#include "store/torn.h"

#define HEADER_MAX (1U << 20) /* more is no mail program's work */

/* ---- one message ---- */

struct message {
	int fd;
	const struct mbox_span *span;
	const struct sealed *sealed;
	struct digest digest; /* of what is not edited, */
	uint64_t length;      /* and its octets */
	bool touched;         /* a field that mail programs edit is there */
};

static int add(struct message *m, uint64_t from, uint64_t n)
{
	m->length += n;
	return extent_add(m->fd, from, n, &m->digest);
}

static void add_line(struct message *m, struct slice line, bool *keep)
{
	size_t colon = slice_find(line, ':');

	if (line.p[0] != ' ' && line.p[0] != '\t')
		*keep = colon == line.n ||
			!mbox_field_edited(slice_trim(slice_upto(line, colon)));
	m->touched |= !*keep;
	if (!*keep)
		return;
	digest_add(&m->digest, line);
	m->length += line.n;
}

/* The header without what mail programs edit. */
static int add_header(struct message *m)
{
	size_t n = (size_t)(m->span->body - m->span->start);
	char *text = n < HEADER_MAX ? malloc(n + 1) : NULL;
	ssize_t got;
	bool keep = true;

	if (!text) {
		m->touched = true; /* who knows */
		return n < HEADER_MAX ? -ENOMEM : 0;
	}
	got = file_read_at(m->fd, text, n, m->span->start);
	for (size_t at = 0; got == (ssize_t)n && at < n;) {
		struct slice rest = { text + at, n - at };
		size_t lf = slice_find(rest, '\n');

		add_line(m, slice_upto(rest, lf + 1), &keep);
		at += lf + 1;
	}
	free(text);
	return got < 0 ? (int)got : got < (ssize_t)n ? -EIO : 0;
}

/* Is it whole apart from what mail programs edit? 1, 0, or -errno. */
static int is_edited(struct message *m)
{
	const struct sealed *s = m->sealed;
	char found[SEAL_DIGEST + 1];
	int r;

	digest_start(&m->digest);
	m->length = s->seal_n + 1;
	r = add(m, s->from, s->from_n);
	if (r == 0)
		r = add_header(m);
	if (r == 0)
		r = add(m, m->span->body, m->span->end - m->span->body);
	if (r < 0)
		return r;
	digest_add(&m->digest, SLICE("\n"));
	digest_hex(&m->digest, found, SEAL_DIGEST / 2);
	return m->length == s->seal.length &&
	       strcmp(found, s->seal.digest) == 0;
}

/* Where the first NUL stands, or `to`. */
static int find_nul(int fd, uint64_t from, uint64_t to, uint64_t *ret)
{
	char *block = malloc(EXTENT_BLOCK);
	uint64_t at = from;
	int r = block ? 0 : -ENOMEM;

	*ret = to;
	while (r == 0 && at < to && *ret == to) {
		size_t want = to - at < EXTENT_BLOCK ? (size_t)(to - at)
						     : EXTENT_BLOCK;
		ssize_t got = file_read_at(fd, block, want, at);

		if (got < (ssize_t)want)
			r = got < 0 ? (int)got : -EIO;
		else if (slice_find((struct slice){ block, want }, '\0') < want)
			*ret = at +
			       slice_find((struct slice){ block, want }, '\0');
		at += want;
	}
	free(block);
	return r;
}

/* ---- all of them ---- */

static int tell_damage(const struct inspection *in, enum inspect_kind kind,
		       uint64_t at)
{
	struct finding f = { .kind = kind,
			     .message = in->did.messages,
			     .at = at };

	inspect_tell(in, &f);
	return 0;
}

static int judge_unsealed(struct inspection *in, const struct mbox_span *span)
{
	uint64_t nul;
	int r = find_nul(in->box.fd, span->from, span->next, &nul);

	in->did.unsealed++;
	return r == 0 && nul < span->next ? tell_damage(in, INSPECT_NUL, nul)
					  : r;
}

/* Not as its seal says. A mail program that edits leaves its own fields. */
static int judge_changed(struct inspection *in, const struct mbox_span *span,
			 const struct sealed *s)
{
	struct message m = { .fd = in->box.fd, .span = span, .sealed = s };
	uint64_t nul = span->next;
	int r = is_edited(&m);

	if (r == 0)
		r = find_nul(in->box.fd, span->from, span->next, &nul);
	else if (r > 0)
		m.touched = true;
	if (r < 0)
		return r;
	if (m.touched && nul == span->next) {
		in->did.edited++;
		return 0;
	}
	return tell_damage(in, INSPECT_DAMAGED,
			   nul < span->next ? nul : span->from);
}

/* mbox_span_seen */
static int on_span(void *context, const struct mbox_span *span)
{
	struct inspection *in = context;
	struct sealed s;
	uint64_t size;
	int r;

	if (span->hidden)
		return 0;
	in->did.messages++;
	r = sealed_find(in->box.fd, span->from, &s);
	if (r <= 0)
		return r < 0 ? r : judge_unsealed(in, span);
	r = extent_size(in->box.fd, &size);
	if (r == 0 && sealed_whole(in->box.fd, size, &s)) {
		in->did.whole++;
		return 0;
	}
	return r == 0 ? judge_changed(in, span, &s) : r;
}

/* ---- its start ---- */

/* Behind these empty lines its first message, of whatever date, or nothing? */
static int begins_well(int fd, uint64_t empty, bool *ret)
{
	char start[5];
	ssize_t n = file_read_at(fd, start, sizeof(start), empty);

	*ret = n == 0 || (n == sizeof(start) &&
			  memcmp(start, "From ", sizeof(start)) == 0);
	return n < 0 ? (int)n : 0;
}

/* On the disk before it is taken out of the mailbox. */
static int keep_junk(const struct inspection *in, uint64_t n,
		     struct place_file *ret)
{
	char suffix[IDENT_MAX + 8], id[IDENT_MAX];
	int fd CLEANUP(file_close) = -1;
	int r;

	ident_new(id);
	(void)snprintf(suffix, sizeof(suffix), ".junk.%s", id);
	*ret = place_beside(&in->box.place, suffix);
	fd = file_create(in->box.place.side, ret->name, 0660);
	if (fd < 0)
		return fd;
	r = file_copy(in->box.fd, 0, fd, 0, n);
	if (r == 0)
		r = file_sync(fd);
	return r == 0 ? file_sync_dir(in->box.place.side) : r;
}

static int take_junk(struct inspection *in, bool empty, struct finding *f,
		     struct place_file *file)
{
	struct range all = { 0, f->n };
	int r = empty ? 0 : keep_junk(in, f->n, file);

	if (r == 0)
		r = expunge_range(&in->box.place, in->box.fd, &all);
	if (r < 0)
		return r;
	f->mended = true;
	f->name = empty ? NULL : file->name;
	return 0;
}

/* *ret_from: where the first message begins now. */
static int judge_start(struct inspection *in, uint64_t *ret_from)
{
	struct finding f = { .kind = INSPECT_JUNK };
	struct place_file file;
	uint64_t size;
	bool well = false;
	int r = extent_empty_lines(in->box.fd, &f.n);

	*ret_from = 0;
	if (r == 0)
		r = begins_well(in->box.fd, f.n, &well);
	if (r < 0 || (well && f.n == 0))
		return r;
	r = extent_size(in->box.fd, &size);
	if (r == 0 && !well)
		r = torn_find_from(in->box.fd, 0, size, false, &f.n);
	if (r < 0)
		return r;
	if (f.n == size && !well) {
		f = (struct finding){ .kind = INSPECT_NOT_MAILBOX };
		inspect_tell(in, &f);
		return -EBADMSG;
	}
	if (in->mend)
		r = take_junk(in, well, &f, &file);
	if (r == 0)
		inspect_tell(in, &f);
	*ret_from = f.mended ? 0 : f.n;
	return r;
}

/* ---- its end ---- */

static int missing_line_ends(int fd, uint64_t size, uint64_t *ret)
{
	char end[2] = "\n\n";
	size_t n = size < 2 ? (size_t)size : 2;
	ssize_t got = file_read_at(fd, end + 2 - n, n, size - n);

	*ret = end[1] != '\n' ? 2 : end[0] != '\n' ? 1 : 0;
	return got < 0 ? (int)got : 0;
}

/* Others look for "From " behind an empty line. (An empty line may end in
 * CRLF.) */
static int judge_end(const struct inspection *in)
{
	struct finding f = { .kind = INSPECT_LINE_END };
	char end[4] = "";
	uint64_t size;
	int r = extent_size(in->box.fd, &size);

	if (r == 0)
		r = missing_line_ends(in->box.fd, size, &f.n);
	if (r < 0 || f.n == 0)
		return r;
	if (size >= 4 && file_read_at(in->box.fd, end, 4, size - 4) == 4 &&
	    memcmp(end, "\r\n\r\n", 4) == 0)
		return 0;
	if (in->mend) {
		r = file_write_at(in->box.fd, (struct slice){ "\n\n", f.n },
				  size);
		if (r == 0)
			r = file_sync(in->box.fd);
		f.mended = r == 0;
	}
	if (r == 0)
		inspect_tell(in, &f);
	return r;
}

int inspect_text(struct inspection *in)
{
	uint64_t size, from;
	int r = judge_start(in, &from);

	if (r == 0)
		r = judge_end(in);
	if (r == 0)
		r = extent_size(in->box.fd, &size);
	if (r == 0)
		r = scan_mailbox(in->box.fd, from, size, on_span, in);
	if (r == 0)
		in->did.octets = size;
	return r;
}

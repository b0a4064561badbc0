/* SPDX-License-Identifier: ISC */
/* See source.h: a Maildir. Which messages are read its file names say, so a
 * Status field that says otherwise is left out, and one that lacks is put in
 * front. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/source.h"
#include "mail/header.h"

#define BLOCK      65536
#define SENDER_MAX 1024

struct entry {
	char *path;    /* new/NAME or cur/NAME */
	uint64_t time; /* that the name begins with */
	bool read;
};

struct maildir {
	struct source source; /* first: load() gets it */
	int dir;
	struct entry *entries;
	size_t room;
	char sender[SENDER_MAX]; /* of the one loaded */
};

/* ---- what there is ---- */

/* A flag behind ":2,". */
static bool has_flag(struct slice name, char flag)
{
	size_t colon = slice_find_last(name, ':');
	struct slice flags = slice_from(name, colon);

	return slice_starts(flags, SLICE(":2,")) &&
	       slice_find(slice_from(flags, 3), flag) + 3 < flags.n;
}

static int add(struct maildir *m, const char *folder, const char *name)
{
	struct slice s = slice_of(name);
	struct slice digits = slice_upto(s, slice_find(s, '.'));
	struct entry e = { .read = has_flag(s, 'S') };
	size_t room = m->room > 0 ? 2 * m->room : 256;

	if (slice_number(digits, 0, UINT64_MAX, &e.time) < 0)
		e.time = 0;
	if (m->source.n == m->room) {
		struct entry *all =
			reallocarray(m->entries, room, sizeof(*all));

		if (!all)
			return -ENOMEM;
		m->entries = all;
		m->room = room;
	}
	if (asprintf(&e.path, "%s/%s", folder, name) < 0)
		return -ENOMEM;
	m->entries[m->source.n++] = e;
	return 0;
}

static int read_folder(struct maildir *m, const char *folder)
{
	int fd = openat(m->dir, folder,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int r = dir ? 0 : -errno;

	if (!dir) {
		file_close(&fd);
		return r;
	}
	while (r == 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if (has_flag(slice_of(entry->d_name), 'T'))
			m->source.left_out++;
		else
			r = add(m, folder, entry->d_name);
	}
	(void)closedir(dir); /* was only read */
	return r;
}

/* By time, then by the rest of the name: deliveries of one second are told
 * apart there, in order. */
static int by_age(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return strcmp(x->path + 4, y->path + 4);
}

/* ---- one of them ---- */

/* What its header says. */
struct head {
	struct maildir *maildir;
	struct slice sender; /* in maildir->sender */
	bool has_sender, has_status, is_read;
};

static void on_field(void *context, struct slice name, struct slice body)
{
	struct head *h = context;

	if (slice_eq_nocase(name, SLICE("Return-Path")) && !h->has_sender) {
		if (slice_starts(body, SLICE("<")) &&
		    slice_ends(body, SLICE(">")))
			body = slice_from(slice_upto(body, body.n - 1), 1);
		body = slice_upto(body, SENDER_MAX);
		if (body.n > 0)
			memcpy(h->maildir->sender, body.p, body.n);
		h->sender = (struct slice){ h->maildir->sender, body.n };
		h->has_sender = true;
	} else if (slice_eq_nocase(name, SLICE("Status"))) {
		h->has_status = true;
		h->is_read = slice_find(body, 'R') < body.n;
	}
}

/* Reads as much as the header needs; does its first line end in CRLF? */
static int read_head(int fd, struct head *h, bool *ret_crlf)
{
	char *block = malloc(BLOCK);
	struct header_scan scan;
	struct slice bytes;
	ssize_t n = block ? 1 : -ENOMEM;
	size_t lf;

	header_scan_start(&scan, on_field, h);
	for (uint64_t at = 0; n > 0; at += (uint64_t)n) {
		n = file_read_at(fd, block, BLOCK, at);
		bytes = (struct slice){ block, n < 0 ? 0 : (size_t)n };
		lf = slice_find(bytes, '\n');
		if (at == 0)
			*ret_crlf = lf > 0 && lf < bytes.n &&
				    bytes.p[lf - 1] == '\r';
		if (n > 0 && header_scan_push(&scan, bytes))
			break;
	}
	if (n == 0)
		header_scan_end(&scan);
	header_scan_done(&scan);
	free(block);
	return n < 0 ? (int)n : 0;
}

/* Lines of the header, on their way; Status fields fall out. */
struct without_status {
	struct source_lines *lines;
	bool at_start, in_status, in_body;
};

static bool is_blank(struct slice line)
{
	return slice_eq(line, SLICE("\n")) || slice_eq(line, SLICE("\r\n"));
}

static int put_line(struct without_status *w, struct slice line)
{
	if (w->at_start && !w->in_body) {
		if (is_blank(line))
			w->in_body = true;
		if (line.p[0] != ' ' && line.p[0] != '\t')
			w->in_status =
				slice_starts_nocase(line, SLICE("Status:"));
	}
	w->at_start = line.p[line.n - 1] == '\n';
	return w->in_status && !w->in_body ? 0
					   : source_lines_put(w->lines, line);
}

/* Line by line as far as the header goes. Lines so long that they come in two
 * pieces are no Status field of anybody's. */
static int put_without(struct without_status *w, struct slice bytes)
{
	int r = 0;

	while (bytes.n > 0 && !w->in_body && r == 0) {
		size_t lf = slice_find(bytes, '\n');

		r = put_line(w, slice_upto(bytes, lf + 1));
		bytes = slice_from(bytes, lf + 1);
	}
	return r == 0 ? source_lines_put(w->lines, bytes) : r;
}

static int copy(int fd, struct source_lines *lines, bool drop_status)
{
	struct without_status w = { .lines = lines,
				    .at_start = true,
				    .in_body = !drop_status };
	char *block = malloc(BLOCK);
	ssize_t n = block ? 1 : -ENOMEM;
	int r = 0;

	for (uint64_t at = 0; n > 0 && r == 0; at += (uint64_t)n) {
		n = file_read_at(fd, block, BLOCK, at);
		if (n > 0)
			r = put_without(&w, (struct slice){ block, (size_t)n });
	}
	free(block);
	if (r == 0 && n == 0)
		r = source_lines_end(lines);
	return n < 0 ? (int)n : r;
}

static int load_open(struct maildir *m, int fd, const struct entry *e,
		     struct spool *spool, struct source_message *ret)
{
	struct source_lines lines = { .out = spool_put, .context = spool };
	struct head h = { .maildir = m };
	struct stat st;
	bool differs;
	int r = fstat(fd, &st) < 0 ? -errno : read_head(fd, &h, &lines.crlf);

	differs = h.is_read != e->read;
	if (r == 0)
		r = copy(fd, &lines, h.has_status && differs);
	*ret = (struct source_message){
		.sender = h.sender,
		.real_us = (int64_t)st.st_mtim.tv_sec * 1000000,
	};
	if (differs && e->read)
		ret->head = SLICE("Status: RO\n");
	return r == 0 ? spool_end(spool) : r;
}

static int load(struct source *s, size_t i, struct spool *spool,
		struct source_message *ret)
{
	struct maildir *m = (struct maildir *)s;
	int fd CLEANUP(file_close) =
		openat(m->dir, m->entries[i].path,
		       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int r = fd < 0 ? -errno : spool_reset(spool);

	return r == 0 ? load_open(m, fd, &m->entries[i], spool, ret) : r;
}

static void maildir_free(struct source *s)
{
	struct maildir *m = (struct maildir *)s;

	for (size_t i = 0; i < m->source.n; i++)
		free(m->entries[i].path);
	free(m->entries);
	file_close(&m->dir);
	free(m);
}

int source_maildir(const char *directory, struct source **ret)
{
	struct maildir *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return -ENOMEM;
	*m = (struct maildir){ .source = { .load = load,
					   .free = maildir_free } };
	m->dir = file_open_dir(AT_FDCWD, directory);
	r = m->dir;
	if (r >= 0)
		r = read_folder(m, "new");
	if (r == 0)
		r = read_folder(m, "cur");
	if (r == 0 && m->source.n > 0)
		qsort(m->entries, m->source.n, sizeof(*m->entries), by_age);
	if (r < 0)
		maildir_free(&m->source);
	else
		*ret = &m->source;
	return r;
}

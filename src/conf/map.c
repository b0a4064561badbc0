/* SPDX-License-Identifier: ISC */
/* See map.h. Asks the index where there is one and it is sure; else scans
 * lines with memchr; a line whose first character differs from the key's is
 * passed over at once. Must never write to the file. */
#include "conf/map.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "conf/map_index.h"

/* So much is read: to map a file and to touch it takes longer. */
#define SMALL 8192

struct map {
	struct slice text;
	char separator;
	bool mapped;
	bool indexed;
	struct map_index index;
	int own_index; /* its descriptor, where nobody else closes it; or -1 */
	char small[];  /* the text, perhaps */
};

/* A line that is no continuation, and what follows it. */
struct entry {
	unsigned number;
	struct slice line;
	struct slice rest;
};

static int map_new(struct slice text, char separator, bool mapped,
		   struct map **ret)
{
	struct map *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	*m = (struct map){ .text = text,
			   .separator = separator,
			   .mapped = mapped,
			   .own_index = -1 };
	*ret = m;
	return 0;
}

int map_of_text(struct slice text, char separator, struct map **ret)
{
	return map_new(text, separator, false, ret);
}

static int read_small(int fd, size_t size, char separator, struct map **ret)
{
	struct map *m = calloc(1, sizeof(*m) + size);
	ssize_t n;

	if (!m)
		return -ENOMEM;
	n = file_read_at(fd, m->small, size, 0);
	if (n < 0) {
		free(m);
		return (int)n;
	}
	m->text = (struct slice){ m->small, (size_t)n };
	m->separator = separator;
	m->own_index = -1;
	*ret = m;
	return 0;
}

static int map_large(int fd, size_t size, char separator, struct map **ret)
{
	void *p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	int r;

	if (p == MAP_FAILED)
		return -errno;
	r = map_new((struct slice){ p, size }, separator, true, ret);
	if (r < 0)
		(void)munmap(p, size);
	return r;
}

static int map_file(int fd, char separator, struct stat *ret_st,
		    struct map **ret)
{
	if (fstat(fd, ret_st) < 0)
		return -errno;
	if (!S_ISREG(ret_st->st_mode))
		return -EINVAL;
	return ret_st->st_size <= SMALL
		       ? read_small(fd, (size_t)ret_st->st_size, separator, ret)
		       : map_large(fd, (size_t)ret_st->st_size, separator, ret);
}

void map_hold(const char *path, struct map_held *ret)
{
	/* O_NONBLOCK: a FIFO in its place must not hold us up */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	*ret = (struct map_held){ .file = fd < 0 ? -errno : fd, .index = -1 };
	if (fd >= 0 && fstat(fd, &st) == 0)
		ret->index = map_index_open(path, &st);
}

void map_let_go(struct map_held *h)
{
	file_close(&h->file);
	file_close(&h->index);
}

int map_of_held(const struct map_held *h, char separator, struct map **ret)
{
	struct map *m = NULL;
	struct stat st;
	int r;

	if (h->file < 0 && h->file != -ENOENT)
		return h->file;
	if (h->file == -ENOENT)
		return map_new(SLICE(""), separator, false, ret);
	r = map_file(h->file, separator, &st, &m);
	if (!m)
		return r;
	m->indexed = map_index_fits(h->index, &st, separator, &m->index);
	if (m->indexed && m->mapped)
		/* a hint: what lies around a line is not wanted */
		(void)madvise((void *)m->text.p, m->text.n, MADV_RANDOM);
	*ret = m;
	return 0;
}

int map_open(const char *path, char separator, bool missing_ok,
	     struct map **ret)
{
	struct map_held h CLEANUP(map_let_go) = { .file = -1, .index = -1 };
	int r;

	map_hold(path, &h);
	if (h.file == -ENOENT && !missing_ok)
		return h.file;
	r = map_of_held(&h, separator, ret);
	if (r == 0 && (*ret)->indexed) {
		(*ret)->own_index = h.index;
		h.index = -1;
	}
	return r;
}

void map_close(struct map *m)
{
	if (!m)
		return;
	if (m->mapped)
		(void)munmap((void *)m->text.p, m->text.n);
	else if (m->text.p == m->small) /* passwords, perhaps */
		explicit_bzero(m->small, m->text.n);
	file_close(&m->own_index);
	free(m);
}

struct slice map_text(const struct map *m)
{
	return m->text;
}

bool map_is_indexed(const struct map *m)
{
	return m->indexed;
}

/* ---- lines ---- */

static bool begins_blank(struct slice line)
{
	return line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t');
}

static struct slice trim(struct slice line)
{
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return slice_trim(line);
}

static bool is_nothing(struct slice line)
{
	struct slice text = trim(line);

	return text.n == 0 || text.p[0] == '#';
}

/* Give the lines that continue an entry, one by one; *rest then stands behind
 * the one given. */
static bool next_continuation(struct slice *rest, struct slice *ret)
{
	struct slice look = *rest;
	struct slice line;

	while (slice_field(&look, '\n', &line)) {
		if (is_nothing(line))
			continue;
		if (!begins_blank(line))
			return false;
		*rest = look;
		*ret = line;
		return true;
	}
	return false;
}

/* Cut a line at its separator. False: no key, or no separator. */
static bool split(char separator, struct slice line, struct slice *ret_key,
		  struct slice *ret_value)
{
	size_t at = slice_find(line, separator);
	struct slice key = slice_trim(slice_upto(line, at));

	if (at == line.n || key.n == 0)
		return false;
	*ret_key = key;
	*ret_value = trim(slice_from(line, at + 1));
	return true;
}

bool map_line_key(struct slice line, char separator, struct slice *ret)
{
	struct slice value;

	return line.n > 0 && line.p[0] != '#' && !begins_blank(line) &&
	       split(separator, line, ret, &value);
}

/* ---- looking up ---- */

static bool matches(const struct map *m, struct slice line, struct slice key)
{
	struct slice behind;

	if (!slice_eq_nocase(slice_upto(line, key.n), key))
		return false;
	behind = trim(slice_from(line, key.n));
	return behind.n > 0 && behind.p[0] == m->separator;
}

/* The entry whose line begins there. */
static void enter(const struct map *m, size_t start, unsigned number,
		  struct entry *ret)
{
	*ret = (struct entry){ .number = number,
			       .rest = slice_from(m->text, start) };
	(void)slice_field(&ret->rest, '\n', &ret->line); /* it is there */
}

static bool scan(const struct map *m, struct slice key, struct entry *ret)
{
	struct slice rest = m->text;
	struct slice line;
	unsigned number = 0;
	char lower, upper;

	lower = ascii_lower(key.p[0]);
	upper = lower >= 'a' && lower <= 'z' ? (char)(lower - 'a' + 'A')
					     : lower;
	while (slice_field(&rest, '\n', &line)) {
		number++;
		if (line.n <= key.n ||
		    (line.p[0] != lower && line.p[0] != upper))
			continue;
		if (matches(m, line, key)) {
			*ret = (struct entry){ number, line, rest };
			return true;
		}
	}
	return false;
}

static bool find(const struct map *m, struct slice key, struct entry *ret)
{
	unsigned number;
	size_t start;

	if (key.n == 0 || key.p[0] == '#')
		return false;
	if (!m->indexed)
		return scan(m, key, ret);
	switch (map_index_find(&m->index, m->text, m->separator, key, &start,
			       &number)) {
	case MAP_INDEX_ABSENT:
		return false;
	case MAP_INDEX_FOUND:
		enter(m, start, number, ret);
		return true;
	case MAP_INDEX_UNSURE:
		break;
	}
	return scan(m, key, ret);
}

/* Join what continues the entry behind its first line's value. */
static int join(struct slice first, struct slice rest, struct buf *b)
{
	struct slice line;
	int r = buf_put(b, first);

	while (r == 0 && next_continuation(&rest, &line)) {
		if (line.n > MAP_LINE_MAX)
			return -EMSGSIZE;
		if (b->n > 0)
			r = buf_put_byte(b, ' ');
		if (r == 0)
			r = buf_put(b, trim(line));
	}
	return r;
}

static int value_of(const struct map *m, const struct entry *e,
		    struct arena *arena, struct slice *ret)
{
	struct buf joined = BUF(MAP_VALUE_MAX);
	struct slice key, value;
	int r;

	if (e->line.n > MAP_LINE_MAX ||
	    !split(m->separator, e->line, &key, &value))
		return -EMSGSIZE;
	r = join(value, e->rest, &joined);
	if (r == 0) {
		value = arena_copy(arena, buf_slice(&joined));
		if (value.p)
			*ret = value;
		else
			r = -ENOMEM;
	}
	if (joined.p) /* a password, perhaps */
		explicit_bzero(joined.p, joined.n);
	buf_done(&joined);
	return r;
}

int map_find(struct map *m, struct slice key, struct arena *arena,
	     struct slice *ret_value, unsigned *ret_line)
{
	struct entry e;
	int r = 0;

	key = slice_trim(key);
	if (!find(m, key, &e))
		return 0;
	if (ret_value)
		r = value_of(m, &e, arena, ret_value);
	if (r < 0)
		return r;
	if (ret_line)
		*ret_line = e.number;
	return 1;
}

bool map_span(struct map *m, struct slice key, size_t *ret_start,
	      size_t *ret_end)
{
	struct slice line;
	struct entry e;

	if (!find(m, slice_trim(key), &e))
		return false;
	while (next_continuation(&e.rest, &line))
		;
	*ret_start = (size_t)(e.line.p - m->text.p);
	*ret_end = e.rest.p ? (size_t)(e.rest.p - m->text.p) : m->text.n;
	return true;
}

/* ---- all of them ---- */

static int give(const struct map *m, const struct entry *e, map_each *each,
		void *context)
{
	struct buf joined = BUF(MAP_VALUE_MAX);
	struct slice key = trim(e->line), value = SLICE_NONE;
	int r = 0;

	if (e->line.n > MAP_LINE_MAX)
		key = slice_upto(key, 64);
	else if (!begins_blank(e->line) &&
		 split(m->separator, e->line, &key, &value))
		r = join(value, e->rest, &joined);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		value = SLICE_NONE;
	else if (joined.n > 0)
		value = buf_slice(&joined);
	r = each(context, e->number, key, value);
	buf_done(&joined);
	return r;
}

int map_walk(struct map *m, map_each *each, void *context)
{
	struct entry e = { .rest = m->text };
	bool continues = false;
	int r = 0;

	while (r == 0 && slice_field(&e.rest, '\n', &e.line)) {
		e.number++;
		if (is_nothing(e.line))
			continue;
		if (begins_blank(e.line) && continues)
			continue;
		continues = !begins_blank(e.line);
		r = give(m, &e, each, context);
	}
	return r;
}

/* SPDX-License-Identifier: ISC */
/* See map.h. Scans lines with memchr; a line whose first character differs
 * from the key's is passed over at once. Must never write to the file. */
#include "conf/map.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"

struct map {
	struct slice text;
	char separator;
	bool mapped;
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
	*m = (struct map){ text, separator, mapped };
	*ret = m;
	return 0;
}

int map_of_text(struct slice text, char separator, struct map **ret)
{
	return map_new(text, separator, false, ret);
}

static int map_file(int fd, struct slice *ret)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size == 0) {
		*ret = SLICE("");
		return 0;
	}
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	*ret = (struct slice){ p, (size_t)st.st_size };
	return 0;
}

int map_hold(const char *path)
{
	/* O_NONBLOCK: a FIFO in its place must not hold us up */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	return fd < 0 ? -errno : fd;
}

int map_of_file(int file, char separator, struct map **ret)
{
	struct slice text = SLICE_NONE;
	int r;

	if (file < 0 && file != -ENOENT)
		return file;
	if (file == -ENOENT)
		return map_new(SLICE(""), separator, false, ret);
	r = map_file(file, &text);
	if (r < 0)
		return r;
	r = map_new(text, separator, text.n > 0, ret);
	if (r < 0 && text.n > 0)
		(void)munmap((void *)text.p, text.n);
	return r;
}

int map_open(const char *path, char separator, bool missing_ok,
	     struct map **ret)
{
	int file CLEANUP(file_close) = map_hold(path);

	if (file == -ENOENT && !missing_ok)
		return file;
	return map_of_file(file, separator, ret);
}

void map_close(struct map *m)
{
	if (!m)
		return;
	if (m->mapped)
		(void)munmap((void *)m->text.p, m->text.n);
	free(m);
}

struct slice map_text(const struct map *m)
{
	return m->text;
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
static bool split(const struct map *m, struct slice line, struct slice *ret_key,
		  struct slice *ret_value)
{
	size_t at = slice_find(line, m->separator);
	struct slice key = slice_trim(slice_upto(line, at));

	if (at == line.n || key.n == 0)
		return false;
	*ret_key = key;
	*ret_value = trim(slice_from(line, at + 1));
	return true;
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

static bool find(const struct map *m, struct slice key, struct entry *ret)
{
	struct slice rest = m->text;
	struct slice line;
	unsigned number = 0;
	char lower, upper;

	if (key.n == 0 || key.p[0] == '#')
		return false;
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

	if (e->line.n > MAP_LINE_MAX || !split(m, e->line, &key, &value))
		return -EMSGSIZE;
	r = join(value, e->rest, &joined);
	if (r == 0) {
		value = arena_copy(arena, buf_slice(&joined));
		if (value.p)
			*ret = value;
		else
			r = -ENOMEM;
	}
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
	else if (!begins_blank(e->line) && split(m, e->line, &key, &value))
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

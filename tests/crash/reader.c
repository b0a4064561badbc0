/* SPDX-License-Identifier: ISC */
/* See reader.h. A From_ line counts at the start, or behind an empty line when
 * it ends in a year. The seal that postern puts behind its own is a line of
 * the envelope. */
#include "reader.h"

#include <assert.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "wraps.h"

#define SEAL SLICE("X-Postern-Seal: ")

static bool read_all(const char *file, struct slice *ret)
{
	int fd = __real_openat64(AT_FDCWD, file, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *p;

	*ret = SLICE_NONE;
	if (fd < 0)
		return errno == ENOENT;
	if (__real_fstat64(fd, &st) < 0)
		abort();
	p = malloc((size_t)st.st_size + 1);
	assert(p);
	if (__real_pread64(fd, p, (size_t)st.st_size, 0) != st.st_size)
		abort();
	(void)__real_close(fd); /* was read */
	*ret = (struct slice){ p, (size_t)st.st_size };
	return true;
}

static struct slice line_of(struct slice s)
{
	return slice_upto(s, slice_find(s, '\n') + 1);
}

static bool is_from(struct slice line)
{
	struct slice year;

	if (!slice_starts(line, SLICE("From ")) || line.n < 30)
		return false;
	year = slice_from(slice_upto(line, line.n - 1), line.n - 5);
	for (size_t i = 0; i < year.n; i++)
		if (!ascii_is_digit(year.p[i]))
			return false;
	return year.n == 4;
}

/* Up to the next From_ line behind an empty one. */
static size_t length_of(struct slice s)
{
	bool blank = false;
	size_t at = 0;

	while (at < s.n) {
		struct slice line = line_of(slice_from(s, at));

		if (blank && is_from(line))
			break;
		blank = line.n == 1;
		at += line.n;
	}
	return at;
}

static bool is_quoted(struct slice line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] == '>')
		n++;
	return n > 0 && slice_starts(slice_from(line, n), SLICE("From "));
}

static size_t put_line(char *to, struct slice line)
{
	bool ends = line.n > 0 && line.p[line.n - 1] == '\n';
	size_t n = ends ? line.n - 1 : line.n;

	memcpy(to, line.p, n);
	if (n == 0 || to[n - 1] != '\r' || !ends)
		to[n++] = '\r';
	to[n++] = '\n';
	return n;
}

/* What stands between a From_ line and the next, as POP3 sends it. */
static void give(struct slice s, reader_seen *seen, void *context)
{
	char *wire = malloc(s.n * 2 + 2);
	size_t n = 0;

	assert(wire);
	if (slice_starts(s, SEAL))
		s = slice_from(s, line_of(s).n);
	if (slice_ends(s, SLICE("\n\n")))
		s.n--; /* the empty line that separates */
	while (s.n > 0) {
		struct slice line = line_of(s);

		s = slice_from(s, line.n);
		n += put_line(wire + n, slice_from(line, is_quoted(line)));
	}
	seen(context, (struct slice){ wire, n });
	free(wire);
}

bool reader_read(const char *file, reader_seen *seen, void *context)
{
	struct slice all, rest;
	bool fine = read_all(file, &all);

	rest = all;
	if (all.n > 0 && memchr(all.p, '\0', all.n))
		fine = false;
	while (fine && rest.n > 0) {
		size_t n = line_of(rest).n;

		fine = slice_starts(rest, SLICE("From "));
		rest = slice_from(rest, n);
		n = length_of(rest);
		give(slice_upto(rest, n), seen, context);
		rest = slice_from(rest, n);
	}
	free((char *)(uintptr_t)all.p);
	return fine;
}

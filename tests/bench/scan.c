/* SPDX-License-Identifier: ISC */
/* scan mmap|read PATH: milliseconds of one pass of memchr over a file whose
 * pages are cached. "byte": for a byte that is not there; "lines": from LF to
 * LF, testing each line for From_. Mapped: "again" is a second pass over the
 * same mapping, without the page faults. */
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pair.h"

#define BLOCK  (256U * 1024)
#define FROM   "From "
#define ABSENT '\x01'

struct pass {
	size_t lines, messages;
	size_t head; /* how much of this line the block before held, to 5 */
	char line[5];
	bool found;
};

typedef void look(struct pass *p, const char *at, size_t n);

static void byte(struct pass *p, const char *at, size_t n)
{
	p->found |= memchr(at, ABSENT, n) != NULL;
}

static void test(struct pass *p, const char *at, const char *end)
{
	size_t n = (size_t)(end - at);

	if (n >= 5) {
		p->messages += memcmp(at, FROM, 5) == 0;
		return;
	}
	memcpy(p->line, at, n);
	p->head = n;
}

/* The rest of a line's first five bytes, from the next block. */
static void finish(struct pass *p, const char *at, size_t n)
{
	size_t rest = 5 - p->head < n ? 5 - p->head : n;

	memcpy(p->line + p->head, at, rest);
	p->messages += memcmp(p->line, FROM, 5) == 0;
	p->head = 5;
}

static void lines(struct pass *p, const char *at, size_t n)
{
	const char *end = at + n;

	if (p->head < 5)
		finish(p, at, n);
	while ((at = memchr(at, '\n', (size_t)(end - at)))) {
		p->lines++;
		p->head = 5;
		test(p, ++at, end);
	}
}

static double read_pass(int fd, look *look_at, struct pass *p)
{
	static char block[BLOCK];
	double from = now_ms();
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, block, sizeof(block), at)) > 0) {
		look_at(p, block, (size_t)n);
		at += n;
	}
	if (n < 0)
		err(1, "read");
	return now_ms() - from;
}

static double map_pass(const char *map, size_t size, look *look_at,
		       struct pass *p)
{
	double from = now_ms();

	look_at(p, map, size);
	return now_ms() - from;
}

static void mapped(int fd, size_t size, const char *what, look *look_at)
{
	struct pass p = { 0 };
	double from = now_ms();
	char *map = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);

	if (map == MAP_FAILED)
		err(1, "mmap");
	(void)map_pass(map, size, look_at, &p);
	printf("%s %.3f %zu\n", what, now_ms() - from, p.messages);
	p.messages = 0;
	from = map_pass(map, size, look_at, &p);
	printf("%s-again %.3f %zu\n", what, from, p.messages);
	munmap(map, size);
}

int main(int argc, char **argv)
{
	int fd = argc == 3 ? open(argv[2], O_RDONLY | O_CLOEXEC) : -1;
	struct pass p = { 0 };
	struct stat st;
	double ms;

	if (fd < 0 || fstat(fd, &st) < 0)
		errx(64, "usage: scan mmap|read PATH");
	if (strcmp(argv[1], "mmap") == 0) {
		mapped(fd, (size_t)st.st_size, "byte", byte);
		mapped(fd, (size_t)st.st_size, "lines", lines);
		return 0;
	}
	ms = read_pass(fd, byte, &p);
	printf("byte %.3f 0\n", ms);
	ms = read_pass(fd, lines, &p);
	printf("lines %.3f %zu\n", ms, p.messages);
	return 0;
}

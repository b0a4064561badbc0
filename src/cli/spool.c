/* SPDX-License-Identifier: ISC */
/* See spool.h. */
#include "cli/spool.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "base/file.h"

#define BLOCK ((size_t)64 << 10)

int spool_open(struct spool *ret)
{
	const char *directory = getenv("TMPDIR");
	int fd;

	if (!directory || *directory == '\0')
		directory = "/var/tmp";
	fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0) /* a file system that has no such files */
		fd = memfd_create("spool", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret = (struct spool){ .fd = fd, .block = BUF(BLOCK) };
	digest_start(&ret->digest);
	return 0;
}

void spool_done(struct spool *s)
{
	file_close(&s->fd);
	buf_done(&s->block);
}

int spool_reset(struct spool *s)
{
	s->n = 0;
	buf_reset(&s->block);
	digest_start(&s->digest);
	return file_truncate(s->fd, 0);
}

int spool_end(struct spool *s)
{
	int r = s->block.n == 0
			? 0
			: file_write_at(s->fd, buf_slice(&s->block), s->n);

	s->n += s->block.n;
	buf_reset(&s->block);
	return r;
}

int spool_put(void *context, struct slice bytes)
{
	struct spool *s = context;
	int r = 0;

	digest_add(&s->digest, bytes);
	while (bytes.n > 0 && r == 0) {
		struct slice part = slice_upto(bytes, BLOCK - s->block.n);

		r = buf_put(&s->block, part);
		bytes = slice_from(bytes, part.n);
		if (r == 0 && s->block.n == BLOCK)
			r = spool_end(s);
	}
	return r;
}

/* SPDX-License-Identifier: ISC */
/* See store.h: the mail directory, opened once by a process. */
#include "store/store.h"

#include <fcntl.h>

#include "base/ident.h"
#include "store/place.h"

/* Tells a process that died from a host that went down. Where it cannot be
 * read it stays empty, and nothing is taken for this boot's. */
static void read_boot(struct store *s)
{
	static const char path[] = "/proc/sys/kernel/random/boot_id";
	int fd CLEANUP(file_close) = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, s->boot, 36);

	s->boot[n == 36 ? 36 : 0] = '\0';
}

int store_open(const char *directory, const struct store_options *o,
	       struct store **ret)
{
	struct store *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->options = *o;
	s->keeper = -1;
	s->dir = file_open_dir(AT_FDCWD, directory);
	if (s->dir < 0) {
		int r = s->dir;

		free(s);
		return r;
	}
	read_boot(s);
	ident_host(s->host, sizeof(s->host));
	*ret = s;
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	file_close(&s->keeper);
	file_close(&s->dir);
	free(s);
}

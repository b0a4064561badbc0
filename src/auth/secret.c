/* SPDX-License-Identifier: ISC */
/* See secret.h. */
#include "auth/secret.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/ident.h"

static int read_it(const char *path, uint8_t *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	uint8_t bytes[SECRET_BYTES];
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, bytes, sizeof(bytes));
	(void)close(fd); /* only read */
	if (n != SECRET_BYTES)
		return -EBADMSG;
	memcpy(ret, bytes, sizeof(bytes));
	return 0;
}

/* link(2), so that of two who make one at the same time the first counts. */
static int make_it(const char *path)
{
	char name[PATH_MAX], ident[IDENT_MAX];
	uint8_t bytes[SECRET_BYTES];
	int fd, r = 0;

	ident_new(ident);
	if (snprintf(name, sizeof(name), "%s.%s", path, ident) >=
		    (int)sizeof(name) ||
	    getrandom(bytes, sizeof(bytes), 0) != SECRET_BYTES)
		return -EINVAL;
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (write(fd, bytes, sizeof(bytes)) != SECRET_BYTES || fsync(fd) < 0)
		r = -EIO;
	(void)close(fd); /* synced */
	if (r == 0 && link(name, path) < 0 && errno != EEXIST)
		r = -errno;
	(void)unlink(name); /* left behind it harms nobody */
	return r;
}

int secret_get(const char *path, uint8_t ret[SECRET_BYTES])
{
	int r = read_it(path, ret);

	if (r != -ENOENT)
		return r;
	r = make_it(path);
	return r < 0 ? r : read_it(path, ret);
}

void secret_fallback(uint8_t ret[SECRET_BYTES])
{
	memset(ret, 0, SECRET_BYTES);
	if (read_it("/etc/machine-id", ret) < 0 &&
	    getrandom(ret, SECRET_BYTES, 0) != SECRET_BYTES)
		ret[0] = 1; /* salts then tell users from others: no more */
}

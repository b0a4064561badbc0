/* SPDX-License-Identifier: ISC */
/* rewrite PATH SHIFT: milliseconds to move a cached file's contents SHIFT
 * octets down in place, flush, and cut: what taking out the first message
 * costs a program that fears no crash. */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pair.h"

#define BLOCK (256U * 1024)

int main(int argc, char **argv)
{
	static char block[BLOCK];
	off_t shift = argc == 3 ? atol(argv[2]) : 0, at = 0;
	int fd = shift > 0 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1;
	double from = now_ms();
	ssize_t n;

	if (fd < 0)
		errx(64, "usage: rewrite PATH SHIFT");
	while ((n = pread(fd, block, sizeof(block), at + shift)) > 0) {
		if (pwrite(fd, block, (size_t)n, at) != n)
			err(1, "write");
		at += n;
	}
	if (n < 0 || ftruncate(fd, at) < 0 || fsync(fd) < 0)
		err(1, "rewrite");
	printf("rewrite %.3f %lld\n", now_ms() - from, (long long)at);
	return 0;
}

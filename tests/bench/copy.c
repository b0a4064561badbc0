/* SPDX-License-Identifier: ISC */
/* copy [-l] cat|sendfile|asked PATH: milliseconds and octets of a file that
 * comes through a TCP connection (-l: a Unix socket), read as pop3 reads it.
 * "asked": a piece of ASKED octets for each line that the client sends, which
 * is what the turns of an unpipelined RETR cost without any work. */
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pair.h"

#define ASKED 10300

static void send_all(int fd, off_t size)
{
	off_t at = 0;

	while (at < size && sendfile(STDOUT_FILENO, fd, &at, 1U << 20) > 0)
		;
}

static void send_asked(int fd, off_t size)
{
	const char *map =
		mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, fd, 0);
	char line[64];

	setsockopt(STDOUT_FILENO, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 },
		   sizeof(int));
	for (off_t at = 0; at < size; at += ASKED) {
		off_t n = size - at < ASKED ? size - at : ASKED;

		if (read(STDIN_FILENO, line, sizeof(line)) <= 0)
			return;
		put(STDOUT_FILENO, map + at, (size_t)n);
	}
}

static int serve(const char *how, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		err(1, "%s", path);
	if (strcmp(how, "cat") == 0)
		execlp("cat", "cat", path, (char *)NULL);
	else if (strcmp(how, "sendfile") == 0)
		send_all(fd, st.st_size);
	else
		send_asked(fd, st.st_size);
	return 0;
}

static uint64_t take(int fd, bool ask)
{
	static char in[256 * 1024];
	uint64_t octets = 0, until = 0;
	ssize_t n;

	do {
		if (ask && octets >= until) {
			until += ASKED;
			put(fd, "RETR 1\r\n", 8);
		}
		n = read(fd, in, sizeof(in));
		octets += n > 0 ? (uint64_t)n : 0;
	} while (n > 0);
	return octets;
}

int main(int argc, char **argv)
{
	bool local = argc > 1 && strcmp(argv[1], "-l") == 0;
	char **args = argv + 1 + local;
	double from = now_ms();
	uint64_t octets;
	int fd;

	if (argc != 3 + local)
		errx(64, "usage: copy [-l] cat|sendfile|asked PATH");
	if (child_on_socket(local, &fd) == 0)
		return serve(args[0], args[1]);
	octets = take(fd, strcmp(args[0], "asked") == 0);
	printf("%s %.3f %llu\n", args[0], now_ms() - from,
	       (unsigned long long)octets);
	return wait(NULL) > 0 ? 0 : 1;
}

/* SPDX-License-Identifier: ISC */
/* See password.h. Reads past stdio's buffer, where a password would stay, and
 * not a byte further than its line. Must never leave a terminal mute. */
#include "cli/password.h"

#include <termios.h>

#define CONTROL_C 3

/* One line of `fd`, without its end. */
static ssize_t read_line(int fd, char ret[PASSWORD_ROOM])
{
	size_t n = 0;
	ssize_t got;
	char c;

	for (;;) {
		got = read(fd, &c, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0 && n == 0)
			return -EPIPE;
		if (got == 0 || c == '\n')
			break;
		if (n == PASSWORD_ROOM)
			return -EMSGSIZE;
		ret[n++] = c;
	}
	if (n > 0 && ret[n - 1] == '\r')
		n--;
	return (ssize_t)n;
}

/* The keys that would kill us are read as bytes: so the echo comes back. */
static ssize_t read_mute(int fd, char ret[PASSWORD_ROOM])
{
	struct termios before, mute;
	ssize_t n;

	if (tcgetattr(fd, &before) < 0)
		return -errno;
	mute = before;
	mute.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	if (tcsetattr(fd, TCSAFLUSH, &mute) < 0)
		return -errno;
	n = read_line(fd, ret);
	if (tcsetattr(fd, TCSAFLUSH, &before) < 0 && n >= 0)
		return -errno;
	if (n > 0 && memchr(ret, CONTROL_C, (size_t)n))
		return -EINTR;
	return n;
}

static ssize_t prompt(struct cli *c, const char *text, char ret[PASSWORD_ROOM])
{
	ssize_t n;

	(void)fprintf(c->err, "%s: ", text);
	(void)fflush(c->err);
	n = read_mute(fileno(c->in), ret);
	(void)fputc('\n', c->err);
	return n;
}

ssize_t password_ask(struct cli *c, char ret[PASSWORD_ROOM])
{
	char again[PASSWORD_ROOM];
	ssize_t n, m;

	if (!isatty(fileno(c->in)))
		return read_line(fileno(c->in), ret);
	n = prompt(c, "Password", ret);
	if (n < 0)
		return n;
	m = prompt(c, "Once more", again);
	if (m >= 0 && (m != n || memcmp(ret, again, (size_t)n) != 0))
		m = -EAGAIN;
	explicit_bzero(again, sizeof(again));
	return m;
}

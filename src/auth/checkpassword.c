/* SPDX-License-Identifier: ISC */
/* See checkpassword.h. */
#include "auth/checkpassword.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#define INPUT_MAX 512 /* the interface's limit */
#define WAIT_MS   20000
#define FITS      0
#define DOES_NOT  1

/* "name NUL password NUL time NUL"; its length, or -EMSGSIZE. */
static ssize_t put_input(char text[INPUT_MAX], struct slice name,
			 struct slice password)
{
	static const char stamp[] = "Y0"; /* ignored by all of them */
	size_t n = name.n + 1 + password.n + 1 + sizeof(stamp);

	if (n > INPUT_MAX)
		return -EMSGSIZE;
	memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	memcpy(text + name.n + 1, password.p, password.n);
	text[name.n + 1 + password.n] = '\0';
	memcpy(text + n - sizeof(stamp), stamp, sizeof(stamp));
	return (ssize_t)n;
}

static int start(const char *program, int input, pid_t *ret)
{
	char *argv[] = { (char *)program, (char *)"/bin/true", NULL };
	char *env[] = { (char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	posix_spawn_file_actions_t actions;
	int r = posix_spawn_file_actions_init(&actions);

	if (r != 0)
		return -r;
	/* the connection is not its business */
	for (int fd = 0; fd < 2 && r == 0; fd++)
		r = posix_spawn_file_actions_addopen(&actions, fd, "/dev/null",
						     O_RDWR, 0);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&actions, input, 3);
	if (r == 0)
		r = posix_spawn(ret, program, &actions, NULL, argv, env);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

/* How it ended: its exit status, or -EAGAIN. */
static int wait_for(pid_t pid)
{
	struct pollfd p = { .fd = pidfd_open(pid, 0), .events = POLLIN };
	int status = 0;

	if (p.fd < 0 || poll(&p, 1, WAIT_MS) <= 0)
		(void)kill(pid, SIGKILL); /* ours until it is waited for */
	if (p.fd >= 0)
		(void)close(p.fd);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -EAGAIN;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EAGAIN;
}

static int run(const char *program, struct slice input)
{
	int ends[2], r;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	r = start(program, ends[0], &pid);
	(void)close(ends[0]);
	/* a pipe holds more than that, whether or not anybody reads it */
	if (r == 0 && write(ends[1], input.p, input.n) != (ssize_t)input.n)
		r = -EAGAIN;
	(void)close(ends[1]);
	if (r < 0)
		return r;
	r = wait_for(pid);
	return r == FITS ? 1 : r == DOES_NOT ? 0 : -EAGAIN;
}

int checkpassword(const char *program, struct slice name, struct slice password)
{
	char text[INPUT_MAX];
	ssize_t n = put_input(text, name, password);
	int r = n < 0 ? 0 /* nobody's is so long */
		      : run(program, (struct slice){ text, (size_t)n });

	explicit_bzero(text, sizeof(text));
	return r;
}

/* SPDX-License-Identifier: ISC */
/* See porch.h. The house is the process that was started, so that who waits
 * for its end (systemd, inetd) waits for the mailbox to be put in order. */
#include "main/porch.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include "auth/usher.h"
#include "base/file.h"
#include "net/pump.h"

#define HAND_OVER_MS 30000

int porch_open(struct porch *p)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pid = fork();
	if (pid < 0) {
		(void)close(pair[0]); /* of no use, */
		(void)close(pair[1]); /* both */
		return -EAGAIN;
	}
	(void)close(pair[pid == 0]); /* the other's */
	*p = (struct porch){ .line = pair[pid != 0], .pid = pid };
	return 0;
}

/* ---- on the porch ---- */

enum pop3_login porch_enter(void *context, struct maildrop **ret,
			    struct slice *ret_fill)
{
	static const char enter[] = USHER_ENTER "\n";
	const struct porch *p = context;
	char answer;

	(void)ret, (void)ret_fill;
	if (send(p->line, enter, sizeof(enter) - 1, MSG_NOSIGNAL) !=
		    sizeof(enter) - 1 ||
	    recv(p->line, &answer, 1, MSG_WAITALL) != 1)
		return POP3_LOGIN_TEMP;
	return answer < 0 || answer > POP3_LOGIN_PERM ? POP3_LOGIN_TEMP
						      : (enum pop3_login)answer;
}

int porch_pump(const struct porch *p, struct stream *client, int64_t idle_ms)
{
	return pump(client, STDIN_FILENO, p->line, idle_ms);
}

int porch_hand_over(struct porch *p, struct stream *client)
{
	/* what we have said comes before what the house says */
	int r = stream_flush(client);
	struct slice rest = stream_peek(client);

	while (r == 0 && rest.n > 0) {
		ssize_t n = send(p->line, rest.p, rest.n, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			r = -errno;
		if (n > 0)
			rest = slice_from(rest, (size_t)n);
	}
	stream_forget_input(client);
	file_close(&p->line);
	return r;
}

/* ---- in the house ---- */

int porch_take_over(struct stream *line, struct stream *client)
{
	ssize_t n;
	int r;

	stream_deadline(line, HAND_OVER_MS, HAND_OVER_MS);
	do
		n = stream_fill(line);
	while (n > 0);
	if (n < 0)
		return (int)n;
	r = stream_unread(client, stream_peek(line));
	stream_forget_input(line);
	return r;
}

int porch_leave_client(void)
{
	return file_let_go(door_stderr_is_ours() ? STDOUT_FILENO
						 : STDERR_FILENO);
}

int porch_answer(const struct porch *p, enum pop3_login login)
{
	const char answer =
		(char)(login == POP3_LOGIN_OK ? POP3_LOGIN_AWAY : login);

	return send(p->line, &answer, 1, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

int porch_close(struct porch *p)
{
	int status = 0;

	file_close(&p->line);
	if (p->pid > 0)
		while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
			;
	return WIFEXITED(status) ? WEXITSTATUS(status) : PROGRAM_FAILED;
}

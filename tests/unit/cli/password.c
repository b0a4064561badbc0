/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <pty.h>
#include <sys/wait.h>
#include <termios.h>

#include "cli/password.h"

/* What a person types at the prompts, and what comes of it. */
static const struct {
	const char *typed[2];
	int status; /* length, or 100 + errno */
} rows[] = {
	{ { "secret\n", "secret\n" }, 6 },
	{ { "secret\n", "secrat\n" }, 100 + EAGAIN },
	{ { "secret\n", "secre\n" }, 100 + EAGAIN },
	{ { "sec\003ret\n", NULL }, 100 + EINTR },
	{ { "\n", "\n" }, 0 },
};

static int ask(void)
{
	struct cli c = { .in = stdin, .out = stdout, .err = stderr };
	char password[PASSWORD_ROOM];
	struct termios now;
	ssize_t n = password_ask(&c, password);

	if (tcgetattr(STDIN_FILENO, &now) < 0 || !(now.c_lflag & ECHO))
		return 99; /* the terminal was left mute */
	return n < 0 ? 100 + (int)-n : (int)n;
}

/* Read what the terminal shows up to a prompt's end. */
static void await(int fd, char *shown, size_t room)
{
	size_t n = strlen(shown), start = n;

	while (n + 1 < room && read(fd, shown + n, 1) == 1) {
		shown[++n] = '\0';
		if (n > start + 1 && strcmp(shown + n - 2, ": ") == 0)
			return;
	}
}

Test(password, is_asked_for_twice_without_echo)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char shown[1024] = "";
		int fd, status;
		pid_t pid = forkpty(&fd, NULL, NULL, NULL);

		cr_assert_geq(pid, 0);
		if (pid == 0)
			_exit(ask());
		for (size_t j = 0; j < 2 && rows[i].typed[j]; j++) {
			size_t n = strlen(rows[i].typed[j]);
			struct termios now;

			await(fd, shown, sizeof(shown));
			do /* the prompt may come before the silence */
				cr_assert_eq(tcgetattr(fd, &now), 0);
			while (now.c_lflag & ECHO);
			cr_assert_eq(write(fd, rows[i].typed[j], n),
				     (ssize_t)n);
		}
		await(fd, shown, sizeof(shown));
		cr_assert_eq(waitpid(pid, &status, 0), pid);
		cr_assert_eq(WEXITSTATUS(status), rows[i].status, "row %zu", i);
		cr_assert_not(strstr(shown, "sec"), "%s", shown);
		cr_assert_eq(close(fd), 0);
	}
}

Test(password, reads_one_line_of_a_pipe_and_no_more)
{
	char password[PASSWORD_ROOM], rest[8] = "";
	struct cli c = { .err = stderr };
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(write(ends[1], "secret\nrest", 11), 11);
	cr_assert_eq(close(ends[1]), 0);
	c.in = fdopen(ends[0], "r");
	cr_assert_eq(password_ask(&c, password), 6);
	cr_assert_eq(memcmp(password, "secret", 6), 0);
	cr_assert_eq(read(ends[0], rest, sizeof(rest)), 4);
	cr_assert_eq(password_ask(&c, password), -EPIPE);
	cr_assert_eq(fclose(c.in), 0);
}

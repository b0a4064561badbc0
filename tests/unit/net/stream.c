/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "net/stream.h"

static bool has_input(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void take(struct stream *s, size_t n)
{
	while (stream_peek(s).n < n)
		cr_assert_gt(stream_fill(s), 0);
	stream_consume(s, n);
}

Test(stream, replies_leave_when_the_next_read_would_block)
{
	struct stream *s;
	char reply[8] = "";
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	s = stream_new_fd(pair[0], pair[0]);
	stream_deadline(s, 50, 0);
	cr_assert_eq(write(pair[1], "one", 3), 3);
	take(s, 3);
	stream_put(s, SLICE("1"));
	cr_assert_eq(write(pair[1], "two", 3), 3);
	take(s, 3);
	stream_put(s, SLICE("2"));
	cr_assert_not(has_input(pair[1]), "a reply left too early");
	cr_assert_eq(stream_fill(s), -ETIMEDOUT);
	cr_assert_eq(read(pair[1], reply, sizeof(reply)), 2);
	cr_assert_str_eq(reply, "12");
	stream_free(s);
	close(pair[0]);
	close(pair[1]);
}

/* Replies that follow one another must not wait for acknowledgements that
 * the peer delays (RFC 1122 §4.2.3.2). */
Test(stream, tcp_sends_at_once)
{
	struct stream *s;
	int on = 0, fd = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t n = sizeof(on);

	cr_assert_geq(fd, 0);
	s = stream_new_fd(fd, fd);
	cr_assert_eq(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &n), 0);
	cr_assert_neq(on, 0);
	stream_free(s);
	close(fd);
}

Test(stream, what_is_large_goes_out_in_order)
{
	static char large[3 * STREAM_OUT_BYTES];
	struct buf out = BUF(4 * STREAM_OUT_BYTES);
	struct stream *s = stream_new_memory(SLICE_NONE, 0, &out);

	memset(large, 'x', sizeof(large));
	stream_put(s, SLICE("a"));
	stream_put(s, (struct slice){ large, sizeof(large) });
	cr_assert_eq(out.n, 1 + sizeof(large), "it waits, or was cut");
	stream_put_number(s, 0);
	stream_put_number(s, UINT64_MAX);
	stream_printf(s, "%0600d", 7); /* more than lies on the stack */
	cr_assert_eq(stream_flush(s), 0);
	cr_assert_eq(out.n, 1 + sizeof(large) + 21 + 600);
	cr_assert_eq(out.p[0], 'a');
	cr_assert_eq(memcmp(out.p + 1, large, sizeof(large)), 0);
	cr_assert(slice_starts(slice_from(buf_slice(&out), 1 + sizeof(large)),
			       SLICE("018446744073709551615")));
	cr_assert_eq(out.p[out.n - 1], '7');
	stream_free(s);
	buf_done(&out);
}

Test(stream, full_input_and_end)
{
	struct buf out = BUF(10);
	char text[STREAM_IN_BYTES + 10];
	struct stream *s;

	memset(text, 'x', sizeof(text));
	s = stream_new_memory((struct slice){ text, sizeof(text) }, 0, &out);
	cr_assert_gt(stream_fill(s), 0);
	cr_assert_eq(stream_peek(s).n, STREAM_IN_BYTES);
	cr_assert_eq(stream_fill(s), -ENOBUFS);
	stream_consume(s, 100);
	cr_assert_eq(stream_fill(s), 10);
	cr_assert(stream_has_input(s));
	stream_forget_input(s);
	cr_assert_eq(stream_fill(s), 0);
	cr_assert_not(stream_has_input(s));
	stream_free(s);
}

/* What was read too early comes first, then what the other end says. */
Test(stream, what_another_has_read_comes_first)
{
	static char much[STREAM_IN_BYTES + 1];
	struct stream *s = stream_new_memory(SLICE("STAT\r\n"), 2, NULL);

	cr_expect_eq(stream_unread(s, (struct slice){ much, sizeof(much) }),
		     -ENOBUFS);
	cr_expect_eq(stream_peek(s).n, 0);
	cr_assert_eq(stream_unread(s, SLICE("NOOP\r\n")), 0);
	cr_expect(slice_eq(stream_peek(s), SLICE("NOOP\r\n")));
	take(s, 12);
	cr_expect_eq(stream_fill(s), 0, "more than was said");
	stream_free(s);

	s = stream_new_memory(SLICE_NONE, 0, NULL);
	cr_expect_eq(stream_unread(s, (struct slice){ much, STREAM_IN_BYTES }),
		     0);
	stream_free(s);
}

Test(stream, output_errors_are_kept)
{
	struct buf out = BUF(10);
	struct stream *s = stream_new_memory(SLICE("x"), 0, &out);

	stream_put(s, SLICE("12345678901"));
	cr_assert_eq(stream_flush(s), -EMSGSIZE);
	stream_put(s, SLICE("1"));
	cr_assert_eq(stream_flush(s), -EMSGSIZE);
	cr_assert_eq(stream_fill(s), -EMSGSIZE, "nothing can be answered");
	stream_free(s);
	buf_done(&out);
}

Test(stream, large_output_goes_through)
{
	struct buf out = BUF(1 << 20);
	struct stream *s = stream_new_memory(SLICE_NONE, 0, &out);

	for (int i = 0; i < 100000; i++)
		stream_printf(s, "%d", i % 10);
	cr_assert_eq(stream_flush(s), 0);
	cr_assert_eq(out.n, 100000);
	for (size_t i = 0; i < out.n; i++)
		cr_assert_eq(out.p[i], (char)('0' + i % 10));
	stream_free(s);
	buf_done(&out);
}

Test(stream, a_peer_that_is_gone_is_an_error_and_no_signal)
{
	struct stream *s;
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	s = stream_new_fd(pair[0], pair[0]);
	close(pair[1]);
	stream_put(s, SLICE("x"));
	cr_assert_eq(stream_flush(s), -EPIPE);
	stream_free(s);
	close(pair[0]);
}

Test(stream, pipes_and_files_keep_their_flags)
{
	int ends[2], file = open("/dev/null", O_RDWR);
	struct stream *s;

	cr_assert_eq(pipe(ends), 0);
	s = stream_new_fd(ends[0], file);
	stream_deadline(s, 20, 0);
	cr_assert_eq(stream_fill(s), -ETIMEDOUT);
	cr_assert_eq(write(ends[1], "x", 1), 1);
	cr_assert_eq(stream_fill(s), 1);
	close(ends[1]);
	cr_assert_eq(stream_fill(s), 0);
	cr_assert_eq(fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0);
	stream_free(s);
	close(ends[0]);
	close(file);
}

Test(stream, the_whole_deadline_counts_too)
{
	struct stream *s;
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	s = stream_new_fd(pair[0], pair[0]);
	stream_deadline(s, 60000, 30);
	cr_assert_eq(stream_fill(s), -ETIMEDOUT);
	stream_free(s);
	close(pair[0]);
	close(pair[1]);
}

Test(stream, who_never_pauses_gets_no_more_time, .timeout = 10)
{
	int zeros = open("/dev/zero", O_RDONLY);
	int nowhere = open("/dev/null", O_WRONLY);
	struct stream *s = stream_new_fd(zeros, nowhere);
	ssize_t n;

	stream_deadline(s, 60000, 30);
	while ((n = stream_fill(s)) > 0)
		stream_consume(s, (size_t)n);
	cr_assert_eq(n, -ETIMEDOUT);
	stream_free(s);
	close(zeros);
	close(nowhere);
}

Test(stream, a_full_pipe_is_waited_for_no_longer_than_told, .timeout = 10)
{
	char text[STREAM_OUT_BYTES] = "";
	struct stream *s;
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	cr_assert_geq(fcntl(ends[1], F_SETPIPE_SZ, 4096), 4096);
	s = stream_new_fd(ends[0], ends[1]);
	stream_deadline(s, 30, 0);
	stream_put(s, (struct slice){ text, sizeof(text) });
	cr_assert_eq(stream_flush(s), -ETIMEDOUT);
	stream_free(s);
	close(ends[0]);
	close(ends[1]);
}

static int signalled = -1;

static void send_a_byte(int sig)
{
	(void)sig;
	ignore(write(signalled, "x", 1));
}

Test(stream, a_signal_ends_no_wait, .timeout = 10)
{
	const struct itimerval soon = { .it_value = { .tv_usec = 30000 } };
	const struct sigaction act = { .sa_handler = send_a_byte };
	static const int64_t idle_ms[] = { 0, 5000 };
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	signalled = pair[1];
	cr_assert_eq(sigaction(SIGALRM, &act, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(idle_ms); i++) {
		struct stream *s = stream_new_fd(pair[0], pair[0]);

		stream_deadline(s, idle_ms[i], 0);
		cr_assert_eq(setitimer(ITIMER_REAL, &soon, NULL), 0);
		cr_assert_eq(stream_fill(s), 1, "row %zu", i);
		stream_free(s);
	}
	close(pair[0]);
	close(pair[1]);
}

/* The reader has all, and the end, while we are still there. */
static void expect_end(int fd, const char *text)
{
	char got[16] = "";
	size_t n = 0;
	ssize_t r;

	while ((r = read(fd, got + n, sizeof(got) - 1 - n)) > 0)
		n += (size_t)r;
	cr_expect_eq(r, 0);
	cr_expect_str_eq(got, text);
}

/* Held back until there is a wait; this one and the next are over then, but
 * what is there is read, and leave is taken. */
Test(stream, sigterm_ends_waits_and_nothing_else, .timeout = 10)
{
	struct stream *s;
	char got[8] = "";
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	cr_assert_eq(stream_heed_term(), 0);
	s = stream_new_fd(pair[0], pair[0]);
	cr_assert_eq(kill(getpid(), SIGTERM), 0);
	cr_assert_eq(write(pair[1], "one", 3), 3);
	take(s, 3);
	stream_put(s, SLICE("1"));
	cr_expect_eq(stream_fill(s), -ECANCELED);
	cr_expect_eq(stream_fill(s), -ECANCELED);
	cr_assert_eq(write(pair[1], "two", 3), 3);
	take(s, 3);
	stream_put(s, SLICE("bye"));
	cr_expect_eq(stream_flush(s), 0);
	cr_assert_eq(read(pair[1], got, sizeof(got)), 4);
	cr_expect_str_eq(got, "1bye");
	stream_free(s);
	close(pair[0]);
	close(pair[1]);
}

Test(stream, sigterm_comes_while_one_waits, .timeout = 10)
{
	static const char text[STREAM_OUT_BYTES - 1];
	struct stream *s;
	int ends[2];
	pid_t us = getpid(), pid;

	cr_assert_eq(stream_heed_term(), 0);
	cr_assert_eq(pipe(ends), 0);
	s = stream_new_fd(ends[0], ends[1]);
	pid = fork();
	if (pid == 0) {
		clock_pause_us(50000);
		kill(us, SIGTERM);
		_exit(0);
	}
	cr_expect_eq(stream_fill(s), -ECANCELED);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	stream_put(s, SLICE("bye"));
	cr_expect_eq(stream_flush(s), 0, "a pipe takes it without a wait");
	for (int i = 0; i < 2; i++)
		stream_put(s, (struct slice){ text, sizeof(text) });
	cr_expect_eq(stream_flush(s), -ECANCELED, "nobody reads");
	stream_free(s);
	close(ends[0]);
	close(ends[1]);
}

Test(stream, the_last_word_is_followed_by_the_end, .timeout = 10)
{
	struct stream *s;
	int pair[2], ends[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	s = stream_new_fd(pair[0], pair[0]);
	stream_put(s, SLICE("bye"));
	stream_end(s);
	expect_end(pair[1], "bye");
	cr_expect_eq(stream_flush(s), 0);
	stream_free(s);
	close(pair[0]);
	close(pair[1]);

	cr_assert_eq(pipe(ends), 0);
	s = stream_new_fd(STDIN_FILENO, ends[1]);
	stream_put(s, SLICE("bye"));
	stream_end(s);
	expect_end(ends[0], "bye");
	cr_expect_eq(stream_flush(s), 0);
	cr_expect_geq(fcntl(ends[1], F_GETFD), 0, "its number is free");
	stream_free(s);
	close(ends[0]);
	close(ends[1]);
}

/* Who does not read is not waited for, and gets all in the end. */
Test(stream, the_last_word_waits_for_nobody, .timeout = 10)
{
	static char text[STREAM_OUT_BYTES - 1], got[sizeof(text)];
	struct stream *s;
	ssize_t n = 0, r = 1;
	int ends[2];
	pid_t pid;

	cr_assert_eq(pipe(ends), 0);
	cr_assert_geq(fcntl(ends[1], F_SETPIPE_SZ, 4096), 4096);
	s = stream_new_fd(STDIN_FILENO, ends[1]);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 23);
	for (size_t i = 0; i < sizeof(text); i += 13107)
		stream_put(s, (struct slice){ text + i, 13107 });
	stream_end(s);
	pid = fork();
	if (pid == 0)
		_exit(stream_flush(s) < 0);
	close(ends[1]);
	for (; r > 0; n += r)
		r = read(ends[0], got + n, sizeof(got) - (size_t)n);
	cr_expect_eq(n, sizeof(got));
	cr_expect_eq(memcmp(got, text, sizeof(got)), 0);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	stream_free(s);
	close(ends[0]);
}

Test(stream, the_last_word_to_nobody, .timeout = 10)
{
	struct stream *s;
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	s = stream_new_fd(pair[0], pair[0]);
	close(pair[1]);
	stream_put(s, SLICE("bye"));
	stream_end(s);
	cr_expect_eq(stream_flush(s), -EPIPE);
	stream_free(s);
	close(pair[0]);
}

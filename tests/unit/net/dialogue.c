/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "net/dialogue.h"

enum { FIRST = 1, SECOND = 2, BODY = 4 };

static void cmd_next(struct dialogue *d, struct slice args)
{
	stream_printf(d->stream, "next(%.*s) ", SLICE_ARG(args));
	d->state = SECOND;
}

static void cmd_body(struct dialogue *d, struct slice args)
{
	(void)args;
	d->state = BODY;
}

static void cmd_quit(struct dialogue *d, struct slice args)
{
	(void)args;
	d->over = true;
}

static void run_body(struct dialogue *d)
{
	struct slice line;

	cr_assert_eq(line_read(d->stream, 100, false, &line), LINE_OK);
	stream_printf(d->stream, "body(%.*s) ", SLICE_ARG(line));
	d->state = FIRST;
}

static const struct dialogue_command commands[] = {
	{ .verb = "NEXT", .in = FIRST, .run = cmd_next },
	{ .verb = "BODY", .in = FIRST | SECOND, .run = cmd_body },
	{ .verb = "QUIT", .in = FIRST | SECOND, .run = cmd_quit },
	{ .verb = NULL },
};

static const struct dialogue_mode modes[] = {
	{ .in = BODY, .run = run_body },
	{ .in = 0 },
};

static void trouble(struct dialogue *d, enum dialogue_trouble what,
		    struct slice verb)
{
	static const char *const names[] = {
		[DIALOGUE_UNKNOWN] = "unknown",
		[DIALOGUE_WRONG_STATE] = "wrong-state",
		[DIALOGUE_TOO_LONG] = "too-long",
		[DIALOGUE_BARE] = "bare",
		[DIALOGUE_EOF] = "eof",
		[DIALOGUE_TIMEOUT] = "timeout",
		[DIALOGUE_ERROR] = "error",
	};

	stream_printf(d->stream, "%s(%.*s) ", names[what], SLICE_ARG(verb));
}

static const struct dialogue_protocol protocol = {
	.commands = commands,
	.modes = modes,
	.trouble = trouble,
};

static const struct {
	const char *in, *out;
} rows[] = {
	{ "next  a b\r\nQUIT\r\n", "next( a b) " },
	{ "NEXT\r\nNEXT\r\nquit\r\n", "next() wrong-state(NEXT) " },
	{ "WHAT x\r\nQUIT\r\n", "unknown(WHAT) " },
	{ "BODY\r\nNEXT is text here\r\nNEXT\r\nQUIT\r\n",
	  "body(NEXT is text here) next() " },
	{ "123456789012345678901234567890\r\nQUIT\r\n", "too-long() " },
	{ "NEXT\n", "bare() " },
	{ "NEXT", "eof() " },
	{ "\r\nQUIT\r\n", "unknown() " },
};

Test(dialogue, rows)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF(1000);
		struct dialogue d = { .state = FIRST, .line_max = 24 };

		d.stream = stream_new_memory(slice_of(rows[i].in), 1 + i % 3,
					     &out);
		dialogue_run(&d, &protocol);
		cr_assert(slice_eq(buf_slice(&out), slice_of(rows[i].out)),
			  "%s: %.*s", rows[i].in, (int)out.n, out.p);
		stream_free(d.stream);
		buf_done(&out);
	}
}

/* SPDX-License-Identifier: ISC */
/* See messages.h. Each has its name in its Subject. What must come out is
 * worked out here by plain loops, not by the code that is judged. */
#include "messages.h"

#include <assert.h>

static const char *const titles[MESSAGES] = {
	[FIRST_FOREIGN] = "first, foreign",
	[TINY] = "tiny",
	[BODILESS] = "bodiless",
	[QUOTED] = "quoted",
	[BINARY] = "binary",
	[LARGE] = "large",
	[LAST_FOREIGN] = "last, foreign",
	[NEW_TINY] = "new tiny",
	[NEW_BODILESS] = "new bodiless",
	[NEW_QUOTED] = "new quoted",
	[NEW_BINARY] = "new binary",
	[NEW_PAGES] = "new pages",
	[NEW_LARGE] = "new large",
	[NEW_NAMED] = "new named",
	[NEW_FOREIGN] = "new foreign",
	[AFTERWARDS] = "afterwards",
	[AFTERWARDS_2] = "afterwards, again",
};

static struct message made[MESSAGES];

const char *message_title(enum message_id id)
{
	return id < MESSAGES ? titles[id] : "unknown";
}

/* ---- growing text ---- */

struct text {
	char *p;
	size_t n;
};

static void put(struct text *t, struct slice s)
{
	t->p = realloc(t->p, t->n + s.n + 1);
	assert(t->p);
	memcpy(t->p + t->n, s.p, s.n);
	t->n += s.n;
}

static void put_string(struct text *t, const char *s)
{
	put(t, slice_of(s));
}

static struct slice all_of(const struct text *t)
{
	return (struct slice){ t->p, t->n };
}

/* ---- bodies ---- */

static void put_quoted(struct text *t)
{
	put_string(t, "\nFrom nobody, a line that must be quoted\n"
		      ">From somebody, quoted once\n"
		      "\nFrom a@b Mon Nov 23 07:15:03 2026\n"
		      "Subject: no message of its own\n\n"
		      "From \n>>From \n From \nFrom: me\n>\n");
}

/* Everything but NUL and a bare CR; no line end at its end. */
static void put_binary(struct text *t)
{
	put_string(t, "\n");
	for (int i = 0; i < 600; i++) {
		char c = (char)(i % 255 + 1);

		put(t, (struct slice){ &c, c == '\r' ? 0 : 1 });
	}
}

/* Lines that no two places share, so that nothing moves unseen. */
static void put_lines(struct text *t, const char *title, size_t octets)
{
	char line[80];

	put_string(t, "\n");
	for (size_t i = 0; t->n < octets; i++) {
		(void)snprintf(line, sizeof(line), "%05zu %s %016llx %s\n", i,
			       title,
			       (unsigned long long)(i * 0x9e3779b97f4aULL),
			       i % 7 == 3 ? "From the seventh" : "");
		put_string(t, line);
		if (i % 50 == 49)
			put_string(t, "\nFrom fifty to fifty\n");
	}
}

static void put_body(struct text *t, enum message_id id)
{
	switch (id) {
	case BODILESS:
	case NEW_BODILESS:
		break;
	case QUOTED:
	case NEW_QUOTED:
		put_quoted(t);
		break;
	case BINARY:
	case NEW_BINARY:
		put_binary(t);
		break;
	case LARGE:
	case NEW_LARGE:
		put_lines(t, message_title(id), 60000);
		break;
	case NEW_PAGES:
		put_lines(t, message_title(id), 9000);
		break;
	default:
		put_string(t, "\nshort\n");
	}
}

/* ---- what comes out ---- */

/* LF without CR in front becomes CRLF, a last line gets its end. */
static void put_wire(struct text *t, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n' && (t->n == 0 || t->p[t->n - 1] != '\r'))
			put_string(t, "\r");
		put(t, (struct slice){ s.p + i, 1 });
	}
	if (t->n > 0 && t->p[t->n - 1] != '\n')
		put_string(t, "\r\n");
}

static void make_ours(struct message *m, enum message_id id)
{
	struct text text = { NULL, 0 }, wire = { NULL, 0 };

	put_string(&text, "Subject: ");
	put_string(&text, message_title(id));
	put_string(&text, "\n");
	put_body(&text, id);
	m->head = SLICE("Return-Path: <a@example.org>\n"
			"Delivered-To: <alice@example.org>\n");
	m->text = all_of(&text);
	put_wire(&wire, m->head);
	put_wire(&wire, m->text);
	m->wire = all_of(&wire);
	if (id == NEW_NAMED)
		m->once = SLICE("queue-id:7");
}

/* Foreign ones are quoted already, in part by the other mbox formats. */
static void make_foreign(struct message *m, enum message_id id)
{
	struct text raw = { NULL, 0 }, wire = { NULL, 0 }, head = { NULL, 0 };

	put_string(&head, "Subject: ");
	put_string(&head, message_title(id));
	put_string(&head, "\nStatus: RO\nContent-Length: 3\n\n");
	put_string(&raw, "From x@example.net Mon Nov 23 07:15:03 2026\n");
	put(&raw, all_of(&head));
	put_string(&raw, ">From here\n>>From there\n> From nowhere\nend");
	put_wire(&wire, all_of(&head));
	put_string(&wire, "From here\r\n>From there\r\n> From nowhere\r\n"
			  "end\r\n");
	if (id != LAST_FOREIGN)
		put_string(&raw, "\n\n");
	m->foreign = true;
	m->raw = all_of(&raw);
	m->wire = all_of(&wire);
	free(head.p);
}

static bool is_foreign(enum message_id id)
{
	return id == FIRST_FOREIGN || id == LAST_FOREIGN || id == NEW_FOREIGN;
}

const struct message *message(enum message_id id)
{
	struct message *m = &made[id];

	if (!m->wire.p) {
		if (is_foreign(id))
			make_foreign(m, id);
		else
			make_ours(m, id);
	}
	return m;
}

enum message_id message_known(struct slice wire)
{
	for (enum message_id id = 0; id < MESSAGES; id++)
		if (slice_eq(message(id)->wire, wire))
			return id;
	return MESSAGES;
}

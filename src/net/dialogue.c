/* SPDX-License-Identifier: ISC */
/* See dialogue.h. Knows no protocol word. */
#include "net/dialogue.h"

static const struct dialogue_command *find(const struct dialogue_protocol *p,
					   struct slice verb)
{
	for (const struct dialogue_command *c = p->commands; c->verb; c++)
		if (slice_eq_nocase(slice_of(c->verb), verb))
			return c;
	return NULL;
}

static const struct dialogue_mode *mode_of(const struct dialogue_protocol *p,
					   unsigned state)
{
	for (const struct dialogue_mode *m = p->modes; m && m->in; m++)
		if (m->in & state)
			return m;
	return NULL;
}

static void run_line(struct dialogue *d, const struct dialogue_protocol *p,
		     struct slice line)
{
	size_t space = slice_find(line, ' ');
	struct slice verb = slice_upto(line, space);
	const struct dialogue_command *c = find(p, verb);

	if (!c)
		p->trouble(d, DIALOGUE_UNKNOWN, verb);
	else if (!(c->in & d->state))
		p->trouble(d, DIALOGUE_WRONG_STATE, verb);
	else
		c->run(d, slice_from(line, space + 1));
}

static void run_event(struct dialogue *d, const struct dialogue_protocol *p,
		      enum line_event event)
{
	switch (event) {
	case LINE_TOO_LONG:
		p->trouble(d, DIALOGUE_TOO_LONG, SLICE_NONE);
		return;
	case LINE_BARE:
		p->trouble(d, DIALOGUE_BARE, SLICE_NONE);
		break;
	case LINE_TIMEOUT:
		p->trouble(d, DIALOGUE_TIMEOUT, SLICE_NONE);
		break;
	case LINE_CANCELLED:
		p->trouble(d, DIALOGUE_CANCELLED, SLICE_NONE);
		break;
	case LINE_EOF:
		p->trouble(d, DIALOGUE_EOF, SLICE_NONE);
		break;
	case LINE_OK:
	case LINE_ERROR:
		p->trouble(d, DIALOGUE_ERROR, SLICE_NONE);
		break;
	}
	d->over = true;
}

static void one(struct dialogue *d, const struct dialogue_protocol *p)
{
	const struct dialogue_mode *mode = mode_of(p, d->state);
	struct slice line;
	enum line_event event;

	if (p->before)
		p->before(d);
	if (d->over)
		return;
	if (mode) {
		mode->run(d);
		return;
	}
	event = line_read(d->stream, d->line_max, d->lenient, &line);
	if (event == LINE_OK)
		run_line(d, p, line);
	else
		run_event(d, p, event);
}

void dialogue_run(struct dialogue *d, const struct dialogue_protocol *p)
{
	while (!d->over)
		one(d, p);
	/* the peer may be gone; then nobody is left to hear of it */
	ignore(stream_flush(d->stream));
}

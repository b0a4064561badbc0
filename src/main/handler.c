/* SPDX-License-Identifier: ISC */
/* See handler.h. */
#include "main/handler.h"

#include <syslog.h>

#include "base/file.h"
#include "base/log.h"
#include "main/gate.h"
#include "main/proxied.h"

static const struct log_kind cannot_serve = {
	.id = "5d3b9b1f6f0a4f6ba8a3f0f2f8a4c803",
	.level = LOG_ERR,
	.text = "cannot serve",
};

bool handler_option(struct handler *h, int letter)
{
	switch (letter) {
	case 'p':
		h->claimed = optarg;
		return true;
	case 's':
		h->strict = true;
		return true;
	case 't':
		h->tls = true;
		return true;
	default:
		return program_option(&h->program, letter);
	}
}

bool handler_lenient(const struct handler *h)
{
	return !h->door.socket && !h->strict;
}

int handler_cannot(struct handler *h, const char *what, int error)
{
	const struct log_field fields[] = {
		{ "SESSION", slice_of(h->session) },
		{ "PEER", slice_of(h->door.peer_text) },
		{ "DETAIL", slice_of(what) },
		{ "STATUS", slice_of(strerror(-error)) },
	};

	log_event(&cannot_serve, fields, ARRAY_LEN(fields));
	h->refuse(h);
	return PROGRAM_TEMPFAIL;
}

/* Read the configuration now, unless an acceptor has. */
static int start(struct handler *h)
{
	bool person_looks = !h->door.socket && door_stderr_is_ours();

	if (h->program.arena)
		return h->started;
	return program_start(&h->program, person_looks);
}

fence_more *handler_more(const struct handler *h, enum fence_state state)
{
	return state == h->states[0] ? h->more : NULL;
}

static int enter(const struct handler *h, enum fence_state state)
{
	for (size_t i = 0; i < ARRAY_LEN(h->made); i++)
		if (h->made[i].made && h->made[i].state == state)
			return fence_enter(state, h->made[i].rules);
	return fence_session(state, &h->program.settings,
			     handler_more(h, state));
}

int handler_fence(struct handler *h, enum fence_state state)
{
	int r = enter(h, state);

	/* landlock_add_rule on a copy would widen them for sessions to come */
	for (size_t i = 0; i < ARRAY_LEN(h->made); i++)
		if (h->made[i].made)
			file_close(&h->made[i].rules);
	return r;
}

/* What comes from outside is read behind the fence, a proxy's word too. */
static int serve(struct handler *h)
{
	int r = gate_fence(h, false);

	if (r < 0)
		return handler_cannot(h, "the fence", r);
	return proxied_open(h) < 0 ? PROGRAM_FAILED : h->serve(h);
}

int handler_session(struct handler *h)
{
	int status = PROGRAM_CONFIG_BAD;

	ident_new(h->session);
	if (door_open(h->claimed, &h->door) < 0)
		program_usage(&h->program, "--peer takes an IP address");
	h->stream = door_stream();
	if (!h->stream)
		return PROGRAM_TEMPFAIL;
	if (start(h) == 0)
		status = serve(h);
	else
		h->refuse(h);
	stream_free(h->stream);
	return status;
}

int handler_run(struct handler *h, char *const *argv)
{
	struct listeners l;
	int status, n = listeners_find(&l);

	if (n < 0)
		program_no_manager(&h->program);
	h->starter = -1;
	h->starters = -1;
	h->second = -1;
	status = n > 0 ? handler_accept(h, &l, argv) : handler_session(h);
	program_end(&h->program);
	return status;
}

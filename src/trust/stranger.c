/* SPDX-License-Identifier: ISC */
/* See stranger.h. */
#include "trust/stranger.h"

#include "net/dns_many.h"
#include "trust/helo.h"

#define ARENA_MAX ((size_t)256 << 10)

static bool wants(struct slice policy, const char *what)
{
	return slice_eq(policy, slice_of(what));
}

static bool greylists(const struct settings *s)
{
	return s->greylist.everybody || s->trust.greylist_lists.n > 0 ||
	       wants(s->trust.helo, "greylist") ||
	       wants(s->trust.reverse, "greylist");
}

bool stranger_wanted(const struct settings *s)
{
	return greylists(s) || inquiry_wanted(s) || !wants(s->trust.helo, "no");
}

static int open_greylist(struct stranger *s)
{
	const struct settings *c = s->settings;
	const struct greylist_times times = {
		.delay_s = (uint32_t)c->greylist.delay_s,
		.window_s = (uint32_t)c->greylist.window_s,
		.known_s = (uint32_t)c->greylist.known_s,
	};

	if (!greylists(c))
		return 0;
	return greylist_open(c->greylist.file.p, &times, &s->greylist);
}

static int open_dns(struct stranger *s)
{
	struct slice server = s->settings->dns.server;
	int r;

	if (!inquiry_wanted(s->settings))
		return 0;
	/* its own time-out is not for what is asked here */
	r = dns_new(server.n > 0 ? server.p : NULL, 1, &s->dns);
	if (r == 0)
		dns_reach(s->dns);
	return r;
}

int stranger_open(struct stranger *s, const struct settings *settings)
{
	int r, e;

	*s = (struct stranger){
		.settings = settings,
		.arena = arena_new(ARENA_MAX),
	};
	if (!s->arena)
		return -ENOMEM;
	r = open_dns(s);
	e = open_greylist(s);
	return r < 0 ? r : e;
}

void stranger_close(struct stranger *s)
{
	greylist_close(s->greylist);
	dns_free(s->dns);
	arena_free(s->arena);
	*s = (struct stranger){ .settings = NULL };
}

static const struct inquiry *inquire(struct stranger *s, const struct peer *p)
{
	bool known = s->peer.kind == PEER_IP &&
		     memcmp(&s->peer.ip, &p->ip, sizeof(p->ip)) == 0;

	if (!known) {
		s->peer = *p;
		s->inquiry = (struct inquiry){ .allowed = NULL };
		arena_reset(s->arena);
		if (s->dns)
			inquiry_make(s->dns, s->settings, p, s->arena,
				     &s->inquiry);
	}
	return &s->inquiry;
}

static struct opinion of_list(struct stranger *s, enum advice advice,
			      const struct dns_list *list)
{
	struct slice why = s->inquiry.reason;
	struct slice detail = why.n == 0 ? list->zone
					 : arena_printf(s->arena, "%.*s: %.*s",
							SLICE_ARG(list->zone),
							SLICE_ARG(why));

	return (struct opinion){ advice, REASON_LIST,
				 detail.p ? detail : list->zone };
}

/* By what is to be done: what speaks for it, the gravest first. */
static struct opinion speaks_for(struct stranger *s, enum advice advice,
				 const struct dns_list *list, const char *helo)
{
	const struct settings *c = s->settings;
	const char *policy = advice == ADVICE_REFUSE ? "refuse" : "greylist";

	if (list)
		return of_list(s, advice, list);
	if (s->inquiry.nameless && wants(c->trust.reverse, policy))
		return (struct opinion){ advice, REASON_NAMELESS, SLICE_NONE };
	if (helo && wants(c->trust.helo, policy))
		return (struct opinion){ advice, REASON_HELO, slice_of(helo) };
	return (struct opinion){ .advice = ADVICE_PASS };
}

struct opinion stranger_judge(struct stranger *s, const struct peer *p,
			      struct slice helo)
{
	const struct inquiry *i = inquire(s, p);
	const char *trouble = helo_trouble(s->settings, p, helo);
	struct opinion o = { .advice = ADVICE_PASS };

	if (i->allowed)
		return o;
	o = speaks_for(s, ADVICE_REFUSE, i->refused, trouble);
	if (o.advice == ADVICE_PASS)
		o = speaks_for(s, ADVICE_GREYLIST, i->suspected, trouble);
	if (o.advice == ADVICE_PASS && s->settings->greylist.everybody)
		o.advice = ADVICE_GREYLIST;
	return o;
}

bool stranger_came_back(struct stranger *s, const struct peer *p,
			struct slice from, struct slice to)
{
	return greylist_passes(s->greylist, p, from, to);
}

/* SPDX-License-Identifier: ISC */
/* `postern check` for aliases and routes: what could not be followed when
 * mail comes. Only this is fatal: a broken line costs its own mail a 451. */
#include "route/engine.h"

#include "conf/complaint.h"
#include "conf/credentials.h"
#include "conf/shape.h"

#define LINE_ARENA 4096
#define WHERE_MAX  512

struct inspection {
	struct route *route;
	const char *file;
	struct complainer complainer;
};

static struct ini_place place(const struct inspection *in, unsigned line)
{
	return (struct ini_place){ in->file, line };
}

/* Where it came to its end, unless that is the line itself. */
static const char *elsewhere(const struct inspection *in, unsigned line,
			     struct slice where, char ret[WHERE_MAX])
{
	(void)snprintf(ret, WHERE_MAX, "%s:%u", in->file, line);
	if (where.n == 0 || slice_eq(where, slice_of(ret)))
		return "";
	(void)snprintf(ret, WHERE_MAX, " (%.*s)", SLICE_ARG(where));
	return ret;
}

static void judge_broken(struct inspection *in, unsigned line,
			 const struct expansion *x)
{
	char where[WHERE_MAX], who[COMPLAINT_QUOTE_MAX];
	char remedy[2 * WHERE_MAX];

	if (x->who.n == 0) {
		complain_fatal(&in->complainer, place(in, line),
			       "name users, addresses or :include:/path",
			       "%s%s", x->why ? x->why : "nobody",
			       elsewhere(in, line, x->where, where));
		return;
	}
	complaint_quote(x->who, who);
	(void)snprintf(remedy, sizeof(remedy), "add %.*s: NAME to %s",
		       (int)strlen(who) - 2, who + 1, in->file);
	complain_fatal(&in->complainer, place(in, line), remedy,
		       "it names %s, who is neither user nor alias%s", who,
		       elsewhere(in, line, x->where, where));
}

static void judge_expansion(struct inspection *in, unsigned line,
			    enum route_outcome o, const struct expansion *x)
{
	switch (o) {
	case ROUTE_FOUND:
		break;
	case ROUTE_NO_USER:
	case ROUTE_BROKEN:
		judge_broken(in, line, x);
		break;
	case ROUTE_LOOP:
		complain_fatal(&in->complainer, place(in, line),
			       "let one of them name a mailbox: \\name",
			       "aliases name each other in a circle");
		break;
	case ROUTE_TOO_MANY:
		complain_fatal(&in->complainer, place(in, line),
			       "use a mailing list manager",
			       "more than %d recipients", ROUTE_TARGETS_MAX);
		break;
	case ROUTE_AGAIN:
		complain_fatal(&in->complainer, place(in, line),
			       "look at the files it needs",
			       "the alias cannot be followed now");
		break;
	}
}

/* The address that a line is about; a catch-all's stands for any. */
static bool address_of(struct slice key, struct arena *arena, struct addr *ret)
{
	if (slice_starts(key, SLICE("@")))
		key = arena_printf(arena, "*%.*s", SLICE_ARG(key));
	return key.p && addr_parse(key, true, arena, ret) == ADDR_OK;
}

static void judge_alias(struct inspection *in, unsigned line,
			const struct addr *a)
{
	enum route_outcome o;
	struct expansion x;

	if (!route_is_local(in->route, a)) {
		complain_fatal(&in->complainer, place(in, line),
			       "add the domain to virtual in [domains]",
			       "an alias in a domain that is not ours");
		return;
	}
	o = expansion_run(&x, in->route, a);
	if (x.passed_over != ROUTE_FOUND)
		o = x.passed_over;
	judge_expansion(in, line, o, &x);
	expansion_done(&x);
}

/* map_each */
static int alias_line(void *context, unsigned line, struct slice key,
		      struct slice value)
{
	struct inspection *in = context;
	char quoted[COMPLAINT_QUOTE_MAX];
	struct arena *arena = arena_new(LINE_ARENA);
	struct addr a;

	if (!arena)
		return -ENOMEM;
	if (!value.p || !address_of(key, arena, &a))
		complain_fatal(&in->complainer, place(in, line),
			       "write name: target, target",
			       "%s cannot be read as an alias",
			       complaint_quote(key, quoted));
	else
		judge_alias(in, line, &a);
	arena_free(arena);
	return 0;
}

/* Is there a line for the login that a next hop names? */
static void judge_login(struct inspection *in, struct ini_place at,
			struct slice login)
{
	struct slice path = in->route->settings->relay.credentials;
	struct map *map = NULL;
	size_t start, end;
	bool found = path.n > 0 && map_open(path.p, ':', true, &map) == 0 &&
		     map_span(map, login, &start, &end);

	map_close(map);
	if (!found)
		complain_fatal(&in->complainer, at,
			       "add NAME:user:password to the credentials",
			       "auth=%.*s: there is nothing of that name in "
			       "%.*s",
			       SLICE_ARG(login), SLICE_ARG(path));
}

static bool is_route_key(struct slice key)
{
	if (slice_eq(key, SLICE("*")))
		return true;
	if (slice_starts(key, SLICE("[")) && slice_ends(key, SLICE("]")))
		return true;
	if (slice_starts(key, SLICE(".")))
		key = slice_from(key, 1);
	return shape_is_host(key);
}

static void judge_route(struct inspection *in, unsigned line, struct slice key,
			const struct hop *hop)
{
	char quoted[COMPLAINT_QUOTE_MAX];

	if (hop->login.n > 0)
		judge_login(in, place(in, line), hop->login);
	if (settings_own(in->route->settings, key))
		complain_doubtful(&in->complainer, place(in, line),
				  "remove the line, or take the domain out of "
				  "[domains]",
				  "mail for %s stays here: it is one of our "
				  "domains",
				  complaint_quote(key, quoted));
}

/* map_each */
static int route_line(void *context, unsigned line, struct slice key,
		      struct slice value)
{
	struct inspection *in = context;
	char quoted[COMPLAINT_QUOTE_MAX];
	struct hop hop;

	if (!value.p || !is_route_key(key))
		complain_fatal(&in->complainer, place(in, line),
			       "write example.net = [192.0.2.1]:25",
			       "%s is no domain, .domain or *",
			       complaint_quote(key, quoted));
	else if (!hop_parse(value, &hop))
		complain_fatal(&in->complainer, place(in, line),
			       "write [192.0.2.1]:25, mx.example.net or :2525, "
			       "and behind it tls=verify, name=mx.example.net, "
			       "implicit, auth=NAME",
			       "%s is no next hop",
			       complaint_quote(value, quoted));
	else
		judge_route(in, line, key, &hop);
	return 0;
}

/* map_each; the value is a secret */
static int credential_line(void *context, unsigned line, struct slice key,
			   struct slice value)
{
	struct inspection *in = context;
	struct credential c;

	(void)key;
	if (!value.p || !credential_parse(value, &c))
		complain_fatal(&in->complainer, place(in, line),
			       "write NAME:user:password",
			       "this cannot be read as a login");
	return 0;
}

static int walk(struct inspection *in, struct slice path, char separator,
		map_each *each)
{
	struct map *map = NULL;
	int r;

	if (path.n == 0)
		return 0;
	in->file = path.p;
	r = map_open(path.p, separator, true, &map);
	if (r < 0)
		complain_fatal(&in->complainer, place(in, 0),
			       "make it readable for postern",
			       "it cannot be read: %s", strerror(-r));
	else
		r = map_walk(map, each, in);
	map_close(map);
	return r == -ENOMEM ? r : 0;
}

/* ---- logins elsewhere ---- */

static int judge_credentials(struct inspection *in, struct slice path)
{
	int r = path.n > 0 ? credentials_judge(path.p) : -ENOENT;

	if (r == -ENOENT)
		return 0;
	in->file = path.p;
	if (r == -EACCES)
		complain_fatal(&in->complainer, place(in, 0),
			       "chown root:postern and chmod 640",
			       "it is open to others, so that it is not used");
	return walk(in, path, ':', credential_line);
}

int route_check(const struct settings *s, settings_complain *complain,
		void *context)
{
	struct inspection in = {
		.complainer = { .complain = complain, .context = context },
	};
	struct hop hop;
	int r = route_new(s, &in.route);

	if (r == 0)
		r = walk(&in, s->users.aliases, ':', alias_line);
	if (r == 0)
		r = walk(&in, s->relay.routes, '=', route_line);
	if (r == 0)
		r = judge_credentials(&in, s->relay.credentials);
	if (r == 0 && hop_parse(s->relay.smarthost, &hop) && hop.login.n > 0)
		judge_login(&in, (struct ini_place){ .file = NULL }, hop.login);
	route_free(in.route);
	return r == 0 && in.complainer.fatal ? -EINVAL : r;
}

/* SPDX-License-Identifier: ISC */
/* route_lists of route.h: which files the aliases may make us read. Finds more
 * than there are (comments are not told from lines), never less. */
#include "route/engine.h"

#define DEPTH_MAX 4 /* as aliases.c follows them */
#define MARK      SLICE(":include:")

struct search {
	route_list *seen;
	void *context;
	unsigned depth;
};

static int search(struct search *s, struct slice text);

/* What an unreadable one names will not be read either. */
static int search_file(struct search *s, const char *path)
{
	struct map *m;
	int r;

	if (s->depth == DEPTH_MAX || map_open(path, ':', false, &m) < 0)
		return 0;
	s->depth++;
	r = search(s, map_text(m));
	s->depth--;
	map_close(m);
	return r;
}

static struct slice path_at(struct slice rest, bool quoted)
{
	size_t n = 0;

	while (n < rest.n && rest.p[n] != '\n' &&
	       rest.p[n] != (quoted ? '"' : ','))
		n++;
	return slice_trim(slice_upto(rest, n));
}

static int found(struct search *s, struct slice path)
{
	char text[PATH_MAX];
	int r;

	if (path.n == 0 || path.p[0] != '/' || path.n >= sizeof(text) ||
	    slice_find(path, '\0') < path.n)
		return 0;
	(void)snprintf(text, sizeof(text), "%.*s", SLICE_ARG(path));
	r = s->seen(s->context, text);
	return r < 0 ? r : search_file(s, text);
}

static int search(struct search *s, struct slice text)
{
	bool quoted = false;
	int r = 0;

	while (r == 0 && text.n > 0) {
		size_t colon = slice_find(text, ':');

		quoted =
			colon > 0 && colon < text.n && text.p[colon - 1] == '"';
		text = slice_from(text, colon);
		if (slice_starts_nocase(text, MARK))
			r = found(s, path_at(slice_from(text, MARK.n), quoted));
		text = slice_from(text, 1);
	}
	return r;
}

int route_lists(const struct settings *settings, route_list *seen,
		void *context)
{
	struct search s = { .seen = seen, .context = context };

	return settings->users.aliases.n == 0
		       ? 0
		       : search_file(&s, settings->users.aliases.p);
}

/* SPDX-License-Identifier: ISC */
/* See settings.h. Reading never falls open: what is not understood is fatal,
 * and a setting is either wholly as its line says or the reading fails. */
#include "conf/settings.h"

#include "base/ident.h"
#include "conf/complaint.h"
#include "conf/spelling.h"
#include "conf/value.h"

#define OWN_NAME_MAX 256
#define REMEDY_MAX   512

static const struct ini_place nowhere = { 0 };
static const char see_manual[] = "postern.conf(5) lists them all";

struct reading {
	struct arena *arena;
	struct settings *settings;
	struct complainer complainer;
};

/* ---- names that are not in the table ---- */

/* Most words begin otherwise, and need not be measured. */
static bool is(struct slice s, const char *word)
{
	return s.n > 0 && s.p[0] == word[0] && slice_eq(s, slice_of(word));
}

static const struct setting *find(struct slice section, struct slice key)
{
	for (size_t i = 0; i < settings_table_n; i++)
		if (is(key, settings_table[i].key) &&
		    is(section, settings_table[i].section))
			return &settings_table[i];
	return NULL;
}

static bool section_exists(struct slice section)
{
	for (size_t i = 0; i < settings_table_n; i++)
		if (slice_eq(section, slice_of(settings_table[i].section)))
			return true;
	return false;
}

static const struct setting *similar_section(struct slice section)
{
	for (size_t i = 0; i < settings_table_n; i++)
		if (spelling_close(section,
				   slice_of(settings_table[i].section)))
			return &settings_table[i];
	return NULL;
}

/* Of that section where there is one, else the same key elsewhere. */
static const struct setting *similar_key(struct slice section, struct slice key)
{
	const struct setting *best = NULL;
	unsigned least = UINT_MAX;

	for (size_t i = 0; i < settings_table_n; i++) {
		const struct setting *s = &settings_table[i];
		unsigned far = spelling_distance(key, slice_of(s->key));

		if (slice_eq(section, slice_of(s->section)) &&
		    spelling_close(key, slice_of(s->key)) && far < least) {
			best = s;
			least = far;
		}
	}
	for (size_t i = 0; !best && i < settings_table_n; i++)
		if (slice_eq(key, slice_of(settings_table[i].key)))
			best = &settings_table[i];
	return best;
}

static void object_to_section(struct reading *r, struct ini_place at,
			      struct slice section)
{
	const struct setting *near = similar_section(section);
	char quoted[COMPLAINT_QUOTE_MAX];
	char remedy[REMEDY_MAX];

	if (section.n == 0) {
		complain_fatal(&r->complainer, at, "write [section] above it",
			       "a setting before any section");
		return;
	}
	(void)snprintf(remedy, sizeof(remedy), "did you mean [%s]?",
		       near ? near->section : "");
	complain_fatal(&r->complainer, at, near ? remedy : see_manual,
		       "unknown section %s", complaint_quote(section, quoted));
}

static void object_to_key(struct reading *r, struct ini_place at,
			  struct slice section, struct slice key)
{
	const struct setting *near = similar_key(section, key);
	char quoted[COMPLAINT_QUOTE_MAX];
	char remedy[REMEDY_MAX];

	(void)snprintf(remedy, sizeof(remedy), "did you mean %s in [%s]?",
		       near ? near->key : "", near ? near->section : "");
	complain_fatal(&r->complainer, at, near ? remedy : see_manual,
		       "unknown setting %s in [%.*s]",
		       complaint_quote(key, quoted), SLICE_ARG(section));
}

static void object_to_value(struct reading *r, struct ini_place at,
			    const struct setting *s, struct slice value,
			    int error)
{
	struct buf remedy = BUF(REMEDY_MAX);
	char quoted[COMPLAINT_QUOTE_MAX];
	const char *what = error == -ENOMEM   ? "is too long:"
			   : error == -ERANGE ? "is out of range:"
					      : "cannot be";

	if (value.n == 0)
		what = "is empty:";
	if (value_expected(s, &remedy) < 0 || buf_put_byte(&remedy, '\0') < 0)
		buf_done(&remedy);
	complain_fatal(&r->complainer, at, remedy.p ? remedy.p : see_manual,
		       "%s %s %s", s->key, what,
		       complaint_quote(value_culprit(s, value), quoted));
	buf_done(&remedy);
}

/* ---- what the reader of the file tells us ---- */

static void on_entry(void *context, struct ini_place at, struct slice section,
		     struct slice key, struct slice value)
{
	struct reading *r = context;
	const struct setting *s = find(section, key);
	int error;

	if (!s && !section_exists(section)) {
		object_to_section(r, at, section);
	} else if (!key.p) {
		return; /* an empty section does no harm */
	} else if (!s) {
		object_to_key(r, at, section, key);
	} else {
		error = value_parse(s, value, r->arena, r->settings);
		if (error < 0)
			object_to_value(r, at, s, value, error);
	}
}

static void on_trouble(void *context, struct ini_place at, const char *what,
		       const char *remedy)
{
	struct reading *r = context;

	complain_fatal(&r->complainer, at, remedy, "%s", what);
}

static void object_to_file(struct reading *r, const char *file, int error)
{
	const struct ini_place at = { file, 0 };

	complain_fatal(&r->complainer, at,
		       error == -ENOENT ? "write it; an empty file leaves "
					  "every setting at its default"
					: "look at its owner, mode and size",
		       "cannot be read: %s", strerror(-error));
}

/* ---- what follows from other settings ---- */

static int own_name(struct arena *arena, struct slice *ret)
{
	char host[OWN_NAME_MAX];
	struct slice s;
	char *p;

	ident_host(host, sizeof(host));
	s = arena_copy(arena, slice_of(host));
	p = (char *)s.p; /* the arena's copy is ours */
	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < s.n; i++)
		p[i] = ascii_lower(p[i]);
	*ret = s;
	return 0;
}

static int one_word(struct slice word, struct arena *arena, struct words *ret)
{
	struct slice *v = arena_alloc(arena, sizeof(*v));

	if (!v)
		return -ENOMEM;
	*v = word;
	*ret = (struct words){ v, 1 };
	return 0;
}

static int fill_in(struct arena *arena, struct settings *s)
{
	int r = 0;

	if (s->host.name.n == 0)
		r = own_name(arena, &s->host.name);
	if (r == 0 && s->domains.local.n == 0)
		r = one_word(s->host.name, arena, &s->domains.local);
	return r;
}

static void check_domains(struct reading *r)
{
	const struct settings *s = r->settings;
	char quoted[COMPLAINT_QUOTE_MAX];

	for (size_t i = 0; i < s->domains.virtual_.n; i++) {
		struct slice domain = s->domains.virtual_.v[i];

		if (words_have(&s->domains.local, domain))
			complain_fatal(&r->complainer, nowhere,
				       "take it out of one of the two lists",
				       "[domains] has %s as local and virtual",
				       complaint_quote(domain, quoted));
	}
}

static void check_lists(struct reading *r)
{
	const struct settings *s = r->settings;

	if (s->trust.allow_lists.n + s->trust.greylist_lists.n +
		    s->trust.refuse_lists.n >
	    SETTINGS_LISTS_MAX)
		complain_fatal(&r->complainer, nowhere,
			       "each costs a question for every stranger: "
			       "keep the best",
			       "[trust] has more than %d lists",
			       SETTINGS_LISTS_MAX);
}

static void check_together(struct reading *r)
{
	const struct settings *s = r->settings;

	check_domains(r);
	check_lists(r);
	if (s->queue.retry_min_s > s->queue.retry_max_s)
		complain_fatal(&r->complainer, nowhere,
			       "make retry_max the longer one",
			       "[queue] has a retry_min over its retry_max");
	if (s->greylist.delay_s >= s->greylist.window_s)
		complain_fatal(&r->complainer, nowhere,
			       "make window the longer one: nobody would ever "
			       "come back in time",
			       "[greylist] has a delay over its window");
	if (slice_eq(s->store.directory, s->queue.directory))
		complain_fatal(&r->complainer, nowhere, "give each its own",
			       "[store] and [queue] have the same directory");
}

static int set_defaults(struct arena *arena, struct settings *ret)
{
	int r = 0;

	*ret = (struct settings){ 0 };
	for (size_t i = 0; r == 0 && i < settings_table_n; i++)
		r = value_parse(&settings_table[i],
				slice_of(settings_table[i].initial), arena,
				ret);
	return r;
}

int settings_default(struct arena *arena, struct settings *ret)
{
	struct settings s;
	int r = set_defaults(arena, &s);

	if (r == 0)
		r = fill_in(arena, &s);
	if (r == 0)
		*ret = s;
	return r;
}

int settings_read(const char *path, struct arena *arena,
		  settings_complain *complain, void *context,
		  struct settings *ret)
{
	struct settings s;
	struct reading reading = {
		.arena = arena,
		.settings = &s,
		.complainer = { .complain = complain, .context = context },
	};
	char *file = NULL;
	int r = set_defaults(arena, &s);

	if (r < 0)
		return r;
	r = ini_read(path, on_entry, on_trouble, &reading, &file);
	if (r < 0)
		object_to_file(&reading, file ? file : path, r);
	free(file);
	if (r == 0)
		r = fill_in(arena, &s);
	if (r < 0)
		return r;
	check_together(&reading);
	if (reading.complainer.fatal)
		return -EINVAL;
	*ret = s;
	return 0;
}

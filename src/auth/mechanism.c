/* SPDX-License-Identifier: ISC */
/* See mechanism.h. */
#include "auth/mechanism.h"

#include <sys/stat.h>

static const struct mechanism mechanisms[] = {
	{ "SCRAM-SHA-256-PLUS", MECHANISM_NEEDS_BINDING, false },
	{ "SCRAM-SHA-256", MECHANISM_NEEDS_NOTHING, false },
	{ "EXTERNAL", MECHANISM_NEEDS_IDENTITY, false },
	{ "PLAIN", MECHANISM_NEEDS_PLAINTEXT, false },
	{ "LOGIN", MECHANISM_NEEDS_PLAINTEXT, true },
};

const struct mechanism *mechanism_find(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++)
		if (slice_eq_nocase(name, slice_of(mechanisms[i].name)))
			return &mechanisms[i];
	return NULL;
}

/* auth.mechanisms: words, also with commas between. */
static bool is_named(const struct settings *s, struct slice name)
{
	struct slice rest = s->auth.mechanisms, words, word;

	while ((words = slice_word(&rest)).n > 0)
		while (slice_field(&words, ',', &word))
			if (slice_eq_nocase(word, name))
				return true;
	return false;
}

/* Other words beside it change nothing. */
static bool is_auto(const struct settings *s)
{
	return is_named(s, SLICE("auto"));
}

static bool is_wanted(const struct mechanism *m, const struct settings *s)
{
	return is_auto(s) || is_named(s, slice_of(m->name));
}

bool mechanism_asks_system(const struct settings *s)
{
	return s->users.system && !slice_eq(s->auth.system, SLICE("no"));
}

/* A client that prefers SCRAM tries nothing else when it fails: where somebody
 * is sure to have no keys, it is not offered by itself. Handlers may not read
 * the file, but see that it is there. */
static bool all_may_have_keys(const struct settings *s)
{
	struct stat st;

	return !mechanism_asks_system(s) &&
	       stat(s->auth.passwords.p, &st) == 0 && st.st_size > 0;
}

/* Another program's users have none here. */
static bool has_keys(const struct settings *s)
{
	return s->auth.checkpassword.n == 0 &&
	       (!is_auto(s) || all_may_have_keys(s));
}

bool mechanism_offers_scram(const struct settings *s)
{
	for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++)
		if (slice_starts(slice_of(mechanisms[i].name),
				 SLICE("SCRAM-")) &&
		    is_wanted(&mechanisms[i], s))
			return has_keys(s);
	return false;
}

bool mechanism_is_offered(const struct mechanism *m, const struct settings *s,
			  const struct auth_scene *scene)
{
	if (!is_wanted(m, s))
		return false;
	switch (m->need) {
	case MECHANISM_NEEDS_PLAINTEXT:
		return scene->plaintext;
	case MECHANISM_NEEDS_BINDING:
		return scene->binding.n > 0 && has_keys(s);
	case MECHANISM_NEEDS_IDENTITY:
		return scene->external.n > 0;
	case MECHANISM_NEEDS_NOTHING:
		break;
	}
	return has_keys(s) && (scene->plaintext || scene->tls ||
			       !slice_eq(s->auth.cleartext, SLICE("no")));
}

bool mechanism_offers_binding(const struct settings *s,
			      const struct auth_scene *scene)
{
	for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++)
		if (mechanisms[i].need == MECHANISM_NEEDS_BINDING)
			return mechanism_is_offered(&mechanisms[i], s, scene);
	return false;
}

void mechanism_list(const struct settings *s, const struct auth_scene *scene,
		    char ret[MECHANISM_LIST_MAX])
{
	size_t n = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++)
		if (mechanism_is_offered(&mechanisms[i], s, scene))
			n += (size_t)snprintf(ret + n, MECHANISM_LIST_MAX - n,
					      "%s%s", n > 0 ? " " : "",
					      mechanisms[i].name);
}

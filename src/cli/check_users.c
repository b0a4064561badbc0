/* SPDX-License-Identifier: ISC */
/* `postern check`: the users file. A hash is judged, never shown. */
#include <search.h>
#include <sys/stat.h>

#include "auth/auth.h"
#include "auth/mechanism.h"
#include "auth/scram.h"
#include "cli/rights.h"
#include "cli/check.h"
#include "cli/shown.h"
#include "conf/map.h"

#define NAMES_MAX (64U << 20)

/* The file, while it is walked. */
struct walk {
	struct report *report;
	const struct settings *settings;
	const char *file;
	struct arena *arena; /* the names seen; as long as the walk */
	void *names;         /* tsearch(3) of struct seen */
	/* who has a password and no keys for SCRAM, where that matters */
	bool wants_keys;
	struct map *passwords;
	size_t keyless;
	char first[SHOWN_MAX];
};

struct seen {
	struct slice name;
	unsigned line;
};

static int compare(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	size_t n = x->name.n < y->name.n ? x->name.n : y->name.n;
	int r = memcmp(x->name.p, y->name.p, n);

	return r != 0 ? r : (x->name.n > y->name.n) - (x->name.n < y->name.n);
}

static void leave(void *node)
{
	(void)node; /* the arena's */
}

/* 0, also where the name was there before (then *ret_before is its line). */
static int remember(struct walk *w, struct slice name, unsigned line,
		    unsigned *ret_before)
{
	struct seen *own = arena_alloc(w->arena, sizeof(*own));
	struct seen **there;

	if (!own)
		return -ENOMEM;
	*own = (struct seen){ name, line };
	there = tsearch(own, &w->names, compare);
	if (!there)
		return -ENOMEM;
	if (*there != own)
		*ret_before = (*there)->line;
	return 0;
}

static void judge_hash(struct walk *w, unsigned line, const struct user *u)
{
	char name[SHOWN_MAX];

	shown_text(u->name, name);
	switch (auth_hash_judge(u->hash)) {
	case AUTH_HASH_WEAK:
		report_doubtful(w->report, w->file, line,
				"set it anew: postern user passwd NAME",
				"the password of %s is hashed by an old method",
				name);
		break;
	case AUTH_HASH_BAD:
		report_broken(w->report, w->file, line,
			      "set it anew: postern user passwd NAME (no "
			      "password stands there as it is)",
			      "%s: this is no password hash", name);
		break;
	case AUTH_HASH_GOOD:
	case AUTH_HASH_NONE:
	case AUTH_HASH_LOCKED:
		break;
	}
}

static bool is_password(struct slice hash)
{
	enum auth_hash_kind kind = auth_hash_judge(hash);

	return kind == AUTH_HASH_GOOD || kind == AUTH_HASH_WEAK;
}

static void note_keyless(struct walk *w, struct slice name)
{
	if (w->keyless++ == 0)
		shown_text(name, w->first);
}

static void say_keyless(const struct walk *w)
{
	if (w->keyless > 0)
		report_doubtful(w->report, w->file, 0,
				"postern user passwd NAME, or leave SCRAM out "
				"of mechanisms in [auth]",
				"SCRAM is offered, and %zu %s a password and "
				"no keys for it (%s): clients that prefer it "
				"cannot log in",
				w->keyless,
				w->keyless == 1 ? "user has" : "users have",
				w->first);
}

/* Of a hash in the users file: has the passwords file a line that counts? */
static void judge_keys(struct walk *w, const struct user *u)
{
	struct slice rest;

	if (w->wants_keys && is_password(u->hash) &&
	    (!w->passwords ||
	     map_find(w->passwords, u->name, w->arena, &rest, NULL) == 0))
		note_keyless(w, u->name);
}

static void judge_domain(struct walk *w, unsigned line, const struct user *u)
{
	size_t at = slice_find(u->name, '@');
	char name[SHOWN_MAX];

	if (at < u->name.n &&
	    !settings_own(w->settings, slice_from(u->name, at + 1)))
		report_broken(w->report, w->file, line,
			      "add the domain to virtual in [domains]",
			      "%s: no mail comes for a domain that is not ours",
			      shown_text(u->name, name));
}

static int judge_user(struct walk *w, unsigned line, const struct user *u)
{
	char name[SHOWN_MAX];
	unsigned before = 0;
	int r = remember(w, u->name, line, &before);

	if (before > 0)
		report_broken(w->report, w->file, line,
			      "remove one of the two lines",
			      "%s stands in line %u already, which counts",
			      shown_text(u->name, name), before);
	judge_hash(w, line, u);
	judge_keys(w, u);
	judge_domain(w, line, u);
	check_options(w->report, w->file, line, u);
	return r;
}

static int judge_line(void *context, unsigned line, struct slice key,
		      struct slice value)
{
	struct walk *w = context;
	char text[SHOWN_MAX];
	const char *why;
	struct user u;
	int r;

	if (!value.p) {
		report_broken(w->report, w->file, line,
			      "write name:hash:mailbox:options, or begin a "
			      "comment with #",
			      "'%s' is no user's line", shown_text(key, text));
		return 0;
	}
	r = user_parse(key, value, w->arena, &u, &why);
	if (r == 0)
		return judge_user(w, line, &u);
	if (r == -EINVAL)
		report_broken(w->report, w->file, line,
			      "postern-users(5) tells what may stand there",
			      "%s: %s", shown_text(key, text), why);
	return r == -EINVAL ? 0 : r;
}

static void judge_mode(const char *file, struct report *r)
{
	static const char *const readers[] = { "postern", "postern-pop3" };
	struct rights a;
	struct stat st;

	if (stat(file, &st) < 0)
		return;
	if (st.st_mode & 0007)
		report_doubtful(r, file, 0, "chmod o= it",
				"everybody on this host may read it");
	for (size_t i = 0; geteuid() == 0 && i < ARRAY_LEN(readers); i++)
		if (rights_of(readers[i], &a) == 0 && !rights_allow(&a, &st, 4))
			report_broken(
				r, file, 0, "chgrp postern and chmod g+r it",
				"the account %s may not read it", readers[i]);
}

static void walk(struct map *m, const struct settings *s, struct report *r)
{
	const char *file = s->users.file.p;
	struct walk w = {
		.report = r,
		.settings = s,
		.file = file,
		.arena = arena_new(NAMES_MAX),
	};

	w.wants_keys = mechanism_offers_scram(s);
	if (!w.wants_keys ||
	    map_open(s->auth.passwords.p, ':', true, &w.passwords) < 0)
		w.passwords = NULL;
	if (!w.arena || map_walk(m, judge_line, &w) < 0)
		report_broken(r, file, 0,
			      "the system's accounts hold more (NSS)",
			      "too large to be judged");
	say_keyless(&w);
	map_close(w.passwords);
	tdestroy(w.names, leave);
	arena_free(w.arena);
}

/* ---- the passwords file ---- */

static int judge_password(void *context, unsigned line, struct slice key,
			  struct slice value)
{
	struct walk *w = context;
	struct user u = { .name = key, .hash = SLICE("") };
	struct slice scram = SLICE("");
	struct scram_keys keys;
	char name[SHOWN_MAX];

	if (!value.p || !slice_field(&value, ':', &u.hash)) {
		report_broken(w->report, w->file, line, "write name:hash:scram",
			      "no line of a user");
		return 0;
	}
	(void)slice_field(&value, ':', &scram); /* may be left out */
	u.hash = slice_trim(u.hash);
	judge_hash(w, line, &u);
	if (slice_trim(scram).n > 0 &&
	    scram_parse(slice_trim(scram), &keys) < 0)
		report_broken(w->report, w->file, line,
			      "set it anew: postern user passwd NAME",
			      "the SCRAM keys of %s are none",
			      shown_text(key, name));
	else if (w->wants_keys && slice_trim(scram).n == 0 &&
		 is_password(u.hash))
		note_keyless(w, key);
	return 0;
}

static void check_passwords(const struct settings *s, struct report *r)
{
	const char *file = s->auth.passwords.p;
	struct walk w = {
		.report = r,
		.file = file,
		.wants_keys = mechanism_offers_scram(s),
	};
	struct map *m = NULL;
	struct stat st;

	if (map_open(file, ':', false, &m) < 0)
		return; /* hashes stand in the users file, or root looks */
	if (stat(file, &st) == 0 && (st.st_mode & 0007))
		report_doubtful(r, file, 0, "chmod o= it",
				"everybody on this host may read it");
	ignore(map_walk(m, judge_password, &w)); /* judge_password ends none */
	say_keyless(&w);
	map_close(m);
}

void check_users(const struct settings *s, struct report *r)
{
	const char *file = s->users.file.p;
	struct map *m = NULL;
	int error = map_open(file, ':', false, &m);

	if (error == -ENOENT) {
		report_doubtful(r, file, 0, "postern user add NAME writes it",
				"there is no such file: %s can fetch mail",
				mechanism_asks_system(s)
					? "only the system's accounts"
					: "nobody");
		return;
	}
	if (error < 0) {
		report_broken(r, file, 0, "look at its owner and mode",
			      "cannot be read: %s", strerror(-error));
		return;
	}
	judge_mode(file, r);
	walk(m, s, r);
	map_close(m);
	check_passwords(s, r);
}

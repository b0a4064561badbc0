/* SPDX-License-Identifier: ISC */
/* `postern tls publish`: from the sources to where the handlers read. What is
 * not whole is left as it was published before; a name goes only when its
 * source is gone, or no longer has it. */
#include <sys/random.h>

#include "base/clock.h"
#include "cli/desk.h"
#include "cli/tls.h"
#include "cli/tls_shelf.h"

#define TICKET_KEY       "ticket.key"
#define TICKET_KEY_BYTES 64
/* a daily timer, with what it is put off at random */
#define TICKET_KEY_AGE_S (20 * 60 * 60)
#define SOON_S           (14 * 24 * 60 * 60)
#define FILE_NAME_MAX    (TLS_NAME_MAX + 16)

/* A file that there is to be. */
struct place {
	char stem[TLS_NAME_MAX + 8]; /* "mail.example.org.ecdsa" */
	const struct tls_source *source;
};

struct publishing {
	struct cli *c;
	const struct settings *settings;
	struct tls_sources sources;
	struct shelf shelf;
	struct place *places;
	size_t n, room;
	unsigned good, failed;
};

static const char *say(struct publishing *p, const char *what, int error)
{
	p->failed++;
	(void)fprintf(p->c->err, "postern tls publish: %s: %s\n", what,
		      strerror(-error));
	return what;
}

/* ---- which file shows which pair ---- */

static bool is_better(const struct tls_source *a, const struct tls_source *b)
{
	if (a->pair.self_signed != b->pair.self_signed)
		return b->pair.self_signed;
	return a->pair.until_s > b->pair.until_s;
}

static int place(struct publishing *p, const char *name,
		 const struct tls_source *s)
{
	struct place new = { .source = s };

	(void)snprintf(new.stem, sizeof(new.stem), "%s.%s", name, s->pair.type);
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->places[i].stem, new.stem) == 0) {
			if (is_better(s, p->places[i].source))
				p->places[i].source = s;
			return 0;
		}
	if (p->n == p->room) {
		size_t room = p->room ? 2 * p->room : 16;
		struct place *v = reallocarray(p->places, room, sizeof(*v));

		if (!v)
			return -ENOMEM;
		p->places = v;
		p->room = room;
	}
	p->places[p->n++] = new;
	return 0;
}

static int place_names(struct publishing *p, const struct tls_source *s)
{
	char stem[TLS_NAME_MAX];
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->pair.n_names; i++)
		if (tls_stem(s->pair.names[i], stem) == 0)
			r = place(p, stem, s);
	return r;
}

/* Who asks for no name, or for none of ours, is shown our host's; failing
 * that, the first pair's. */
static int place_default(struct publishing *p)
{
	const char *host = p->settings->host.name.p;
	const struct tls_source *first = NULL;
	bool ours = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->sources.n; i++) {
		const struct tls_source *s = &p->sources.v[i];

		if (s->error < 0)
			continue;
		first = first ? first : s;
		if (tls_pair_covers(&s->pair, host)) {
			ours = true;
			r = place(p, "default", s);
		}
	}
	return r == 0 && first && !ours ? place(p, "default", first) : r;
}

static void warn(struct publishing *p, const struct tls_source *s)
{
	char day[TLS_DAY_MAX];
	int64_t now = clock_real_us() / 1000000;

	if (s->pair.until_s - now < SOON_S)
		(void)fprintf(p->c->err, "%s: expire%s on %s: renew it\n",
			      s->path, s->pair.until_s < now ? "d" : "s",
			      tls_day(s->pair.until_s, day));
}

static int plan(struct publishing *p)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->sources.n; i++) {
		const struct tls_source *s = &p->sources.v[i];

		if (s->error == 0) {
			p->good++;
			warn(p, s);
			r = place_names(p, s);
			continue;
		}
		p->failed++;
		(void)fprintf(p->c->err,
			      "not published: %s: %s (what was published of "
			      "it before stays)\n",
			      s->path, s->trouble);
	}
	return r == 0 ? place_default(p) : r;
}

/* ---- files ---- */

static int pem_of(const struct tls_source *s, struct buf *b)
{
	bool together = strcmp(s->path, s->key_path) == 0;
	int r = buf_printf(b, SHELF_FROM "%s\n", s->path);

	if (r == 0)
		r = buf_put(b, buf_slice(&s->key));
	if (r == 0 && b->p[b->n - 1] != '\n')
		r = buf_put_byte(b, '\n');
	return r == 0 && !together ? buf_put(b, buf_slice(&s->chain)) : r;
}

/* A response that no client would take is none. */
static void put_staple(struct publishing *p, const struct place *at)
{
	char name[FILE_NAME_MAX], why[TLS_TROUBLE_MAX];
	const struct tls_source *s = at->source;
	bool good = s->staple.n > 0;
	int r;

	(void)snprintf(name, sizeof(name), "%s.ocsp", at->stem);
	if (good && tls_staple_judge(buf_slice(&s->chain),
				     buf_slice(&s->staple), why) < 0) {
		(void)fprintf(p->c->err, "not stapled: %s: %s\n",
			      s->staple_path, why);
		good = false;
	}
	r = good ? shelf_put(&p->shelf, name, buf_slice(&s->staple))
		 : shelf_remove(&p->shelf, name);
	if (r < 0 && r != -ENOENT)
		say(p, name, r);
}

static void put(struct publishing *p, const struct place *at)
{
	struct buf pem = BUF(SHELF_FILE_MAX);
	char name[FILE_NAME_MAX], day[TLS_DAY_MAX];
	int r = pem_of(at->source, &pem);

	(void)snprintf(name, sizeof(name), "%s.pem", at->stem);
	if (r == 0)
		r = shelf_put(&p->shelf, name, buf_slice(&pem));
	if (r < 0)
		say(p, name, r);
	else
		(void)fprintf(p->c->out, "%s %s, until %s, from %s\n",
			      r > 0 ? "published" : "as before", at->stem,
			      tls_day(at->source->pair.until_s, day),
			      at->source->path);
	if (pem.n > 0)
		explicit_bzero(pem.p, pem.n);
	buf_done(&pem);
	put_staple(p, at);
}

/* ---- what goes ---- */

static bool is_planned(const struct publishing *p, const char *name)
{
	size_t n = strlen(name) - strlen(".pem");

	for (size_t i = 0; i < p->n; i++)
		if (strlen(p->places[i].stem) == n &&
		    memcmp(p->places[i].stem, name, n) == 0)
			return true;
	return false;
}

/* Is the source gone, or whole and without that name? */
static bool is_given_up(const struct publishing *p, const char *source)
{
	for (size_t i = 0; i < p->sources.n; i++)
		if (strcmp(p->sources.v[i].path, source) == 0)
			return p->sources.v[i].error == 0 ||
			       p->sources.v[i].error == -ENOENT;
	return access(source, F_OK) < 0 && errno == ENOENT;
}

static void remove_both(struct publishing *p, const char *name)
{
	char staple[FILE_NAME_MAX];
	int r = shelf_remove(&p->shelf, name);

	if (r < 0) {
		say(p, name, r);
		return;
	}
	(void)fprintf(p->c->out, "withdrawn %s: its source is gone\n", name);
	(void)snprintf(staple, sizeof(staple), "%.*s.ocsp",
		       (int)(strlen(name) - strlen(".pem")), name);
	ignore(shelf_remove(&p->shelf, staple)); /* seldom is there one */
}

static void prune_one(struct publishing *p, const char *name)
{
	struct buf pem = BUF(SHELF_FILE_MAX);
	char *source = NULL;

	if (!is_planned(p, name) && shelf_get(&p->shelf, name, &pem) == 0) {
		struct slice s = shelf_source(buf_slice(&pem));

		source = s.n > 0 ? strndup(s.p, s.n) : NULL;
	}
	if (source && is_given_up(p, source))
		remove_both(p, name);
	free(source);
	if (pem.n > 0)
		explicit_bzero(pem.p, pem.n);
	buf_done(&pem);
}

/* With no pair left at all something else is wrong: all stays. */
static void prune(struct publishing *p)
{
	char **names = NULL;
	size_t n = 0;

	if (p->good > 0 && shelf_list(&p->shelf, ".pem", &names, &n) < 0)
		say(p, p->settings->tls.directory.p, -EIO);
	for (size_t i = 0; i < n; i++) {
		prune_one(p, names[i]);
		free(names[i]);
	}
	free(names);
}

/* ---- session tickets ---- */

static void rotate(struct publishing *p)
{
	unsigned char key[TICKET_KEY_BYTES];
	int r;

	if (!shelf_is_older(&p->shelf, TICKET_KEY, TICKET_KEY_AGE_S))
		return;
	r = getrandom(key, sizeof(key), 0) == sizeof(key) ? 0 : -EIO;
	if (r == 0)
		r = shelf_put(&p->shelf, TICKET_KEY,
			      (struct slice){ (char *)key, sizeof(key) });
	explicit_bzero(key, sizeof(key));
	if (r < 0)
		say(p, TICKET_KEY, r);
	else
		(void)fputs("a new key for session tickets\n", p->c->out);
}

static void put_all(struct publishing *p)
{
	for (size_t i = 0; i < p->n; i++)
		put(p, &p->places[i]);
	prune(p);
	rotate(p);
	if (p->sources.n == 0)
		(void)fputs("There is no certificate where [tls] certificates "
			    "looks: postern tls self-signed makes one.\n",
			    p->c->out);
}

int tls_publish_all(struct cli *c, const struct settings *s)
{
	struct publishing p = { .c = c, .settings = s };
	int r = shelf_open(s->tls.directory.p, true, &p.shelf);

	if (r < 0)
		return desk_fail(c, "tls", "%s: %s", s->tls.directory.p,
				 strerror(-r));
	r = tls_sources_read(s, true, &p.sources);
	if (r == 0)
		r = plan(&p);
	if (r == 0)
		put_all(&p);
	else
		say(&p, "reading certificates", r);
	free(p.places);
	tls_sources_done(&p.sources);
	shelf_close(&p.shelf);
	return p.failed > 0 ? CLI_FAILED : CLI_OK;
}

int tls_publish(struct cli *c, int argc, char **argv)
{
	struct desk d;
	int r;

	(void)argv;
	if (argc > 1)
		return desk_usage(c, tls_usage);
	r = desk_open(c, &d);
	if (r == CLI_OK)
		r = tls_publish_all(c, &d.settings);
	desk_done(&d);
	return r;
}

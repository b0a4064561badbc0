/* SPDX-License-Identifier: ISC */
/* `postern check`: certificates, at their sources and as published. */
#include <sys/stat.h>

#include "base/clock.h"
#include "cli/check.h"
#include "cli/rights.h"
#include "cli/shown.h"
#include "cli/tls.h"
#include "cli/tls_shelf.h"

#define SEEN_MAX 100
#define SOON_S   (14 * 24 * 60 * 60)

static const char republish[] = "postern tls publish";
static const char renew[] = "renew it where it comes from, then postern tls "
			    "publish";

static void check_dates(const char *path, const struct tls_pair *p,
			struct report *r)
{
	char day[TLS_DAY_MAX];
	int64_t now = clock_real_us() / 1000000;

	if (p->until_s < now)
		report_broken(r, path, 0, renew, "expired on %s",
			      tls_day(p->until_s, day));
	else if (p->until_s - now < SOON_S)
		report_doubtful(r, path, 0, renew, "expires on %s",
				tls_day(p->until_s, day));
	if (p->from_s > now)
		report_doubtful(r, path, 0, "look at the clock",
				"is not valid before %s",
				tls_day(p->from_s, day));
}

static void check_source(const struct tls_source *s, struct report *r)
{
	/* who may not read keys is no judge of them */
	if (s->error == -EACCES && geteuid() != 0)
		return;
	if (s->error < 0) {
		report_doubtful(r, s->path, 0,
				"what was published of it before stays in "
				"use; mend the pair",
				"is not published: %s", s->trouble);
		return;
	}
	check_dates(s->path, &s->pair, r);
	if (s->key_mode & (S_IROTH | S_IWOTH))
		report_broken(r, s->key_path, 0, "chmod o= it",
			      "everybody may read this private key");
}

/* ---- what is published ---- */

struct shown {
	const struct settings *settings;
	const struct tls_sources *sources;
	struct report *report;
	bool covers_host;
	char seen[SEEN_MAX][TLS_HEX_MAX]; /* whose chain has been judged */
	size_t n_seen;
};

/* A pair has a file for each of its names. */
static bool is_first(struct shown *sh, const struct tls_pair *p)
{
	for (size_t i = 0; i < sh->n_seen; i++)
		if (strcmp(sh->seen[i], p->certificate) == 0)
			return false;
	if (sh->n_seen < SEEN_MAX)
		memcpy(sh->seen[sh->n_seen++], p->certificate, TLS_HEX_MAX);
	return true;
}

/* An authority of one's own, or none at all, is nobody's business. */
static void check_chain(const char *path, struct slice pem, struct report *r)
{
	char what[TLS_TROUBLE_MAX], text[SHOWN_MAX];

	switch (tls_chain_judge(pem, what)) {
	case TLS_CHAIN_SHORT:
		report_doubtful(r, path, 0,
				"publish the whole chain (fullchain.pem), or "
				"see that clients know that authority",
				"the certificate of its issuer %s is neither "
				"in it nor among those that this system trusts",
				shown_text(slice_of(what), text));
		break;
	case TLS_CHAIN_BROKEN:
		report_doubtful(r, path, 0, renew,
				"clients will not trust its chain: %s",
				shown_text(slice_of(what), text));
		break;
	default:
		break;
	}
}

/* What is no pair at all is reported by its default, or at its source. */
static void check_chain_once(struct shown *sh, const char *path,
			     struct slice pem)
{
	char why[TLS_TROUBLE_MAX];
	struct tls_pair p;

	if (tls_pair_read(pem, SLICE(""), &p, why) < 0)
		return;
	if (is_first(sh, &p))
		check_chain(path, pem, sh->report);
	tls_pair_done(&p);
}

static bool is_other(const struct tls_pair *p, const struct tls_source *s)
{
	return s->error == 0 &&
	       strcmp(p->certificate, s->pair.certificate) != 0;
}

static void check_published(struct shown *sh, const char *path,
			    struct slice pem)
{
	struct slice from = shelf_source(pem);
	char why[TLS_TROUBLE_MAX];
	struct tls_pair p;

	if (tls_pair_read(pem, pem, &p, why) < 0) {
		report_broken(sh->report, path, 0, republish, "%s", why);
		return;
	}
	sh->covers_host |= tls_pair_covers(&p, sh->settings->host.name.p);
	check_dates(path, &p, sh->report);
	for (size_t i = 0; i < sh->sources->n; i++)
		if (slice_eq(from, slice_of(sh->sources->v[i].path)) &&
		    is_other(&p, &sh->sources->v[i]))
			report_doubtful(sh->report, path, 0, republish,
					"is older than its source %s",
					sh->sources->v[i].path);
	tls_pair_done(&p);
}

/* What root can read they may not. want: as rights_allow has it. */
static void check_readers(const char *path, const struct stat *st,
			  unsigned want, struct report *r)
{
	static const char *const readers[] = { "postern", "postern-pop3" };
	struct rights a;

	for (size_t i = 0; geteuid() == 0 && i < ARRAY_LEN(readers); i++)
		if (rights_of(readers[i], &a) == 0 &&
		    !rights_allow(&a, st, want))
			report_broken(
				r, path, 0,
				"chgrp postern-tls and chmod g+rX it, and "
				"see that the account is in that group",
				"the account %s may not read it: there is "
				"no TLS, and no password is taken without",
				readers[i]);
}

static void check_mode(const char *path, struct report *r)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		report_broken(r, path, 0, republish, "cannot be read: %s",
			      strerror(errno));
		return;
	}
	if (st.st_mode & (S_IROTH | S_IWOTH))
		report_broken(r, path, 0, "chmod o= it",
			      "everybody may read this private key");
	check_readers(path, &st, 4, r);
}

/* But for its chain each other file than the default is a name of a pair that
 * is looked at with it or at its source. */
static void check_shelf(struct shown *sh, struct shelf *shelf)
{
	struct buf pem = BUF(SHELF_FILE_MAX);
	char **names = NULL;
	size_t n = 0;
	struct stat st;

	if (stat(sh->settings->tls.directory.p, &st) == 0)
		check_readers(sh->settings->tls.directory.p, &st, 5,
			      sh->report);
	if (shelf_list(shelf, ".pem", &names, &n) < 0)
		n = 0;
	for (size_t i = 0; i < n; i++) {
		char path[PATH_MAX];

		(void)snprintf(path, sizeof(path), "%s/%s",
			       sh->settings->tls.directory.p, names[i]);
		check_mode(path, sh->report);
		if (shelf_get(shelf, names[i], &pem) == 0) {
			if (strncmp(names[i], "default.", 8) == 0)
				check_published(sh, path, buf_slice(&pem));
			check_chain_once(sh, path, buf_slice(&pem));
		}
		free(names[i]);
	}
	free(names);
	if (pem.n > 0)
		explicit_bzero(pem.p, pem.n);
	buf_done(&pem);
	if (n == 0)
		report_doubtful(sh->report, sh->settings->tls.directory.p, 0,
				"postern tls self-signed makes one, or see "
				"doc/tls.md",
				"no certificate is published: mail and "
				"passwords go over the network in the clear");
	else if (!sh->covers_host)
		report_doubtful(sh->report, sh->settings->tls.directory.p, 0,
				"get one that has it, or change name in "
				"[host]",
				"no certificate is good for our host name %s",
				sh->settings->host.name.p);
}

void check_tls(const struct settings *s, struct report *r)
{
	struct tls_sources sources;
	struct shown sh = { .settings = s, .sources = &sources, .report = r };
	struct shelf shelf;
	int e;

	if (tls_sources_read(s, false, &sources) < 0)
		return;
	for (size_t i = 0; i < sources.n; i++)
		check_source(&sources.v[i], r);
	e = shelf_open(s->tls.directory.p, false, &shelf);
	if (e == 0) {
		check_shelf(&sh, &shelf);
		shelf_close(&shelf);
	} else if (e != -EACCES || geteuid() == 0) {
		report_doubtful(r, s->tls.directory.p, 0,
				"postern tls self-signed makes one, or see "
				"doc/tls.md",
				"no certificate is published: mail and "
				"passwords go over the network in the clear");
	}
	tls_sources_done(&sources);
}

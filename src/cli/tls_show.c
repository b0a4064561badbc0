/* SPDX-License-Identifier: ISC */
/* `postern tls show`: what the handlers would show, and what they would not,
 * and why. */
#include "base/clock.h"
#include "cli/desk.h"
#include "cli/shown.h"
#include "cli/tls.h"
#include "cli/tls_shelf.h"

static void show_names(struct cli *c, const struct tls_pair *p)
{
	char text[SHOWN_MAX];

	(void)fputs("    names        ", c->out);
	for (size_t i = 0; i < p->n_names; i++)
		(void)fprintf(c->out, "%s%s", i > 0 ? " " : "",
			      shown_text(slice_of(p->names[i]), text));
	(void)fputs(p->n_names > 0 ? "\n" : "none\n", c->out);
}

static void show_chain(struct cli *c, struct slice pem)
{
	static const char *const ends[] = {
		[TLS_CHAIN_TRUSTED] = "complete, and trusted by this system",
		[TLS_CHAIN_OWN] = "complete, to an authority of its own",
		[TLS_CHAIN_SELF_SIGNED] = "self-signed",
		[TLS_CHAIN_SHORT] = "LACKS its issuer ",
		[TLS_CHAIN_BROKEN] = "BROKEN: ",
		[TLS_CHAIN_UNKNOWN] = "cannot be judged without authorities",
	};
	char what[TLS_TROUBLE_MAX], text[SHOWN_MAX];
	enum tls_chain_end end = tls_chain_judge(pem, what);
	bool more = end == TLS_CHAIN_SHORT || end == TLS_CHAIN_BROKEN;

	(void)fprintf(c->out, "    chain        %s%s\n", ends[end],
		      more ? shown_text(slice_of(what), text) : "");
}

static void show_pair(struct cli *c, const char *name, struct slice pem)
{
	struct slice from = shelf_source(pem);
	char day[TLS_DAY_MAX], why[TLS_TROUBLE_MAX], text[SHOWN_MAX];
	struct tls_pair p;
	size_t n = strlen(name) - strlen(".pem");

	if (tls_pair_read(pem, pem, &p, why) < 0) {
		(void)fprintf(c->out, "%.*s\n    BROKEN: %s\n", (int)n, name,
			      why);
		return;
	}
	(void)fprintf(c->out, "%.*s\n", (int)n, name);
	(void)fprintf(
		c->out, "    until        %s%s\n", tls_day(p.until_s, day),
		p.until_s < clock_real_us() / 1000000 ? " (EXPIRED)" : "");
	(void)fprintf(c->out, "    issuer       %s%s\n",
		      shown_text(slice_of(p.issuer), text),
		      p.self_signed ? " (self-signed)" : "");
	show_names(c, &p);
	show_chain(c, pem);
	(void)fprintf(c->out, "    from         %s\n", shown_text(from, text));
	(void)fprintf(c->out, "    SHA-256      %s\n", p.certificate);
	(void)fprintf(c->out, "    TLSA 3 1 1   %s\n", p.spki);
	tls_pair_done(&p);
}

static int show_shelf(struct cli *c, const struct settings *s)
{
	struct buf pem = BUF(SHELF_FILE_MAX);
	struct shelf shelf;
	char **names = NULL;
	size_t n = 0;
	int r = shelf_open(s->tls.directory.p, false, &shelf);

	if (r < 0)
		return r;
	r = shelf_list(&shelf, ".pem", &names, &n);
	if (r == 0 && n == 0)
		(void)fputs("No certificate is published.\n", c->out);
	for (size_t i = 0; i < n; i++) {
		if (shelf_get(&shelf, names[i], &pem) == 0)
			show_pair(c, names[i], buf_slice(&pem));
		else
			(void)fprintf(c->out, "%s\n    unreadable\n", names[i]);
		free(names[i]);
	}
	free(names);
	if (pem.n > 0)
		explicit_bzero(pem.p, pem.n);
	buf_done(&pem);
	shelf_close(&shelf);
	return r;
}

static void show_rest(struct cli *c, const struct settings *s)
{
	struct tls_sources sources;

	if (tls_sources_read(s, false, &sources) < 0)
		return;
	for (size_t i = 0; i < sources.n; i++)
		if (sources.v[i].error < 0)
			(void)fprintf(c->out, "not published: %s: %s\n",
				      sources.v[i].path, sources.v[i].trouble);
	tls_sources_done(&sources);
}

int tls_show(struct cli *c, int argc, char **argv)
{
	struct desk d;
	int r;

	(void)argv;
	if (argc > 1)
		return desk_usage(c, tls_usage);
	r = desk_open(c, &d);
	if (r == CLI_OK) {
		int e = show_shelf(c, &d.settings);

		if (e < 0)
			r = desk_fail(c, "tls", "%s: %s",
				      d.settings.tls.directory.p, strerror(-e));
		show_rest(c, &d.settings);
	}
	desk_done(&d);
	return r;
}

/* SPDX-License-Identifier: ISC */
/* `postern tls`: its verbs, a file each. */
#pragma once

#include "cli/cli.h"
#include "cli/tls_source.h"

extern const char tls_usage[];

cli_run tls_publish;
cli_run tls_self_signed_verb;
cli_run tls_show;

/* Publish what the settings name; says what it did on c->out. CLI_OK, or
 * CLI_FAILED: something was not published. */
int tls_publish_all(struct cli *c, const struct settings *s) MUST_LOOK;

#define TLS_DAY_MAX 16
/* "2027-02-28" (UTC). */
const char *tls_day(int64_t s, char ret[TLS_DAY_MAX]);

/* The file's first part for a name in a certificate: "_.example.org" for
 * "*.example.org"; -EINVAL: it can have none. */
int tls_stem(const char *name, char ret[TLS_NAME_MAX]) MUST_LOOK;

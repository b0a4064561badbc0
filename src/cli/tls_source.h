/* SPDX-License-Identifier: ISC */
/* Certificates where others keep them: what [tls] certificates names. */
#pragma once

#include <sys/stat.h>

#include "conf/settings.h"
#include "net/tls_cert.h"

struct tls_source {
	char *path;     /* of the chain */
	char *key_path; /* may be the same */
	char *staple_path;
	struct buf chain, key, staple; /* the staple may be empty */
	int error;                     /* 0, or it is of no use */
	char trouble[TLS_TROUBLE_MAX]; /* why */
	struct tls_pair pair;          /* where error is 0 */
	struct timespec changed;       /* the later one of both */
	mode_t key_mode;
};

struct tls_sources {
	struct tls_source *v;
	size_t n;
};

/* Read them all. patient: who writes just now is given a moment to end. 0 or
 * -ENOMEM; what is wrong with one stands in it. */
int tls_sources_read(const struct settings *s, bool patient,
		     struct tls_sources *ret) MUST_LOOK;
void tls_sources_done(struct tls_sources *s);

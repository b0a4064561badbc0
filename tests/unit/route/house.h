/* SPDX-License-Identifier: ISC */
/* A host with its files in a temporary directory. */
#pragma once

#include "route/route.h"

struct house {
	char dir[64];
	struct arena *arena;
	struct settings settings;
	struct route *route;
};

/* Our name mail.example.org; local: example.org, example.net; virtual:
 * virtual.example. NULL: no such file. */
void house_new(struct house *h, const char *users, const char *aliases,
	       const char *routes);
void house_done(struct house *h);

/* A route that sees what there is by now. */
void house_route_anew(struct house *h);

/* Write another file there; its path, valid as long as the house. */
const char *house_file(struct house *h, const char *name, const char *text);

/* Expand: "FOUND alice=alice x@y.example", mailboxes behind '='; or the
 * outcome's name, with the line of what is broken. */
const char *house_expand(struct house *h, const char *address);

/* SPDX-License-Identifier: ISC */
/* A host in a temporary directory, with mail, a queue and secrets in it, for
 * processes that will be fenced in. */
#pragma once

#include "conf/settings.h"
#include "store/store.h"

struct scene {
	char root[64];
	char path[PATH_MAX]; /* scene_path's last */
	struct arena *arena;
	struct settings settings;
	struct store *store;
	int peer;  /* a TCP connection to ourselves */
	int port;  /* where somebody listens */
	int spare; /* a Unix socket, connected to nothing that answers */
	pid_t parent;
};

void scene_make(struct scene *s);
void scene_clear(struct scene *s);

/* `path` below the scene, or itself when it begins with '/'. */
const char *scene_path(struct scene *s, const char *path);

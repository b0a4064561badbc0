/* SPDX-License-Identifier: ISC */
/* A handler's way to postern-authd(8): over its socket, or, where nothing
 * listens, to a process of that program that is started for this session.
 * Opened when a client begins to log in, closed when it has; handlers never see
 * a hash. */
#pragma once

#include "auth/wire.h"
#include "conf/settings.h"

struct link;

struct link_config {
	const struct settings *settings; /* outlive the link: where to ask,
					    what is offered */
	int usher;       /* a socket to one (usher.h), who is asked instead of
			    postern-authd; borrowed; 0: none */
	int starter;     /* starter.h; < 0: nobody can start it */
	int64_t wait_ms; /* for each answer; PAM takes seconds to say no */
	/* What the scene points to must outlive the link, or its next scene. */
	struct auth_scene scene;
};

/* NULL: no memory. */
struct link *link_new(const struct link_config *config);

/* The session is another now (TLS began). */
void link_scene(struct link *l, const struct auth_scene *scene);

/* Have postern-authd started, where somebody has to, while the client is still
 * being greeted. Elsewhere nothing happens; what fails now is tried again when
 * asked. */
void link_start(struct link *l);

/* A login is to be expected: open the way, so that who judges it can get ready
 * meanwhile. Waits for no answer, and what fails now is tried again when
 * asked. */
void link_expect(struct link *l);

/* What the engines take; `l` is their context. Which mechanisms there are is
 * known without asking; when postern-authd cannot be had, every step is
 * AUTH_STEP_AGAIN. */
struct auth_hooks link_hooks(struct link *l);

/* Who it is, after AUTH_STEP_YES, until the next call; its hash is empty. */
const struct user *link_user(const struct link *l);

void link_free(struct link *l);

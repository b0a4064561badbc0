/* SPDX-License-Identifier: ISC */
/* The mechanisms of SASL that there are, and which of them a session may have:
 * by the settings, what is known of the connection, and whether there is a
 * passwords file. So the handler can offer what postern-authd will take without
 * asking it. */
#pragma once

#include "auth/wire.h"
#include "conf/settings.h"

enum mechanism_need {
	MECHANISM_NEEDS_PLAINTEXT, /* passwords may come as they are */
	MECHANISM_NEEDS_NOTHING,
	MECHANISM_NEEDS_BINDING,  /* a channel to bind to: RFC 5802 §6 */
	MECHANISM_NEEDS_IDENTITY, /* somebody else's proof of who it is */
};

struct mechanism {
	const char *name;
	enum mechanism_need need;
	bool server_first;
};

/* By name (any case); NULL: there is none. */
const struct mechanism *mechanism_find(struct slice name);

/* Is it wanted ([auth] mechanisms), and to be had now? */
bool mechanism_is_offered(const struct mechanism *m, const struct settings *s,
			  const struct auth_scene *scene);

/* Is one that binds to the channel? */
bool mechanism_offers_binding(const struct settings *s,
			      const struct auth_scene *scene);

/* Do accounts of the system log in, who have no keys for SCRAM? */
bool mechanism_asks_system(const struct settings *s);

/* Is SCRAM offered in any session? */
bool mechanism_offers_scram(const struct settings *s);

/* All that are, strongest first, with blanks between. */
#define MECHANISM_LIST_MAX 128
void mechanism_list(const struct settings *s, const struct auth_scene *scene,
		    char ret[MECHANISM_LIST_MAX]);

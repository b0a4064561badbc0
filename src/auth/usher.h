/* SPDX-License-Identifier: ISC */
/* Stands between a session that knows nobody yet and postern-authd: what the
 * one says (wire.h) is asked of the other, and who has logged in is remembered
 * here, where the session cannot say otherwise. For a process that will act
 * for that user, while the session is another's. */
#pragma once

#include "auth/link.h"

/* What a session says when it wants in: then who it is must be known. */
#define USHER_ENTER "ENTER"

struct usher;

/* link: postern-authd as we reach it; borrowed. NULL: no memory. */
struct usher *usher_new(struct link *link);
void usher_free(struct usher *u);

/* Until the session wants in and may (1), or ends (0); or -errno, -EPROTO for
 * what is no request. Its requests are answered one by one. Call again when it
 * could not be let in after all: then it must log in anew. */
int usher_serve(struct usher *u, struct stream *s) MUST_LOOK;

/* The session as it was described last. */
const struct auth_scene *usher_scene(const struct usher *u);

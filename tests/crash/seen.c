/* SPDX-License-Identifier: ISC */
/* See seen.h. */
#include "seen.h"

#include <assert.h>

static bool put(uint64_t *slots, size_t room, uint64_t hash)
{
	size_t at = hash % room;

	while (slots[at] != 0 && slots[at] != hash)
		at = (at + 1) % room;
	if (slots[at] == hash)
		return false;
	slots[at] = hash;
	return true;
}

static void grow(struct seen *s)
{
	size_t room = s->room > 0 ? s->room * 2 : 1024;
	uint64_t *slots = calloc(room, sizeof(*slots));

	assert(slots);
	for (size_t i = 0; i < s->room; i++)
		if (s->slots[i] != 0)
			(void)put(slots, room, s->slots[i]);
	free(s->slots);
	s->slots = slots;
	s->room = room;
}

bool seen_add(struct seen *s, uint64_t hash)
{
	if (s->n * 2 >= s->room)
		grow(s);
	if (!put(s->slots, s->room, hash | 1))
		return false;
	s->n++;
	return true;
}

uint64_t seen_mix(uint64_t hash, const void *p, size_t n)
{
	const unsigned char *byte = p;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ byte[i]) * 0x100000001b3ULL;
	return hash ^ hash >> 31;
}

void seen_done(struct seen *s)
{
	free(s->slots);
	*s = (struct seen){ 0 };
}

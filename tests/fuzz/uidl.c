/* SPDX-License-Identifier: ISC */
/* A hostile NAME.uidl: no crash, only unique-ids that may be shown, the same
 * ones each time, and those of what is left stay when messages go.
 *
 * Input: which ones go, then the file. */
#include "mailbox.h"

#include "store/box.h"
#include "store/maildrop.h"
#include "store/uidl.h"

#define MOST 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct ids {
	size_t n;
	char v[MOST][MAILDROP_UID_MAX];
};

static void look(struct store *s, unsigned mask, struct ids *ret)
{
	struct maildrop *m;
	bool gone[MOST] = { false };
	int64_t wait_ms;

	memset(ret, 0, sizeof(*ret));
	assert(maildrop_open(s, SLICE("a"), 0, &m, &wait_ms) == 0);
	ret->n = maildrop_count(m);
	assert(ret->n <= MOST);
	for (size_t i = 0; i < ret->n; i++) {
		(void)snprintf(ret->v[i], sizeof(ret->v[i]), "%s",
			       maildrop_uid(m, i));
		assert(uidl_valid(slice_of(ret->v[i])));
		gone[i] = (mask >> i & 1U) != 0;
	}
	assert(maildrop_error(m) == 0);
	assert(maildrop_expunge(m, gone) == 0);
	assert(maildrop_finish(m) == 0);
	maildrop_close(m);
}

/* `now` has those of `was` that did not go. */
static void same(const struct ids *was, unsigned mask, const struct ids *now)
{
	size_t n = 0;

	for (size_t i = 0; i < was->n; i++)
		if ((mask >> i & 1U) == 0)
			assert(n < now->n &&
			       strcmp(was->v[i], now->v[n++]) == 0);
	assert(n == now->n);
}

static const char *given(void *context, uint64_t i)
{
	return i == 1 ? "taken-over" : NULL;
}

/* Whatever stands there, what is taken over stands there afterwards. */
static void import(struct store *s, struct ids *was)
{
	struct box b = BOX_NONE;
	struct index *x = NULL;

	assert(box_open(s, SLICE("a"), false, (uid_t)-1, &b) == 0);
	assert(index_open(&b.place, b.fd, &x) == 0);
	assert(uidl_import(x, given, NULL) == 0);
	index_close(x);
	box_done(&b);
	if (was->n > 1)
		(void)snprintf(was->v[1], sizeof(was->v[1]), "taken-over");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct store *s = mailbox_fresh();
	struct slice in = { (const char *)data, size };
	unsigned mask = size > 0 ? data[0] : 0;
	struct ids first, second;

	mailbox_put(".postern/a.uidl", slice_from(in, 1));
	look(s, 0, &first);
	mailbox_remove(".postern/a.index");
	look(s, mask, &second);
	same(&first, 0, &second);
	look(s, 0, &first);
	same(&second, mask, &first);
	mailbox_remove(".postern/a.index");
	look(s, 0, &second);
	same(&first, 0, &second);
	import(s, &second);
	look(s, 0, &first);
	same(&second, 0, &first);
	store_close(s);
	return 0;
}

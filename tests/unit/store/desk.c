/* SPDX-License-Identifier: ISC */
/* See desk.h. */
#include "desk.h"

#include <sys/stat.h>

static struct {
	int at, k, error;
} trouble;

struct store *desk_store(char ret_path[64], uint64_t lock_wait_ms)
{
	const struct store_options o = { lock_wait_ms, true };
	struct store *s = NULL;

	(void)snprintf(ret_path, 64, "/tmp/postern-store-XXXXXX");
	cr_assert(mkdtemp(ret_path) != NULL);
	cr_assert_eq(store_open(ret_path, &o, &s), 0);
	return s;
}

int desk_append(struct store *s, const char *mailbox, const char *text,
		const char *once)
{
	const struct mbox_message m = { .sender = SLICE("a@example.org"),
					.real_us = 1795000000000000,
					.head = SLICE("Return-Path: <a>\n"),
					.text = slice_of(text),
					.fd = -1,
					.owner = (uid_t)-1,
					.once = slice_of(once) };

	return mbox_append(s, slice_of(mailbox), &m);
}

static int on_step(void *context, const char *step)
{
	if (++trouble.at != trouble.k)
		return 0;
	if (trouble.error == 0)
		_exit(9);
	return trouble.error;
}

void desk_trouble(int k, int error)
{
	trouble.at = 0;
	trouble.k = k;
	trouble.error = error;
	file_set_hook(on_step, NULL);
}

int desk_steps(void)
{
	return trouble.at;
}

void desk_no_trouble(void)
{
	file_set_hook(NULL, NULL);
}

static int collect(void *context, struct slice bytes)
{
	return buf_put(context, bytes);
}

static int is_it(struct maildrop *m, size_t i, const char *subject)
{
	struct buf text = BUF(1U << 20);
	char all[256], end[300];
	const char *at, *eol;
	int r = -1;

	if (maildrop_read(m, i, SIZE_MAX, collect, &text) < 0 ||
	    buf_put_byte(&text, '\0') < 0 ||
	    text.n - 1 != maildrop_octets(m, i))
		goto out;
	at = strstr(text.p, "Subject: ");
	eol = at ? strstr(at, "\r\n") : NULL;
	if (!eol || eol - at > 200)
		goto out;
	(void)snprintf(all, sizeof(all), "%.*s", (int)(eol - at - 9), at + 9);
	(void)snprintf(end, sizeof(end), "\r\n\r\nbody of %s\r\n", all);
	if (strcmp(eol, end) == 0)
		r = strcmp(all, subject) == 0;
out:
	buf_done(&text);
	return r;
}

int desk_count(struct store *s, const char *mailbox, const char *subject)
{
	struct maildrop *m = NULL;
	int64_t wait_ms;
	int count = 0;

	if (maildrop_open(s, slice_of(mailbox), 0, &m, &wait_ms) < 0)
		return -1;
	for (size_t i = 0; i < maildrop_count(m) && count >= 0; i++) {
		int r = is_it(m, i, subject);

		count = r < 0 ? -1 : count + r;
	}
	maildrop_close(m);
	return count;
}

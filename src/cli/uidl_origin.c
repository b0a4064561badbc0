/* SPDX-License-Identifier: ISC */
/* See uidl_ids.h: unique-ids as other servers make them of a mailbox. */
#include "base/digest.h"
#include "base/file.h"
#include "cli/uidl_ids.h"
#include "mail/header.h"

#define HEADER_MAX ((size_t)1 << 20) /* of a header; the rest is not seen */

/* from … to of the mailbox, at most HEADER_MAX of it. */
static int read_part(int mailbox, uint64_t from, uint64_t to, char *room,
		     struct slice *ret)
{
	size_t n = to - from < HEADER_MAX ? (size_t)(to - from) : HEADER_MAX;
	ssize_t got = file_read_at(mailbox, room, n, from);

	*ret = (struct slice){ room, got < 0 ? 0 : (size_t)got };
	return got < 0 ? (int)got : 0;
}

/* ---- Dovecot ---- */

static void on_field(void *context, struct slice name, struct slice body)
{
	struct uidl_x_uid *x = context;
	uint64_t validity, last;

	if (slice_eq_nocase(name, SLICE("X-UID"))) {
		if (slice_number(slice_word(&body), 1, UINT32_MAX, &x->uid) < 0)
			x->uid = 0;
	} else if (slice_eq_nocase(name, SLICE("X-IMAPbase")) ||
		   slice_eq_nocase(name, SLICE("X-IMAP"))) {
		if (slice_number(slice_word(&body), 1, UINT32_MAX, &validity) ==
			    0 &&
		    slice_number(slice_word(&body), 0, UINT32_MAX, &last) ==
			    0) {
			x->validity = validity;
			x->last_uid = last;
		}
	}
}

void uidl_x_uid(struct slice header, struct uidl_x_uid *ret)
{
	struct header_scan scan;

	*ret = (struct uidl_x_uid){ .uid = 0 };
	header_scan_start(&scan, on_field, ret);
	if (!header_scan_push(&scan, header))
		header_scan_end(&scan);
	header_scan_done(&scan);
}

/* It stands in the first message of the file, which may be one that is never
 * shown. */
static int read_base(int mailbox, char *room, struct uidl_x_uid *ret)
{
	struct slice all;
	int r = read_part(mailbox, 0, HEADER_MAX, room, &all);

	if (r == 0)
		uidl_x_uid(slice_from(all, slice_find(all, '\n') + 1), ret);
	return r;
}

struct dovecot {
	int mailbox;
	char *room;
	struct uidl_x_uid base;
	uint64_t last; /* X-UID that was believed */
};

/* Dovecot believes those that ascend and that it can have given. */
static int dovecot_one(struct dovecot *d, const struct index_entry *e,
		       struct uidl_id *ret)
{
	struct uidl_x_uid x;
	struct slice header;
	int r = read_part(d->mailbox, e->start, e->body, d->room, &header);

	if (r < 0)
		return r;
	uidl_x_uid(header, &x);
	if (x.uid <= d->last || x.uid > d->base.last_uid)
		return 0;
	d->last = x.uid;
	(void)snprintf(ret->text, sizeof(ret->text), "%08llx%08llx",
		       (unsigned long long)x.uid,
		       (unsigned long long)d->base.validity);
	return 0;
}

static int dovecot_all(struct dovecot *d, struct index *x, struct uidl_ids *ids)
{
	struct index_entry e;
	int r = 0;

	for (size_t i = 0; r == 0 && i < ids->n; i++) {
		r = index_get(x, i, &e);
		if (r == 0)
			r = dovecot_one(d, &e, &ids->v[i]);
		if (ids->v[i].text[0] != '\0')
			ids->given++;
		else
			ids->without++;
	}
	return r;
}

int uidl_from_dovecot(int mailbox, struct index *x, struct uidl_ids *ids,
		      struct uidl_complaint *ret)
{
	struct dovecot d = { .mailbox = mailbox, .room = malloc(HEADER_MAX) };
	int r = d.room ? read_base(mailbox, d.room, &d.base) : -ENOMEM;

	if (r == 0 && d.base.validity == 0) {
		*ret = (struct uidl_complaint){
			.problem = "its first message has no X-IMAPbase: "
				   "Dovecot has not written its UIDs into this "
				   "mailbox",
			.remedy = "take its answer to UIDL, with --list",
		};
		r = -EBADMSG;
	}
	if (r == 0)
		r = dovecot_all(&d, x, ids);
	free(d.room);
	return r;
}

/* ---- popa3d ---- */

/* Of the header: the first Received, what Delivered-To and X-Delivery-ID there
 * are, and before that Received Date and Message-ID. */
static bool is_hashed(struct slice line, bool *received)
{
	switch (line.p[0]) {
	case 'R':
	case 'r':
		if (*received)
			return false;
		*received = slice_starts_nocase(line, SLICE("Received:"));
		return *received;
	case 'D':
	case 'd':
		return slice_starts_nocase(line, SLICE("Delivered-To:")) ||
		       (!*received &&
			slice_starts_nocase(line, SLICE("Date:")));
	case 'M':
	case 'm':
		return !*received &&
		       slice_starts_nocase(line, SLICE("Message-ID:"));
	case 'X': /* and not 'x' */
		return slice_starts_nocase(line, SLICE("X-Delivery-ID:"));
	default:
		return false;
	}
}

void uidl_popa3d(struct slice message, char ret[17])
{
	bool received = false, hashed = false;
	struct digest_md5 md5;
	uint8_t h[16];

	digest_md5_start(&md5);
	/* an empty line that ends in CRLF does not end the header there */
	while (message.n > 0 && message.p[0] != '\n') {
		struct slice line =
			slice_upto(message, slice_find(message, '\n') + 1);

		if (line.p[0] != ' ' && line.p[0] != '\t')
			hashed = is_hashed(line, &received);
		if (hashed)
			digest_md5_add(&md5, line);
		message = slice_from(message, line.n);
	}
	digest_md5_end(&md5, h);
	(void)snprintf(ret, 17, "%02x%02x%02x%02x%02x%02x%02x%02x", h[3], h[2],
		       h[1], h[0], h[7], h[6], h[5], h[4]);
}

/* Those of messages before it, to find twins. */
static int by_text(const void *a, const void *b)
{
	const struct uidl_id *const *x = a, *const *y = b;
	int r = strcmp((*x)->text, (*y)->text);

	return r != 0 ? r : *x < *y ? -1 : 1;
}

/* The first one of each keeps it. */
static int drop_twins(struct uidl_ids *ids)
{
	struct uidl_id **all = calloc(ids->n + 1, sizeof(*all));
	char last[UIDL_MAX + 1] = "";

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < ids->n; i++)
		all[i] = &ids->v[i];
	if (ids->n > 1)
		qsort(all, ids->n, sizeof(*all), by_text);
	for (size_t i = 0; i < ids->n; i++) {
		if (strcmp(all[i]->text, last) == 0) {
			all[i]->text[0] = '\0';
			ids->without++;
			continue;
		}
		memcpy(last, all[i]->text, sizeof(last));
		ids->given++;
	}
	free(all);
	return 0;
}

int uidl_from_popa3d(int mailbox, struct index *x, struct uidl_ids *ids,
		     struct uidl_complaint *ret)
{
	char *room = malloc(HEADER_MAX);
	struct index_entry e;
	struct slice message;
	int r = room ? 0 : -ENOMEM;

	*ret = (struct uidl_complaint){ .remedy = "" };
	for (size_t i = 0; r == 0 && i < ids->n; i++) {
		r = index_get(x, i, &e);
		if (r == 0)
			r = read_part(mailbox, e.start, e.next, room, &message);
		if (r == 0)
			uidl_popa3d(message, ids->v[i].text);
	}
	free(room);
	return r == 0 ? drop_twins(ids) : r;
}

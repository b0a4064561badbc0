/* SPDX-License-Identifier: ISC */
/* hosts/: what is remembered of destinations that were down. Best effort: not
 * synced, and anything odd in it is as good as nothing. */
#include "queue/spool.h"

#include <fcntl.h>

#include "base/digest.h"
#include "base/ident.h"
#include "queue/field.h"

#define NAME_MAX_PLAIN 200
#define NAME_HEX       32
#define TEXT_MAX       256
#define FAILURES_MAX   1000000

/* A key made safe as a file's name; a very long one becomes its digest. */
static int host_path(struct slice destination, char ret[SPOOL_PATH_MAX])
{
	char hex[2 * NAME_HEX + 1];
	struct buf name = BUF(NAME_MAX_PLAIN);
	struct digest d;
	int r = 0;

	for (size_t i = 0; i < destination.n && r == 0; i++) {
		char c = destination.p[i];
		bool plain = ascii_is_alnum(c) || (c == '.' && i > 0) ||
			     (c != '\0' && strchr("-_:[]", c));

		r = plain ? buf_put_byte(&name, c)
			  : buf_printf(&name, "%%%02x", (unsigned char)c);
	}
	if (r == -EMSGSIZE) {
		digest_start(&d);
		digest_add(&d, destination);
		digest_hex(&d, hex, NAME_HEX);
		buf_reset(&name);
		r = buf_put(&name, slice_of(hex));
	}
	(void)snprintf(ret, SPOOL_PATH_MAX, "hosts/%.*s",
		       SLICE_ARG(buf_slice(&name)));
	buf_done(&name);
	return destination.n == 0 ? -EINVAL : r;
}

static int host_parse(struct slice text, struct queue_host *ret)
{
	struct slice line;
	uint64_t failures = 0;

	if (!slice_field(&text, '\n', &line) ||
	    !slice_starts(line, SLICE("failures: ")) ||
	    slice_number(slice_from(line, 10), 1, FAILURES_MAX, &failures) < 0)
		return -EBADMSG;
	if (!slice_field(&text, '\n', &line) ||
	    !slice_starts(line, SLICE("not-before: ")))
		return -EBADMSG;
	ret->failures = (unsigned)failures;
	return stamp_take(slice_from(line, 12), &ret->not_before_us);
}

void queue_host_get(struct queue *q, struct slice destination,
		    struct queue_host *ret)
{
	char path[SPOOL_PATH_MAX], text[TEXT_MAX];
	struct queue_host found = { .failures = 0 };
	ssize_t n = -1;
	int fd = -1;

	*ret = found;
	if (host_path(destination, path) == 0)
		fd = file_open(q->root, path, O_RDONLY);
	if (fd >= 0)
		n = file_read_at(fd, text, sizeof(text), 0);
	if (n > 0 && host_parse((struct slice){ text, (size_t)n }, &found) == 0)
		*ret = found;
	file_close(&fd);
}

static int host_write(struct queue *q, const char *path,
		      const struct queue_host *h)
{
	char id[IDENT_MAX], tmp[SPOOL_PATH_MAX];
	struct buf text = BUF(TEXT_MAX);
	int fd, r;

	ident_new(id);
	spool_tmp(q, id, tmp);
	r = buf_printf(&text, "failures: %u\nnot-before: ",
		       h->failures < FAILURES_MAX ? h->failures : FAILURES_MAX);
	if (r == 0)
		r = stamp_put(&text, h->not_before_us);
	if (r == 0)
		r = buf_put_byte(&text, '\n');
	fd = r < 0 ? r : file_create(q->root, tmp, 0600);
	if (fd >= 0) {
		r = file_write(fd, buf_slice(&text));
		file_close(&fd);
		if (r == 0)
			r = file_rename(q->root, tmp, q->root, path);
		if (r < 0)
			ignore(file_unlink(q->root, tmp)); /* swept later */
	}
	buf_done(&text);
	return fd < 0 && r == 0 ? fd : r;
}

void queue_host_set(struct queue *q, struct slice destination,
		    const struct queue_host *h)
{
	char path[SPOOL_PATH_MAX];

	if (host_path(destination, path) < 0)
		return;
	/* best effort: forgetting costs one attempt */
	if (h->failures > 0)
		ignore(host_write(q, path, h));
	else
		ignore(file_unlink(q->root, path));
}

int queue_hosts_forget(struct queue *q)
{
	char path[2 * SPOOL_PATH_MAX];
	struct spool_names names;
	int r = spool_list(q, "hosts", &names);

	for (size_t i = 0; r == 0 && i < names.n; i++) {
		(void)snprintf(path, sizeof(path), "hosts/%s", names.v[i]);
		r = file_unlink(q->root, path);
		r = r == -ENOENT ? 0 : r; /* a run may forget it too */
	}
	spool_names_done(&names);
	return r;
}

/* SPDX-License-Identifier: ISC */
/* See target.h: an mbox, quoted anew, whatever the mailbox had it like. */
#include <fcntl.h>

#include "base/file.h"
#include "cli/target.h"

struct mbox {
	struct target target; /* first */
	const char *file;     /* ours; NULL: somebody's stream */
	bool finished;
	FILE *out;
	struct mboxrd quote;
};

static int write_out(void *context, struct slice bytes)
{
	struct mbox *m = context;

	if (fwrite(bytes.p, 1, bytes.n, m->out) == bytes.n)
		return 0;
	return errno > 0 ? -errno : -EIO;
}

static int begin(struct target *t, const struct target_message *message)
{
	struct mbox *m = (struct mbox *)t;
	int r;

	mboxrd_start(&m->quote, write_out, m);
	r = write_out(m, message->from);
	return r == 0 ? write_out(m, SLICE("\n")) : r;
}

static int put(struct target *t, struct slice bytes)
{
	return mboxrd_quote(&((struct mbox *)t)->quote, bytes);
}

static int end(struct target *t)
{
	return mboxrd_quote_end(&((struct mbox *)t)->quote);
}

static int finish(struct target *t)
{
	struct mbox *m = (struct mbox *)t;
	int r = fflush(m->out) != 0 ? -errno : 0;

	if (r == 0 && m->file)
		r = file_sync(fileno(m->out));
	m->finished = r == 0;
	return r;
}

static void mbox_free(struct target *t)
{
	struct mbox *m = (struct mbox *)t;

	if (m->file) {
		(void)fclose(m->out); /* finish has looked */
		if (!m->finished)
			(void)unlink(m->file);
	}
	free(m);
}

static int open_file(struct mbox *m, const char *file)
{
	int fd = file_create(AT_FDCWD, file, 0600);

	if (fd < 0)
		return fd;
	m->out = fdopen(fd, "w");
	if (!m->out) {
		int r = -errno;

		file_close(&fd);
		return r;
	}
	m->file = file;
	return 0;
}

int target_mbox(const char *file, FILE *out, struct target **ret)
{
	struct mbox *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return -ENOMEM;
	*m = (struct mbox){
		.target = { begin, put, end, finish, mbox_free },
		.out = out,
	};
	r = file ? open_file(m, file) : 0;
	if (r < 0)
		free(m);
	else
		*ret = &m->target;
	return r;
}

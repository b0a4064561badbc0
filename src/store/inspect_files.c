/* SPDX-License-Identifier: ISC */
/* An inspection of what lies beside the mailbox. */
#include <fcntl.h>
#include <sys/stat.h>

#include "store/expunge.h"
#include "store/inspect_parts.h"
#include "store/notes.h"
#include "store/torn.h"

/* ---- modes ---- */

static int judge_mode(const struct inspection *in, int fd, const char *name)
{
	struct finding f = { .kind = INSPECT_RIGHTS, .name = name };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if ((st.st_mode & S_IRWXO) == 0)
		return 0;
	if (in->mend)
		f.mended = fchmod(fd, st.st_mode & 07770) == 0;
	inspect_tell(in, &f);
	return 0;
}

int inspect_rights(const struct inspection *in)
{
	struct place p CLEANUP(place_done) = PLACE_NONE;
	int fd CLEANUP(file_close) = -1;
	int r = place_find(in->store, in->mailbox, &p);

	if (r < 0)
		return r;
	fd = file_open(p.dir, p.name, O_RDONLY);
	if (fd < 0)
		return fd;
	r = judge_mode(in, fd, p.name);
	if (r == 0 && p.side >= 0)
		r = judge_mode(in, p.side, ".postern");
	return r;
}

/* ---- locks ---- */

static void lock_left(void *context, const char *name)
{
	const struct inspection *in = context;
	struct finding f = { .kind = INSPECT_LOCK_LEFT,
			     .mended = in->mend,
			     .name = name };

	inspect_tell(in, &f);
}

int inspect_locks(const struct inspection *in, const struct place *p)
{
	struct inspection copy = *in;

	if (!in->store->options.dotlock)
		return 0;
	return dotlock_leftovers(p, in->mend, lock_left, &copy);
}

/* ---- what a crash left ---- */

static bool is_there(const struct place *p, const char *suffix)
{
	struct place_file f = place_beside(p, suffix);

	return p->side >= 0 &&
	       faccessat(p->side, f.name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A mark that is lost: everything is looked at again, and a new one made. */
static int judge_notes(const struct inspection *in)
{
	struct place_file name = place_beside(&in->box.place, ".append");
	struct finding f = { .kind = INSPECT_NOTES,
			     .mended = in->mend,
			     .name = name.name };
	int notes CLEANUP(file_close) = notes_open(&in->box.place, false);
	struct mark m = { .lost = false };
	int r = notes < 0 ? notes : notes_mark(notes, &m);

	if (r > 0 && m.lost)
		inspect_tell(in, &f);
	return r < 0 && r != -ENOENT ? r : 0;
}

static void torn_found(void *context, uint64_t from, uint64_t to)
{
	struct inspection *in = context;
	struct finding f = { .kind = INSPECT_TORN,
			     .mended = in->mend,
			     .at = from,
			     .n = to - from };

	in->did.partly |= !in->mend;
	inspect_tell(in, &f);
}

/* Not while an expunge is broken off: offsets would mean nothing. */
static int judge_torn(struct inspection *in)
{
	int r = torn_survey(&in->box.place, in->box.fd, torn_found, in);

	if (r == 0)
		r = judge_notes(in);
	return r == 0 && in->mend ? box_repair(&in->box) : r;
}

int inspect_leftovers(struct inspection *in)
{
	struct finding f = { .kind = INSPECT_EXPUNGE, .mended = in->mend };
	struct place_file odd = place_beside(&in->box.place, ".expunge.odd");
	int r = 0;

	if (is_there(&in->box.place, ".expunge")) {
		inspect_tell(in, &f);
		in->did.partly = !in->mend;
		if (in->mend)
			r = expunge_repair(&in->box.place, in->box.fd);
	}
	if (r == 0 && !in->did.partly)
		r = judge_torn(in);
	if (is_there(&in->box.place, ".expunge.odd")) {
		f = (struct finding){ .kind = INSPECT_EXPUNGE_ODD,
				      .name = odd.name };
		inspect_tell(in, &f);
	}
	return r;
}

/* ---- stale files ---- */

int inspect_files(const struct inspection *in)
{
	static const char *const stale[] = { ".expunge.new", ".index.new",
					     ".uidl.next" };
	const struct place *p = &in->box.place;

	for (size_t i = 0; i < ARRAY_LEN(stale); i++) {
		struct place_file name = place_beside(p, stale[i]);
		struct finding f = { .kind = INSPECT_STALE_FILE,
				     .name = name.name };

		/* a broken expunge may want it yet */
		if (!is_there(p, stale[i]) || in->did.partly)
			continue;
		if (in->mend)
			f.mended = file_unlink(p->side, name.name) == 0;
		inspect_tell(in, &f);
	}
	return 0;
}

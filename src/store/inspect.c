/* SPDX-License-Identifier: ISC */
/* See inspect.h: the order of things. A broken expunge comes before all that
 * reads the mailbox; the index last, for mending the mailbox changes it. */
#include "store/inspect.h"

#include <fcntl.h>

#include "store/inspect_parts.h"
#include "store/seat.h"

void inspect_tell(const struct inspection *in, const struct finding *f)
{
	in->found(in->context, f);
}

static bool has_seat(const struct place *p)
{
	struct place_file f = place_beside(p, ".session");

	return p->side >= 0 &&
	       faccessat(p->side, f.name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Where nothing may be made and there is no seat, nobody sits in it. */
static int take_seat(const struct inspection *in, const struct place *p,
		     int *ret)
{
	int seat = -1;

	if (in->mend || has_seat(p))
		seat = seat_wait(p, in->store->options.lock_wait_ms);
	else
		return 0;
	if (seat < 0)
		return seat;
	*ret = seat;
	return 0;
}

static int look(struct inspection *in)
{
	int r = inspect_leftovers(in);

	if (r == 0)
		r = inspect_files(in);
	if (r < 0 || in->did.partly)
		return r;
	r = inspect_text(in);
	return r == 0 ? inspect_index(in) : r;
}

static int look_locked(struct inspection *in)
{
	int r = box_open_as_is(in->store, in->mailbox, &in->box);

	if (r < 0)
		return r;
	r = look(in);
	box_done(&in->box);
	return r;
}

int inspect(struct store *s, struct slice mailbox, bool mend,
	    inspect_found *found, void *context, struct inspected *ret)
{
	struct inspection in = { .store = s,
				 .mailbox = mailbox,
				 .mend = mend,
				 .found = found,
				 .context = context,
				 .box = BOX_NONE };
	struct place p CLEANUP(place_done) = PLACE_NONE;
	int seat CLEANUP(file_close) = -1;
	int r = inspect_rights(&in);

	if (r == 0)
		r = place_open(s, mailbox, mend, &p);
	if (r == 0)
		r = take_seat(&in, &p, &seat);
	if (r == 0)
		r = inspect_locks(&in, &p);
	if (r == 0)
		r = look_locked(&in);
	*ret = in.did;
	return r;
}

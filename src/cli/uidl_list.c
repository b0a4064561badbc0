/* SPDX-License-Identifier: ISC */
/* See uidl_ids.h: a list of numbers and unique-ids. */
#include "cli/uidl_ids.h"

#define LINE_MOST 4096

/* ---- a line ---- */

static struct slice trimmed(struct slice line)
{
	while (line.n > 0 && (unsigned char)line.p[line.n - 1] <= ' ')
		line.n--;
	while (line.n > 0 && (unsigned char)line.p[0] <= ' ')
		line = slice_from(line, 1);
	return line;
}

/* POP3's frame, doveadm's heading. */
static bool says_nothing(struct uidl_list *l, struct slice line)
{
	if (slice_eq(line, SLICE("uid\tpop3.uidl"))) {
		l->by_uid = true;
		return true;
	}
	return line.n == 0 || slice_eq(line, SLICE(".")) ||
	       slice_starts(line, SLICE("+OK")) ||
	       slice_eq(line, SLICE("seq\tpop3.uidl"));
}

/* Drop "seq=" or "seq:" where it stands. */
static struct slice without_label(struct uidl_list *l, struct slice word)
{
	if (slice_starts(word, SLICE("uid=")) ||
	    slice_starts(word, SLICE("uid:"))) {
		l->by_uid = true;
		return slice_from(word, 4);
	}
	if (slice_starts(word, SLICE("seq=")) ||
	    slice_starts(word, SLICE("seq:")))
		return slice_from(word, 4);
	return word;
}

static int take_id(struct slice rest, struct uidl_list_line *ret,
		   const char **ret_why)
{
	struct slice id = slice_word(&rest);

	if (slice_starts(id, SLICE("pop3.uidl=")))
		id = slice_from(id, sizeof("pop3.uidl=") - 1);
	*ret_why = "there is no unique-id in this line";
	if (id.n == 0)
		return -EBADMSG;
	*ret_why = "a unique-id has 1 to 70 characters, printable and no blank";
	if (!uidl_valid(id))
		return -EBADMSG;
	*ret_why = "there is more in this line than a number and a unique-id";
	if (slice_trim(rest).n > 0)
		return -EBADMSG;
	ret->id = id;
	return 1;
}

int uidl_list_line(struct uidl_list *l, struct slice line,
		   struct uidl_list_line *ret, const char **ret_why)
{
	struct slice word, rest = trimmed(line);

	if (says_nothing(l, rest))
		return 0;
	if (slice_starts(rest, SLICE("pop3.uidl:"))) {
		*ret_why = "no number stands before this line";
		ret->number = l->pending;
		l->pending = 0;
		return ret->number == 0
			       ? -EBADMSG
			       : take_id(slice_from(rest, 10), ret, ret_why);
	}
	word = without_label(l, slice_word(&rest));
	if (word.n == 0) /* "uid: 7" */
		word = slice_word(&rest);
	*ret_why = "this line does not begin with a message's number";
	if (slice_number(word, 1, UINT32_MAX, &ret->number) < 0)
		return -EBADMSG;
	if (slice_trim(rest).n > 0)
		return take_id(rest, ret, ret_why);
	*ret_why = "there is no unique-id in this line";
	if (l->pending != 0 || word.p == line.p)
		return -EBADMSG;
	l->pending = ret->number;
	return 0;
}

/* ---- all of it ---- */

struct reading {
	struct uidl_ids *ids;
	struct uidl_complaint *complaint;
	struct uidl_list list;
	uint64_t line;
	size_t n;             /* unique-ids so far */
	uint64_t last_number; /* of them */
};

static int complain(struct reading *r, const char *remedy, const char *problem)
{
	*r->complaint =
		(struct uidl_complaint){ .line = r->line, .remedy = remedy };
	(void)snprintf(r->complaint->problem, sizeof(r->complaint->problem),
		       "%s", problem);
	return -EBADMSG;
}

/* IMAP's UIDs say nothing but the order: then all must be there. */
static int place_of(struct reading *r, uint64_t number, size_t *ret)
{
	if (r->list.by_uid) {
		if (number <= r->last_number)
			return complain(r, "sort the list by its numbers",
					"UIDs ascend, but not in this line");
		number = r->n + 1;
	}
	if (number > r->ids->n)
		return complain(r,
				"make the list from the mailbox as it is, "
				"before anything else comes in",
				"the mailbox has fewer messages");
	*ret = (size_t)number - 1;
	return 0;
}

static int take(struct reading *r, const struct uidl_list_line *l)
{
	struct uidl_id *id;
	size_t at = 0;
	int e = place_of(r, l->number, &at);

	if (e < 0)
		return e;
	id = &r->ids->v[at];
	if (id->line > 0)
		return complain(r, "remove one of the lines",
				"this message had a line before");
	memcpy(id->text, l->id.p, l->id.n);
	id->text[l->id.n] = '\0';
	id->line = r->line;
	r->last_number = l->number;
	r->n++;
	return 0;
}

static int read_line(struct reading *r, struct slice line)
{
	struct uidl_list_line l;
	const char *why = "";
	int e;

	r->line++;
	e = uidl_list_line(&r->list, line, &l, &why);
	if (e < 0)
		return complain(r, "NUMBER UNIQUE-ID is what is wanted", why);
	return e > 0 ? take(r, &l) : 0;
}

static int check_end(struct reading *r)
{
	if (r->list.by_uid && r->n != r->ids->n) {
		r->line = 0;
		return complain(r,
				"list seq instead of uid (doveadm fetch 'seq "
				"pop3.uidl')",
				"UIDs say nothing unless each message has "
				"one, and the list is not as long as the "
				"mailbox");
	}
	r->ids->given = r->n;
	r->ids->without = r->ids->n - r->n;
	return 0;
}

int uidl_from_list(FILE *in, struct uidl_ids *ids, struct uidl_complaint *ret)
{
	struct reading r = { .ids = ids, .complaint = ret };
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int e = 0;

	while (e == 0 && (n = getline(&line, &room, in)) > 0)
		e = n > LINE_MOST
			    ? complain(&r, "is this the right file?",
				       "a line without end")
			    : read_line(&r, (struct slice){ line, (size_t)n });
	if (e == 0 && ferror(in))
		e = -EIO;
	free(line);
	return e == 0 ? check_end(&r) : e;
}

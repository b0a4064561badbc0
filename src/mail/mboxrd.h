/* SPDX-License-Identifier: ISC */
/* The mboxrd format: RFC 4155 with the reversible quoting: every line that
 * matches ^>*From  gets one more '>'. Push transformers, any chunking, LF
 * lines; no per-byte loop where the data needs none. */
#pragma once

#include "base/buf.h"

/* Where transformed bytes go: 0 or a negative errno that stops the work. */
typedef int mboxrd_out(void *context, struct slice bytes);

/* Quoting, and unquoting with LF made CRLF, keep only where a line stands. */
struct mboxrd {
	mboxrd_out *out;
	void *context;
	unsigned matched; /* how much of >*From_ this line has shown so far */
	bool elsewhere;   /* this line can no longer match */
	uint64_t held;    /* '>' seen at the line's start, not yet given out */
	char last;        /* last byte given in */
};

void mboxrd_start(struct mboxrd *m, mboxrd_out *out, void *context);

/* A message's bytes (LF lines) on their way into the mailbox. */
int mboxrd_quote(struct mboxrd *m, struct slice bytes) MUST_LOOK;

/* Its end: a last line without LF gets one, and the empty line follows. */
int mboxrd_quote_end(struct mboxrd *m) MUST_LOOK;

/* A message's bytes out of the mailbox: one '>' is taken from quoted lines.
 * Line ends stay as they are. */
int mboxrd_unquote(struct mboxrd *m, struct slice bytes) MUST_LOOK;
int mboxrd_unquote_end(struct mboxrd *m) MUST_LOOK;

/* Append the separator line "From sender date\n" to `b`: blanks and what is
 * not printable in the sender become '-'; a null sender is MAILER-DAEMON.
 * 0 or as buf_put. */
int mboxrd_from_line(struct buf *b, struct slice sender,
		     int64_t real_us) MUST_LOOK;

/* Does this line (without its LF; a CR before that is no matter) begin a
 * message? As mutt, Dovecot and popa3d agree, or two of them (test-agree):
 * "From ", a sender (one word, blanks in quotes; or none), a weekday, month,
 * day, time (seconds or none), up to two zones, a year of two digits or four
 * (or, some day, five), then anything; or the date as in a header. In a body
 * such a line needs no empty line before it; in a header it only counts behind
 * a line that is no field, where somebody's append has been cut off.
 * Content-Length never does.
 */
bool mboxrd_is_from(struct slice line);

/* Who and when stands in it? ret_sender is a part of `line`. False where it is
 * no such line. */
bool mboxrd_from_parse(struct slice line, struct slice *ret_sender,
		       int64_t *ret_real_us);

/* Is it a field that MUAs edit (Status, X-Status, X-Keywords, X-UID, X-IMAP,
 * X-IMAPbase, Content-Length, Lines)? */
bool mbox_field_edited(struct slice name);

/* ---- the scanner: where messages begin and end in a mailbox ---- */

/* One message in the file; offsets count from the file's start. */
struct mbox_span {
	uint64_t from;   /* offset of its From_ line */
	uint64_t start;  /* of its first header line, behind a seal */
	uint64_t body;   /* of the first byte behind the header's empty line */
	uint64_t end;    /* behind its last byte; the separating empty line
			    belongs to no message */
	uint64_t next;   /* of the next From_ line or the file's end */
	uint64_t octets; /* what RETR sends, before dot-stuffing: unquoted,
			    CRLF lines, a missing last line end added */
	uint64_t
		header_octets; /* of these, the header's and its empty line's */
	uint64_t lines;        /* as many does RETR send, header included */
	uint64_t seal;         /* offset of its seal (seal.h), 0: none; it
				  counts in none of the above */
	char digest[65]; /* SHA-256, hex: From_ line, header without what MUAs
			    edit (Status, X-Status, X-Keywords, X-UID,
			    X-IMAP, X-IMAPbase, Content-Length, Lines),
			    octets of the body, its first MBOX_BODY_MAX */
	bool read;       /* Status: has R (seen) */
	bool hidden;     /* the c-client pseudo message; never shown */
};

/* As much of a line's start as any decision about it needs. */
#define MBOX_FRONT_MAX 4096

/* 0, or a negative errno that stops the scan. */
typedef int mbox_span_seen(void *context, const struct mbox_span *span);

struct mbox_scan;

/* `at`: the file offset of the first byte that will be pushed, which begins
 * a From_ line (or the file); of that first one no date is asked, and empty
 * lines may stand before it: what others wrote there must not shut a whole
 * mailbox. NULL when memory is short. */
struct mbox_scan *mbox_scan_new(uint64_t at, mbox_span_seen *seen,
				void *context);
int mbox_scan_push(struct mbox_scan *s, struct slice bytes) MUST_LOOK;

/* End of file. 0, an error of `seen`, or -EBADMSG when what was pushed does
 * not begin with a From_ line: no mailbox. An empty file is a mailbox, and
 * so is one of empty lines. */
int mbox_scan_end(struct mbox_scan *s) MUST_LOOK;
void mbox_scan_free(struct mbox_scan *s);

/* How a body begins. Programs that deliver may write one header to different
 * bodies of one length. */
#define MBOX_BODY_MAX 256

struct mbox_body {
	struct slice start; /* MBOX_BODY_MAX octets of the file, or all */
	bool whole;         /* all */
};

/* The digest of a message of which only the start is at hand: mbox_scan_push
 * its header, in pieces of any size, from the From_ line to the empty line (all
 * of the message when it has none; an error means -EBADMSG too); then say what
 * the scanner counted behind (octets - header_octets), and how the body begins.
 * NULL when memory is short. 0, or -EBADMSG: no such header. */
struct mbox_scan *mbox_head_new(void);
int mbox_head_end(struct mbox_scan *s, uint64_t body_octets,
		  const struct mbox_body *body, char ret[65]) MUST_LOOK;

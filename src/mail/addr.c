/* SPDX-License-Identifier: ISC */
/* See addr.h. RFC 5321 §4.1.2 and §4.1.3, RFC 6531 §3.3. */
#include "mail/addr.h"

#include <arpa/inet.h>

#include "base/escape.h"
#include "mail/domain.h"

#define TAG_MAX 64

const char *addr_trouble_text(enum addr_trouble t)
{
	switch (t) {
	case ADDR_OK:
		return "fine";
	case ADDR_SYNTAX:
		return "not a mailbox: local-part@domain is wanted";
	case ADDR_LOCAL_LONG:
		return "local part is longer than 64 octets";
	case ADDR_DOMAIN_LONG:
		return "domain is longer than 255 octets or a label than 63";
	case ADDR_DOMAIN_SYNTAX:
		return "not a domain name";
	case ADDR_LONG:
		return "address is longer than 254 octets";
	case ADDR_LITERAL_SYNTAX:
		return "no IP address between the brackets";
	case ADDR_NO_MEMORY:
		return "out of memory";
	case ADDR_NO_IDNA:
		return "postern-idna.so is not installed";
	}
	return "";
}

bool addr_is_our_trouble(enum addr_trouble t)
{
	return t == ADDR_NO_MEMORY || t == ADDR_NO_IDNA;
}

/* atext of RFC 5322 §3.2.3, and UTF8-non-ascii (RFC 6531 §3.3). */
static bool is_atext(char c)
{
	return ascii_is_alnum(c) || (unsigned char)c >= 0x80 ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* Dot-string = Atom *("." Atom): its length, 0 if there is none. */
static size_t dot_string(struct slice s)
{
	size_t n = 0;

	for (;;) {
		size_t atom = n;

		while (n < s.n && is_atext(s.p[n]))
			n++;
		if (n == atom)
			return 0;
		if (n == s.n || s.p[n] != '.')
			return n;
		n++;
	}
}

/* qtextSMTP: 32..126 and UTF-8; quoted-pairSMTP: a backslash and 32..126. */
static bool is_qcontent(char c, bool pair)
{
	unsigned char u = (unsigned char)c;

	return u >= ' ' && u != 127 && (u < 128 || !pair);
}

/* Quoted-string = DQUOTE *QcontentSMTP DQUOTE: its length, 0 if there is
 * none. */
static size_t quoted_string(struct slice s)
{
	size_t n = 1;

	if (s.n == 0 || s.p[0] != '"')
		return 0;
	for (; n < s.n && s.p[n] != '"'; n++) {
		bool pair = s.p[n] == '\\';

		n += pair;
		if (n == s.n || !is_qcontent(s.p[n], pair))
			return 0;
	}
	return n < s.n ? n + 1 : 0;
}

/* What a Quoted-string says. */
static struct slice unquote(struct slice quoted, struct arena *arena)
{
	struct slice inside = slice_from(slice_upto(quoted, quoted.n - 1), 1);
	struct slice copy = arena_copy(arena, inside);
	char *p = (char *)copy.p;
	size_t n = 0;

	for (size_t i = 0; p && i < copy.n; i++) {
		i += p[i] == '\\';
		p[n++] = p[i];
	}
	return (struct slice){ p, n };
}

/* Local-part = Dot-string / Quoted-string, off the front of *rest. */
static enum addr_trouble parse_local(struct slice *rest, struct arena *arena,
				     struct slice *ret)
{
	size_t quoted = quoted_string(*rest);
	size_t n = quoted > 0 ? quoted : dot_string(*rest);
	struct slice local = slice_upto(*rest, n);

	if (n == 0 || !utf8_valid(local))
		return ADDR_SYNTAX;
	if (n > ADDR_LOCAL_MAX)
		return ADDR_LOCAL_LONG;
	*rest = slice_from(*rest, n);
	*ret = quoted > 0 ? unquote(local, arena) : arena_copy(arena, local);
	return ret->p ? ADDR_OK : ADDR_NO_MEMORY;
}

bool addr_literal_ip(struct slice literal, char *ret_text, size_t room,
		     int *ret_family)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	struct slice inside;

	if (literal.n < 2 || literal.p[0] != '[' ||
	    literal.p[literal.n - 1] != ']')
		return false;
	inside = slice_from(slice_upto(literal, literal.n - 1), 1);
	*ret_family = AF_INET;
	if (slice_starts_nocase(inside, SLICE("IPv6:"))) {
		inside = slice_from(inside, 5);
		*ret_family = AF_INET6;
	}
	if (inside.n >= room || slice_find(inside, '\0') < inside.n)
		return false;
	memcpy(ret_text, inside.p, inside.n);
	ret_text[inside.n] = '\0';
	return inet_pton(*ret_family, ret_text, bytes) == 1;
}

/* address-literal; General-address-literal has no registered tag but IPv6. */
static enum addr_trouble parse_literal(struct slice s, struct arena *arena,
				       struct addr *a)
{
	char text[TAG_MAX];
	int family;

	if (!addr_literal_ip(s, text, sizeof(text), &family))
		return ADDR_LITERAL_SYNTAX;
	a->kind = ADDR_LITERAL;
	a->domain = a->ascii = family == AF_INET
				       ? arena_printf(arena, "[%s]", text)
				       : arena_printf(arena, "[IPv6:%s]", text);
	return a->domain.p ? ADDR_OK : ADDR_NO_MEMORY;
}

static enum addr_trouble parse_domain(struct slice s, struct arena *arena,
				      struct addr *a)
{
	enum addr_trouble t;

	if (s.n > 0 && s.p[0] == '[')
		return parse_literal(s, arena, a);
	a->kind = ADDR_NAME;
	t = addr_domain_ascii(s, arena, &a->ascii);
	if (t != ADDR_OK)
		return t;
	a->domain = a->ascii;
	if (!ascii_only(s)) {
		a->utf8 = true;
		t = domain_unicode(a->ascii, arena, &a->domain);
	}
	return t;
}

/* As a path, whichever way the domain is written; `local` as it was given. */
static bool is_long(const struct addr *a, size_t local)
{
	size_t domain = a->domain.n > a->ascii.n ? a->domain.n : a->ascii.n;

	return local + 1 + domain > ADDR_PATH_MAX - 2;
}

enum addr_trouble addr_parse(struct slice s, bool bare, struct arena *arena,
			     struct addr *ret)
{
	struct addr a = { .kind = ADDR_NO_DOMAIN };
	size_t whole = s.n;
	enum addr_trouble t = parse_local(&s, arena, &a.local);
	size_t local = whole - s.n;

	if (t != ADDR_OK)
		return t;
	a.utf8 = !ascii_only(a.local);
	if (s.n == 0 && bare)
		a.domain = a.ascii = SLICE("");
	else if (s.n == 0 || s.p[0] != '@')
		return ADDR_SYNTAX;
	else
		t = parse_domain(slice_from(s, 1), arena, &a);
	if (t == ADDR_OK && is_long(&a, local))
		t = ADDR_LONG;
	if (t == ADDR_OK)
		*ret = a;
	return t;
}

static int put_quoted(struct buf *b, struct slice local)
{
	int r = buf_put_byte(b, '"');

	for (size_t i = 0; i < local.n && r == 0; i++) {
		if (local.p[i] == '"' || local.p[i] == '\\')
			r = buf_put_byte(b, '\\');
		if (r == 0)
			r = buf_put_byte(b, local.p[i]);
	}
	return r == 0 ? buf_put_byte(b, '"') : r;
}

struct slice addr_text(const struct addr *a, bool ascii, struct arena *arena)
{
	bool plain = a->local.n > 0 && dot_string(a->local) == a->local.n;
	struct buf text = BUF(2 * (ADDR_LOCAL_MAX + ADDR_DOMAIN_MAX));
	struct slice copy = SLICE_NONE;
	int r = plain ? buf_put(&text, a->local) : put_quoted(&text, a->local);

	if (r == 0 && a->kind != ADDR_NO_DOMAIN) {
		r = buf_put_byte(&text, '@');
		if (r == 0)
			r = buf_put(&text, ascii ? a->ascii : a->domain);
	}
	if (r == 0)
		copy = arena_copy(arena, buf_slice(&text));
	buf_done(&text);
	return copy;
}

bool addr_same(const struct addr *a, const struct addr *b)
{
	return a->kind == b->kind && slice_eq(a->local, b->local) &&
	       slice_eq_nocase(a->ascii, b->ascii);
}

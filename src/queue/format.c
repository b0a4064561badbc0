/* SPDX-License-Identifier: ISC */
/* The envelope's text: queue_format and queue_parse of format.h. A recipient's
 * state is in state.c. */
#include "queue/format.h"

#include <inttypes.h>

#include "queue/field.h"

#define IN_PATH "<>"  /* within <> */
#define IN_LINE ""    /* alone on its line */
#define IN_WORD " <>" /* between blanks */

/* ---- writing ---- */

static int put_line(struct buf *b, const char *key, struct slice value)
{
	int r;

	if (value.n == 0)
		return 0;
	r = buf_printf(b, "%s: ", key);
	if (r == 0)
		r = field_put(b, value, IN_LINE, SIZE_MAX);
	return r < 0 ? r : buf_put_byte(b, '\n');
}

static int put_path(struct buf *b, const char *before, struct slice path,
		    const char *after)
{
	int r = buf_put(b, slice_of(before));

	if (r == 0)
		r = field_put(b, path, IN_PATH, SIZE_MAX);
	return r < 0 ? r : buf_put(b, slice_of(after));
}

static const struct {
	const char *word;
	unsigned bit;
} notify_words[] = {
	{ "never", DSN_NEVER },
	{ "success", DSN_SUCCESS },
	{ "failure", DSN_FAILURE },
	{ "delay", DSN_DELAY },
};

static int put_notify(struct buf *b, unsigned notify)
{
	const char *before = " notify=";
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(notify_words) && r == 0; i++)
		if (notify & notify_words[i].bit) {
			r = buf_printf(b, "%s%s", before, notify_words[i].word);
			before = ",";
		}
	return r;
}

static int put_recipient(struct buf *b, size_t start, struct recipient *to)
{
	char state[QUEUE_STATE_BYTES];
	int r = put_path(b, "to: <", to->address, ">");

	if (r == 0)
		r = put_notify(b, to->notify);
	if (r == 0 && to->orcpt.n > 0)
		r = buf_put(b, SLICE(" orcpt="));
	if (r == 0)
		r = field_put(b, to->orcpt, IN_WORD, SIZE_MAX);
	if (r == 0 && to->original.n > 0) {
		r = buf_put(b, SLICE(" original="));
		if (r == 0)
			r = field_put(b, to->original, IN_WORD, SIZE_MAX);
	}
	if (r == 0)
		r = buf_put(b, to->final ? SLICE(" final\n") : SLICE("\n"));
	if (r < 0)
		return r;
	to->slot = b->n - start;
	queue_state_format(to, state);
	return buf_put(b, (struct slice){ state, sizeof(state) });
}

static int put_wishes(struct buf *b, const struct envelope *env)
{
	int r = put_line(b, "envid", env->envid);

	if (r == 0 && env->ret != DSN_RET_UNSAID)
		r = buf_put(b, env->ret == DSN_RET_FULL ? SLICE("ret: full\n")
							: SLICE("ret: hdrs\n"));
	if (r == 0 && env->eight_bit)
		r = buf_put(b, SLICE("body: 8bitmime\n"));
	if (r == 0 && env->smtputf8)
		r = buf_put(b, SLICE("smtputf8: yes\n"));
	if (r == 0 && env->requiretls)
		r = buf_put(b, SLICE("requiretls: yes\n"));
	if (r == 0 && env->tls_optional)
		r = buf_put(b, SLICE("tls: optional\n"));
	return r;
}

static int put_message(struct buf *b, const struct envelope *env)
{
	int r = buf_printf(b, QUEUE_MAGIC "octets: %0*" PRIu64 "\n",
			   QUEUE_OCTETS_DIGITS, env->octets);

	if (r == 0)
		r = put_line(b, "id", env->id);
	if (r == 0)
		r = buf_put(b, SLICE("arrived: "));
	if (r == 0)
		r = stamp_put(b, env->arrived_us);
	if (r == 0)
		r = put_path(b, "\nfrom: <", env->from, ">\n");
	if (r == 0)
		r = put_wishes(b, env);
	if (r == 0)
		r = put_line(b, "peer", env->peer);
	return r < 0 ? r : put_line(b, "login", env->login);
}

int queue_format(struct buf *b, struct envelope *env)
{
	size_t start = b->n;
	int r = put_message(b, env);

	for (size_t i = 0; i < env->n_to && r == 0; i++)
		r = put_recipient(b, start, &env->to[i]);
	if (r == 0)
		r = buf_put_byte(b, '\n');
	if (r < 0)
		b->n = start;
	return r;
}

/* ---- parsing ---- */

struct parse {
	struct slice text; /* the envelope, its last LF included */
	size_t at;
	struct arena *arena;
	struct envelope *env;
	unsigned seen; /* keys, by their place in the table */
};

typedef int take(struct parse *p, struct slice value);

/* What stands between < and the next >; *rest is what follows. */
static int take_path(struct parse *p, struct slice *rest, struct slice *ret)
{
	size_t end = slice_find(*rest, '>');

	if (rest->n == 0 || rest->p[0] != '<' || end == rest->n)
		return -EBADMSG;
	*ret = SLICE_NONE;
	if (end > 1) {
		struct slice inside = { rest->p + 1, end - 1 };
		int r = field_take(inside, p->arena, ret);

		if (r < 0)
			return r;
	}
	*rest = slice_from(*rest, end + 1);
	return 0;
}

static int take_octets(struct parse *p, struct slice value)
{
	if (value.n != QUEUE_OCTETS_DIGITS ||
	    slice_number(value, 0, UINT64_MAX, &p->env->octets) < 0)
		return -EBADMSG;
	return 0;
}

static int take_id(struct parse *p, struct slice value)
{
	return field_take(value, p->arena, &p->env->id);
}

static int take_arrived(struct parse *p, struct slice value)
{
	return stamp_take(value, &p->env->arrived_us);
}

static int take_from(struct parse *p, struct slice value)
{
	int r = take_path(p, &value, &p->env->from);

	return r == 0 && value.n > 0 ? -EBADMSG : r;
}

static int take_envid(struct parse *p, struct slice value)
{
	return field_take(value, p->arena, &p->env->envid);
}

static int take_ret(struct parse *p, struct slice value)
{
	bool full = slice_eq(value, SLICE("full"));

	p->env->ret = full ? DSN_RET_FULL : DSN_RET_HDRS;
	return full || slice_eq(value, SLICE("hdrs")) ? 0 : -EBADMSG;
}

static int take_body(struct parse *p, struct slice value)
{
	p->env->eight_bit = true;
	return slice_eq(value, SLICE("8bitmime")) ? 0 : -EBADMSG;
}

static int take_smtputf8(struct parse *p, struct slice value)
{
	p->env->smtputf8 = true;
	return slice_eq(value, SLICE("yes")) ? 0 : -EBADMSG;
}

static int take_requiretls(struct parse *p, struct slice value)
{
	p->env->requiretls = true;
	return slice_eq(value, SLICE("yes")) ? 0 : -EBADMSG;
}

static int take_tls(struct parse *p, struct slice value)
{
	p->env->tls_optional = true;
	return slice_eq(value, SLICE("optional")) ? 0 : -EBADMSG;
}

static int take_peer(struct parse *p, struct slice value)
{
	return field_take(value, p->arena, &p->env->peer);
}

static int take_login(struct parse *p, struct slice value)
{
	return field_take(value, p->arena, &p->env->login);
}

static int take_notify(struct slice words, unsigned *ret)
{
	struct slice word;

	while (slice_field(&words, ',', &word)) {
		size_t i = 0;

		while (i < ARRAY_LEN(notify_words) &&
		       !slice_eq(word, slice_of(notify_words[i].word)))
			i++;
		if (i == ARRAY_LEN(notify_words))
			return -EBADMSG;
		*ret |= notify_words[i].bit;
	}
	return 0;
}

static int take_wish(struct parse *p, struct slice word, struct recipient *to)
{
	size_t eq = slice_find(word, '=');
	struct slice value = slice_from(word, eq + 1);

	if (slice_starts(word, SLICE("notify=")))
		return take_notify(value, &to->notify);
	if (slice_starts(word, SLICE("orcpt=")))
		return field_take(value, p->arena, &to->orcpt);
	if (slice_starts(word, SLICE("original=")))
		return field_take(value, p->arena, &to->original);
	to->final = true;
	return slice_eq(word, SLICE("final")) ? 0 : -EBADMSG;
}

static int take_to(struct parse *p, struct slice value)
{
	struct recipient *to = &p->env->to[p->env->n_to];
	int r = take_path(p, &value, &to->address);
	struct slice word;

	while (r == 0 && (word = slice_word(&value)).n > 0)
		r = take_wish(p, word, to);
	if (r < 0)
		return r;
	to->slot = p->at;
	p->at += QUEUE_STATE_BYTES;
	if (p->at > p->text.n)
		return -EBADMSG;
	p->env->n_to++;
	return queue_state_parse(
		slice_upto(slice_from(p->text, to->slot), QUEUE_STATE_BYTES),
		p->arena, to);
}

static const struct {
	const char *key;
	take *take;
	bool must;
	bool many;
} keys[] = {
	{ .key = "octets: ", .take = take_octets, .must = true },
	{ .key = "id: ", .take = take_id, .must = true },
	{ .key = "arrived: ", .take = take_arrived, .must = true },
	{ .key = "from: ", .take = take_from, .must = true },
	{ .key = "envid: ", .take = take_envid },
	{ .key = "ret: ", .take = take_ret },
	{ .key = "body: ", .take = take_body },
	{ .key = "smtputf8: ", .take = take_smtputf8 },
	{ .key = "requiretls: ", .take = take_requiretls },
	{ .key = "tls: ", .take = take_tls },
	{ .key = "peer: ", .take = take_peer },
	{ .key = "login: ", .take = take_login },
	{ .key = "to: ", .take = take_to, .must = true, .many = true },
};

static int take_line(struct parse *p, struct slice line)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct slice key = slice_of(keys[i].key);

		if (!slice_starts(line, key))
			continue;
		if (p->seen & 1U << i && !keys[i].many)
			return -EBADMSG;
		p->seen |= 1U << i;
		return keys[i].take(p, slice_from(line, key.n));
	}
	return -EBADMSG;
}

static int take_lines(struct parse *p)
{
	int r = 0;

	while (r == 0 && p->at < p->text.n) {
		struct slice rest = slice_from(p->text, p->at);
		size_t n = slice_find(rest, '\n');

		p->at += n + 1;
		r = take_line(p, slice_upto(rest, n));
	}
	for (size_t i = 0; i < ARRAY_LEN(keys) && r == 0; i++)
		if (keys[i].must && !(p->seen & 1U << i))
			r = -EBADMSG;
	return r;
}

/* Each recipient has its state line, so there can be no more than this. */
static struct recipient *make_room(struct slice text, struct arena *arena)
{
	size_t most = text.n / QUEUE_STATE_BYTES + 1;

	return arena_alloc(arena, most * sizeof(struct recipient));
}

int queue_parse(struct slice text, struct arena *arena, struct envelope *ret,
		size_t *ret_length)
{
	struct slice magic = SLICE(QUEUE_MAGIC);
	struct envelope env = { .n_to = 0 };
	struct parse p = { .at = magic.n, .arena = arena, .env = &env };
	const char *end = text.n ? memmem(text.p, text.n, "\n\n", 2) : NULL;
	int r;

	if (!end || !slice_starts(text, magic))
		return -EBADMSG;
	p.text = slice_upto(text, (size_t)(end - text.p) + 1);
	if (p.text.n >= QUEUE_HEAD_MAX)
		return -EBADMSG;
	env.to = make_room(p.text, arena);
	if (!env.to)
		return -ENOMEM;
	r = take_lines(&p);
	if (r < 0)
		return r;
	*ret = env;
	*ret_length = p.text.n + 1;
	return 0;
}

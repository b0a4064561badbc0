/* SPDX-License-Identifier: ISC */
/* See play.h. */
#include "play.h"

#include <assert.h>
#include <fcntl.h>

#include "recorder.h"
#include "session.h"

struct performance {
	const struct play *play;
	size_t number;
	const char *path;
	int result;
	bool ended; /* and marked as such, before the process was done */
};

const struct step *play_step(const struct play *p, size_t number)
{
	return number == INNER ? &p->inner : &p->steps[number];
}

static enum message_id only(uint32_t messages)
{
	assert(messages != 0);
	return (enum message_id)__builtin_ctz(messages);
}

bool play_wanted(const struct play *p, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (slice_starts(slice_of(p->name), slice_of(*names)))
			return true;
	return false;
}

/* ---- the steps ---- */

/* Marks stand around what is promised: the login before a deletion is not
 * part of it. */
static void mark(const struct performance *f, enum op_kind kind)
{
	(void)recorder_note(&(struct op){
		.kind = kind, .step = f->number, .result = f->result });
}

/* The deletion is promised before anything of the mailbox moves; what becomes
 * of that is nobody's business but the next opener's. */
static void finish(struct performance *f, struct maildrop *m)
{
	f->result = 0;
	mark(f, OP_END);
	f->ended = true;
	ignore(maildrop_finish(m));
}

static int expunge(struct performance *f, struct store *s, uint32_t messages)
{
	struct maildrop *m;
	bool *marked;
	int r = session_open(s, &m);

	if (r < 0)
		return r;
	marked = calloc(maildrop_count(m) + 1, sizeof(*marked));
	assert(marked);
	r = session_find(m, messages, marked);
	if (r == 0) {
		mark(f, OP_BEGIN);
		r = maildrop_expunge(m, marked);
	}
	if (r == 0)
		finish(f, m);
	free(marked);
	maildrop_close(m);
	return r;
}

static int login(struct store *s)
{
	struct maildrop *m;
	int r = session_open(s, &m);

	if (r == 0)
		maildrop_close(m);
	return r;
}

static int perform(struct performance *f, struct store *s,
		   const struct step *step)
{
	if (step->kind == STEP_EXPUNGE)
		return expunge(f, s, step->messages);
	mark(f, OP_BEGIN);
	switch (step->kind) {
	case STEP_APPEND:
		return session_append(s, only(step->messages));
	case STEP_FORGET:
		return session_forget(s, only(step->messages));
	case STEP_FOREIGN:
		return session_foreign(f->path, only(step->messages));
	default:
		return login(s);
	}
}

static void work(void *context)
{
	struct performance *f = context;
	struct store *s = session_store(f->path, f->play->dotlock);

	trouble_begin();
	f->result = perform(f, s, play_step(f->play, f->number));
	trouble_end();
	if (!f->ended)
		mark(f, OP_END);
	store_close(s);
}

bool play_perform(const struct play *p, size_t number, const char *path,
		  int *ret_result)
{
	struct performance f = { .play = p, .number = number, .path = path };
	bool lived = recorder_process(work, &f);

	if (lived && ret_result)
		*ret_result = f.result;
	return lived;
}

bool play_all(const struct play *p, const char *path)
{
	for (size_t i = 0; i < STEPS_MOST; i++)
		if (p->steps[i].kind != STEP_NONE &&
		    !play_perform(p, i, path, NULL))
			return false;
	return true;
}

void play_prepare(const struct play *p, const char *path)
{
	struct play before = { .name = p->name, .dotlock = p->dotlock };
	int result = 0;

	recorder_off();
	recorder_at_nothing();
	session_choose(p->in_folder);
	session_stage(path);
	for (enum message_id id = 0; id < MESSAGES; id++) {
		if (!(p->before & BIT(id)))
			continue;
		before.steps[0] =
			(struct step){ message(id)->foreign ? STEP_FOREIGN
							    : STEP_APPEND,
				       BIT(id) };
		if (!play_perform(&before, 0, path, &result) || result < 0) {
			printf("%s: cannot set the stage: %s: %d\n", p->name,
			       message_title(id), result);
			exit(1);
		}
	}
}

/* ---- what to expect ---- */

static void begin(const struct step *s, struct fates *f, struct fates *before)
{
	*before = *f;
	for (enum message_id id = 0; id < MESSAGES; id++) {
		if (!(s->messages & BIT(id)))
			continue;
		if (s->kind == STEP_EXPUNGE)
			f->of[id] = FATE_GROUP;
		else if (s->kind == STEP_FORGET)
			f->repeat[id] = false;
		else if (f->of[id] == FATE_ABSENT && !f->acknowledged[id])
			f->of[id] = FATE_MAYBE;
		if (s->kind == STEP_APPEND)
			f->repeat[id] = message(id)->once.n > 0;
	}
}

static void succeed(const struct step *s, struct fates *f)
{
	for (enum message_id id = 0; id < MESSAGES; id++) {
		if (!(s->messages & BIT(id)))
			continue;
		if (s->kind == STEP_EXPUNGE)
			f->of[id] = FATE_ABSENT;
		if (s->kind != STEP_APPEND && s->kind != STEP_FOREIGN)
			continue;
		/* a repetition brings nothing back that was deleted */
		if (!f->acknowledged[id])
			f->of[id] = FATE_PRESENT;
		f->acknowledged[id] = true;
		f->failed[id] = false;
	}
}

/* Nothing has come of it, but for a deletion, which the next opener may
 * complete. */
static void fail(const struct step *s, struct fates *f,
		 const struct fates *before)
{
	if (s->kind != STEP_APPEND && s->kind != STEP_FOREIGN)
		return;
	for (enum message_id id = 0; id < MESSAGES; id++)
		if (s->messages & BIT(id)) {
			f->of[id] = before->of[id];
			f->failed[id] = true;
		}
}

void play_fates(const struct play *p, const struct log *l, size_t n,
		struct fates *ret)
{
	struct fates before[STEPS_MOST + 1];

	*ret = (struct fates){ 0 };
	for (enum message_id id = 0; id < MESSAGES; id++)
		if (p->before & BIT(id))
			ret->of[id] = FATE_PRESENT;
	for (size_t i = 0; i < n; i++) {
		const struct op *o = &l->ops[i];
		const struct step *s;

		if (o->kind < OP_BEGIN)
			continue;
		s = play_step(p, o->step);
		if (o->kind == OP_BEGIN)
			begin(s, ret, &before[o->step]);
		else if (o->result == 0)
			succeed(s, ret);
		else
			fail(s, ret, &before[o->step]);
	}
}

void play_doubt(struct fates *f, bool named_only)
{
	for (enum message_id id = 0; id < MESSAGES; id++)
		if (f->failed[id] && f->of[id] == FATE_ABSENT &&
		    (!named_only || message(id)->once.n > 0))
			f->of[id] = FATE_MAYBE;
}

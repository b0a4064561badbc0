/* SPDX-License-Identifier: ISC */
/* See scene.h. */
#include "scene.h"

#include <assert.h>
#include <sys/stat.h>

#include "recorder.h"
#include "seen.h"
#include "session.h"

#define FAILURES_MOST 2 /* of one scene: that says it */

/* One state: the scene cut at `cut`. */
struct state {
	struct scene *scene;
	struct disk disk;
	const uint16_t *choice; /* NULL: as the cache had it */
	size_t cut;
	size_t partial; /* octets of the operation that was cut off */
	bool power;
	const char *what;
	struct fates fates;
	struct seen seen;
};

static void make_tree(const struct state *s, struct tree *ret)
{
	const struct op *o = &s->scene->log.ops[s->cut];
	struct node *n;
	uint64_t end;
	char *p;

	disk_tree(&s->disk, s->choice, ret);
	if (s->partial == 0)
		return;
	n = tree_node(ret, o->inode);
	end = o->at + s->partial;
	if (end < n->content.n)
		end = n->content.n;
	p = calloc(1, end + 1);
	assert(n && p);
	memcpy(p, n->content.p, n->content.n);
	memcpy(p + o->at, o->data.p, s->partial);
	free((char *)(uintptr_t)n->content.p);
	n->content = (struct slice){ p, end };
	n->times = o->times;
}

/* ---- telling ---- */

static void describe(const void *context)
{
	const struct state *s = context;

	printf("play: %s%s\n%s before operation %zu", s->scene->play->name,
	       s->scene->history, s->power ? "power cut" : "kill -9", s->cut);
	if (s->partial > 0)
		printf(", of which %zu octets were written", s->partial);
	printf("; %s\n", s->what);
}

static void report(const struct state *s, const struct tree *t,
		   const struct verdict *v)
{
	struct show *show = s->scene->show;
	const struct log *l = &s->scene->log;
	char kept[256];

	show->failures++;
	s->scene->failures++;
	printf("\nFAILED: %s\n", v->why);
	describe(s);
	log_print(l, s->cut > 40 ? s->cut - 40 : 0, s->cut);
	printf("  ---- cut here ----\n");
	log_print(l, s->cut, s->cut + 4);
	if (s->choice)
		disk_print(&s->disk, s->choice);
	stage_keep(&show->stage, show->failures, kept);
	tree_put(t, kept);
	printf("as it was found: %s\n", kept);
	(void)fflush(stdout); /* somebody may wait for it */
}

/* ---- the crash after the crash ---- */

/* What the next process begins with. */
static struct step next_step(const struct state *s)
{
	uint64_t n = dice_roll(&s->scene->show->dice, 3);

	if (n == 0)
		return (struct step){ STEP_LOGIN, 0 };
	if (n == 1 && s->fates.repeat[NEW_NAMED])
		return (struct step){ STEP_APPEND, BIT(NEW_NAMED) };
	return (struct step){ STEP_APPEND, BIT(AFTERWARDS) };
}

static size_t free_step(const struct play *p)
{
	size_t n = 0;

	while (p->steps[n].kind != STEP_NONE)
		n++;
	assert(n < STEPS_MOST);
	return n;
}

static bool has_foreign(const struct play *p)
{
	for (size_t n = free_step(p); n-- > 0;)
		if (p->steps[n].kind == STEP_FOREIGN)
			return true;
	return p->inner.kind == STEP_FOREIGN;
}

/* Others may come before we do: what a crash left is still there then. */
static void perform_next(const struct state *s, struct play *p)
{
	const char *path = s->scene->show->stage.path;
	size_t number = free_step(p);
	char mailbox[256];

	session_file(path, mailbox);
	if (!has_foreign(p) && number + 1 < STEPS_MOST &&
	    access(mailbox, F_OK) == 0 &&
	    dice_roll(&s->scene->show->dice, 3) == 0) {
		p->steps[number] =
			(struct step){ STEP_FOREIGN, BIT(NEW_FOREIGN) };
		(void)play_perform(p, number, path, NULL);
		number++;
	}
	p->steps[number] = next_step(s);
	(void)play_perform(p, number, path, NULL);
}

/* What was written before a kill is still not flushed; a power cut ends that:
 * the disk begins anew with what was found on it. */
static void begin_again(const struct state *s, const struct tree *t,
			struct scene *ret)
{
	log_copy(&ret->log, &s->scene->log, s->cut, s->power);
	if (s->partial > 0) {
		struct op o = s->scene->log.ops[s->cut];

		o.data.n = s->partial;
		log_add(&ret->log, &o);
	}
	ret->from = ret->log.n;
	if (s->power)
		ret->base = t;
	(void)snprintf(ret->history, sizeof(ret->history),
		       "; %s before operation %zu (%s, %zu octets)",
		       s->power ? "power cut" : "kill -9", s->cut, s->what,
		       s->partial);
}

static void crash_again(const struct state *s, const struct tree *t)
{
	const struct show *show = s->scene->show;
	struct play play = *s->scene->play;
	struct scene again = *s->scene;

	again.play = &play;
	again.again = true;
	again.log = (struct log){ 0 };
	again.boot += s->power;
	begin_again(s, t, &again);
	tree_put(t, show->stage.path);
	recorder_set_boot(again.boot);
	recorder_on(&again.log);
	perform_next(s, &play);
	recorder_off();
	tree_clear(show->stage.path);
	scene_cut(&again);
	s->scene->failures = again.failures;
	log_reset(&again.log);
}

/* ---- one state ---- */

static bool is_new(struct state *s)
{
	uint64_t h = disk_hash(&s->disk, s->choice);

	h = seen_mix(h, &s->fates, sizeof(s->fates));
	h = seen_mix(h, &s->partial, sizeof(s->partial));
	return seen_add(&s->seen, seen_mix(h, &s->power, sizeof(s->power)));
}

static bool is_crashed_again(const struct scene *scene)
{
	struct show *show = scene->show;

	return !scene->again && show->budget.twice > 0 &&
	       dice_roll(&show->dice, show->budget.twice) == 0;
}

static void show_state(struct state *s)
{
	struct scene *scene = s->scene;
	struct show *show = scene->show;
	struct verdict verdict;
	struct tree t;

	make_tree(s, &t);
	tree_put(&t, show->stage.path);
	recorder_set_boot(scene->boot + s->power);
	stage_watch(describe, s);
	judge(show->stage.path, scene->play->dotlock, &s->fates, scene->uids,
	      show->states, &verdict);
	tree_clear(show->stage.path);
	show->states++;
	show->kills += !s->power;
	show->doubles += scene->again;
	if (!verdict.fine)
		report(s, &t, &verdict);
	else if (is_crashed_again(scene))
		crash_again(s, &t);
	tree_done(&t);
}

/* ---- all states ---- */

static bool show_choice(void *context, const uint16_t *choice, const char *what)
{
	struct state *s = context;

	s->choice = choice;
	s->what = what;
	if (is_new(s))
		show_state(s);
	return s->scene->failures < FAILURES_MOST;
}

static void cut_power(struct state *s)
{
	struct show *show = s->scene->show;
	const struct budget *b =
		s->scene->again ? &show->budget_again : &show->budget;

	s->power = true;
	cuts_each(&s->disk, b->all, b->most, &show->dice, show_choice, s);
}

static void kill_here(struct state *s, size_t partial)
{
	s->power = false;
	s->partial = partial;
	(void)show_choice(s, NULL, "as the cache had it");
	s->partial = 0;
}

/* A signal ends a large write where the kernel looks for one. */
static void kill_in_write(struct state *s)
{
	const struct op *o = &s->scene->log.ops[s->cut];
	size_t page = 4096 - o->at % 4096;

	if (o->kind != OP_WRITE)
		return;
	if (o->data.n > 2) {
		kill_here(s, 1);
		kill_here(s, o->data.n / 2);
		kill_here(s, o->data.n - 1);
	}
	for (size_t n = page; n < o->data.n; n += 16384)
		kill_here(s, n);
}

/* Programs of others are let finish: see session_foreign. */
static bool is_foreign(const struct scene *s, size_t cut)
{
	for (size_t i = cut; i-- > 0;) {
		const struct op *o = &s->log.ops[i];

		if (o->kind >= OP_BEGIN)
			return o->kind == OP_BEGIN &&
			       play_step(s->play, o->step)->kind ==
				       STEP_FOREIGN;
	}
	return false;
}

static void show_cut(struct state *s)
{
	const struct scene *scene = s->scene;

	play_fates(scene->play, &scene->log, s->cut, &s->fates);
	if (scene->doubtful) {
		play_doubt(&s->fates, false);
	} else {
		kill_here(s, 0);
		if (s->cut < scene->log.n)
			kill_in_write(s);
	}
	cut_power(s);
}

void scene_stage(const struct show *show, const struct play *p, unsigned boot,
		 struct tree *ret, struct uids *ret_uids)
{
	const char *path = show->stage.path;

	recorder_set_boot(boot);
	play_prepare(p, path);
	judge_uids(path, p->dotlock, ret_uids);
	tree_clear(path);
	play_prepare(p, path);
	tree_capture(path, ret);
	tree_clear(path);
}

void scene_cut(struct scene *scene)
{
	struct state s = { .scene = scene };

	disk_start(&s.disk, scene->base, &scene->log);
	for (; s.cut <= scene->log.n && scene->failures < FAILURES_MOST;
	     s.cut++) {
		if (s.cut >= scene->from && !is_foreign(scene, s.cut))
			show_cut(&s);
		if (s.cut < scene->log.n)
			disk_step(&s.disk);
	}
	disk_done(&s.disk);
	seen_done(&s.seen);
}

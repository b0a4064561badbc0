/* SPDX-License-Identifier: ISC */
/* The crash model: gives every play, cuts it off at every operation in every
 * way that the model of the disk allows, and has the mailbox judged.
 *
 * usage: crash-states [NAME]...; each play whose name begins so
 * POSTERN_CRASH_STATES: about how many states; POSTERN_CRASH_SEED */
#include <sys/stat.h>

#include "plays.h"
#include "recorder.h"
#include "scene.h"

#define STATES_USUAL 4000
#define STATES_FULL  60000 /* from here on chance has little to say */
#define BOOT         1U    /* of the play's start */

static struct show show;

/* ---- giving a play ---- */

static void begin(const struct scene *s)
{
	tree_put(s->base, show.stage.path);
	recorder_set_boot(s->boot);
}

static void give_plain(struct scene *s)
{
	begin(s);
	recorder_on(&s->log);
	(void)play_all(s->play, show.stage.path);
	recorder_off();
	tree_clear(show.stage.path);
	scene_cut(s);
}

/* ---- two processes at a time ---- */

struct inner {
	struct scene *scene;
	size_t lives; /* dies after so many operations */
	int result;
	size_t began, length;
	bool performed, lived;
};

static void die(void *context)
{
	recorder_die();
}

static void perform_inner(void *context)
{
	struct inner *i = context;

	i->performed = true;
	i->began = i->scene->log.n;
	if (i->lives < SIZE_MAX)
		recorder_at(i->began + i->lives, die, NULL);
	i->lived = play_perform(i->scene->play, INNER, show.stage.path,
				&i->result);
	recorder_at_nothing();
	i->length = i->scene->log.n - i->began;
}

/* The other process has its turn before operation `at` of the first. */
static void give_within(const struct scene *model, size_t at, struct inner *i)
{
	struct scene s = *model;

	s.log = (struct log){ 0 };
	i->scene = &s;
	begin(&s);
	recorder_on(&s.log);
	recorder_at(at, perform_inner, i);
	(void)play_all(s.play, show.stage.path);
	recorder_off();
	recorder_at_nothing();
	tree_clear(show.stage.path);
	s.from = i->began;
	(void)snprintf(s.history, sizeof(s.history),
		       "; the other before operation %zu, %s", at,
		       i->lived ? "alive" : "killed");
	/* locked out: nothing new comes of it */
	if (i->performed && (!i->lived || i->result == 0))
		scene_cut(&s);
	log_reset(&s.log);
}

static void give_at(const struct scene *model, size_t at)
{
	struct inner alive = { .lives = SIZE_MAX };

	give_within(model, at, &alive);
	if (!alive.performed || alive.result != 0 ||
	    model->play->inner.kind == STEP_FOREIGN)
		return;
	for (size_t n = 2; n < alive.length; n++) {
		struct inner dies = { .lives = n };

		if (dice_roll(&show.dice, 3) == 0)
			give_within(model, at, &dies);
	}
}

static size_t length_of(const struct scene *model)
{
	struct scene s = *model;
	size_t n;

	s.log = (struct log){ 0 };
	begin(&s);
	recorder_on(&s.log);
	(void)play_all(s.play, show.stage.path);
	recorder_off();
	tree_clear(show.stage.path);
	n = s.log.n;
	log_reset(&s.log);
	return n;
}

/* ---- all of them ---- */

/* Every combination of some ten units at each cut of a plain play, when there
 * is time; plays of two processes are many by themselves. */
static void set_budget(bool plain)
{
	bool full = show.wanted >= STATES_FULL;
	size_t n = show.wanted;

	if (plain)
		show.budget = (struct budget){ full ? 1024 : 16, n / 1600,
					       full ? 40 : 200 };
	else
		show.budget = (struct budget){ full ? 32 : 8, n / 16000,
					       full ? 400 : 1000 };
	show.budget_again = (struct budget){ full ? 16 : 8, full ? 8 : 4, 0 };
}

/* So few of the places where another process may have its turn. */
static bool is_passed_over(void)
{
	return show.wanted < STATES_FULL &&
	       dice_roll(&show.dice, STATES_FULL) >= show.wanted * 2;
}

static void give(const struct play *p)
{
	struct tree base;
	struct uids uids;
	struct scene s = { .show = &show,
			   .play = p,
			   .base = &base,
			   .uids = &uids,
			   .boot = BOOT + p->other_boot };
	size_t before = show.states, failures = show.failures;

	set_budget(p->inner.kind == STEP_NONE);
	scene_stage(&show, p, BOOT, &base, &uids);
	if (p->inner.kind == STEP_NONE)
		give_plain(&s);
	else
		for (size_t at = 0, n = length_of(&s); at < n; at++)
			if (!is_passed_over())
				give_at(&s, at);
	printf("%-48s %6zu states, %zu failed\n", p->name, show.states - before,
	       show.failures - failures);
	(void)fflush(stdout); /* somebody may wait for it */
	log_reset(&s.log);
	tree_done(&base);
}

int main(int argc, char **argv)
{
	uint64_t seed = stage_setting("POSTERN_CRASH_SEED", 1);

	show.wanted = stage_setting("POSTERN_CRASH_STATES", STATES_USUAL);
	show.dice.state = seed;
	stage_make(&show.stage);
	for (size_t i = 0; i < plays_n; i++)
		if (play_wanted(&plays[i], argv + 1))
			give(&plays[i]);
	stage_done(&show.stage, show.failures > 0);
	printf("%zu states (%zu after kill -9, %zu after a second crash), "
	       "seed %llu, %zu failed\n",
	       show.states, show.kills, show.doubles, (unsigned long long)seed,
	       show.failures);
	return show.failures > 0 || show.states == 0;
}

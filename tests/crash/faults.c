/* SPDX-License-Identifier: ISC */
/* Fault injection: gives short plays, whose last step suffers one fault at one
 * call of it, in every way that call can fail; or that and all behind it; or
 * files that may not grow beyond some size. What the step says of itself must
 * be true, and once the trouble is over life goes on.
 *
 * usage: crash-faults [NAME]...; each play whose name begins so */
#include <sys/stat.h>

#include "plays.h"
#include "recorder.h"
#include "scene.h"

#define FAILURES_MOST 3    /* of one play: that says it */
#define RUNS_USUAL    1000 /* of 20000: one in twenty */
#define BOOT          1U

static const int errors[] = { ENOSPC, EDQUOT,     EIO,       EFBIG,
			      EINTR,  EMFILE,     ENOLCK,    ENOMEM,
			      EPERM,  SHORT_HALF, SHORT_ONE, 0 };

struct trial {
	const struct play *play;
	const struct tree *base;
	const struct uids *uids;
	size_t last; /* the step that has the trouble */
	struct log log;
	int result;
};

static struct {
	struct show show;
	size_t runs, came, failures_here;
} all;

/* ---- one run ---- */

static size_t last_step(const struct play *p)
{
	size_t n = 0;

	while (p->steps[n].kind != STEP_NONE)
		n++;
	return n - 1;
}

static void perform(struct trial *t, const struct fault *f, const char *path)
{
	log_reset(&t->log);
	tree_put(t->base, path);
	recorder_set_boot(BOOT);
	recorder_on(&t->log);
	for (size_t i = 0; i < t->last; i++)
		(void)play_perform(t->play, i, path, NULL);
	trouble_prepare(f);
	(void)play_perform(t->play, t->last, path, &t->result);
	recorder_off();
}

static void describe_fault(const struct fault *f)
{
	if (f->limited)
		printf("files of at most %llu octets",
		       (unsigned long long)f->limit_octets);
	else
		printf("call %zu of %zu (%s)%s: %s", f->at, trouble_calls(),
		       trouble_name(trouble_call(f->at)),
		       f->lasting ? " and all behind it" : "",
		       f->error == SHORT_HALF  ? "half of the octets"
		       : f->error == SHORT_ONE ? "one octet"
					       : strerrorname_np(f->error));
}

struct description {
	const struct trial *trial;
	const struct fault *fault;
};

static void describe(const void *context)
{
	const struct description *d = context;

	printf("play: %s\n", d->trial->play->name);
	describe_fault(d->fault);
	printf("; the step's result: %d\n", d->trial->result);
}

static void report(struct trial *t, const struct fault *f,
		   const struct verdict *v)
{
	char kept[256];

	all.show.failures++;
	all.failures_here++;
	printf("\nFAILED: %s\n", v->why);
	describe(&(struct description){ t, f });
	log_print(&t->log, 0, t->log.n);
	stage_keep(&all.show.stage, all.show.failures, kept);
	perform(t, f, kept);
	printf("as it was found: %s\n", kept);
	(void)fflush(stdout); /* somebody may wait for it */
}

/* When the power goes right after, what was done stays done, and what was
 * refused may be there whole. */
static void cut_power(struct trial *t)
{
	struct scene s = { .show = &all.show,
			   .play = t->play,
			   .base = t->base,
			   .uids = t->uids,
			   .log = t->log,
			   .from = t->log.n,
			   .boot = BOOT,
			   .again = true,
			   .doubtful = true,
			   .history = ", a call of which failed" };

	scene_cut(&s);
	all.failures_here += s.failures;
}

/* Where nothing can be undone either, what was refused may stay, whole. */
static bool is_hopeless(const struct fault *f)
{
	return f->lasting && trouble_fits(CALL_SIZE, f->error);
}

static void run(struct trial *t, const struct fault *f)
{
	const char *path = all.show.stage.path;
	const struct description d = { t, f };
	struct fates fates;
	struct verdict v;

	stage_watch(describe, &d);
	perform(t, f, path);
	play_fates(t->play, &t->log, t->log.n, &fates);
	/* a note that cannot be taken back keeps its message: tried again, the
	 * delivery is done */
	if (f->lasting)
		play_doubt(&fates, !is_hopeless(f));
	judge(path, t->play->dotlock, &fates, t->uids, all.runs, &v);
	tree_clear(path);
	all.runs++;
	all.came += trouble_came() || f->limited;
	if (!v.fine)
		report(t, f, &v);
	else
		cut_power(t);
}

/* ---- all runs ---- */

/* All of them when there is time. */
static void run_some(struct trial *t, const struct fault *f)
{
	if (dice_roll(&all.show.dice, 20000) < all.show.wanted)
		run(t, f);
}

static bool may_last(int error)
{
	/* who tries again would do so for ever, or nearly */
	return error != EINTR && error != SHORT_ONE;
}

static void fail_at(struct trial *t, size_t at, enum call call)
{
	for (size_t i = 0; errors[i] != 0; i++) {
		struct fault f = { .at = at, .error = errors[i] };

		if (!trouble_fits(call, f.error))
			continue;
		run_some(t, &f);
		f.lasting = true;
		if (may_last(f.error))
			run_some(t, &f);
	}
}

static void fail_everywhere(struct trial *t)
{
	const struct fault none = { 0 };
	enum call *made;
	size_t n;

	perform(t, &none, all.show.stage.path);
	tree_clear(all.show.stage.path);
	n = trouble_calls();
	made = calloc(n + 1, sizeof(*made));
	for (size_t at = 1; at <= n && made; at++)
		made[at] = trouble_call(at);
	for (size_t at = 1; at <= n && made; at++)
		if (all.failures_here < FAILURES_MOST)
			fail_at(t, at, made[at]);
	free(made);
}

static uint64_t mailbox_size(const struct trial *t)
{
	const struct entry *e = t->base->entries;

	for (size_t i = 0; i < t->base->entries_n; i++)
		if (strcmp(e[i].name, "alice") == 0)
			return tree_node(t->base, e[i].inode)->content.n;
	return 0;
}

static void limit_everywhere(struct trial *t)
{
	static const int around[] = { -600, -1,   0,    1,     2,    40,
				      100,  150,  200,  250,   300,  512,
				      600,  1024, 8000, 12000, 62000 };
	uint64_t size = mailbox_size(t);

	for (size_t i = 0; i < ARRAY_LEN(around) * 2; i++) {
		struct fault f = { .limited = true };
		int64_t octets = around[i / 2] + (int64_t)(i % 2 ? size : 0);

		f.limit_octets = octets < 0 ? 0 : (uint64_t)octets;
		if (all.failures_here < FAILURES_MOST)
			run_some(t, &f);
	}
}

static void give(const struct play *p)
{
	struct tree base;
	struct uids uids;
	struct trial t = {
		.play = p, .base = &base, .uids = &uids, .last = last_step(p)
	};
	size_t runs = all.runs, failures = all.show.failures;

	all.failures_here = 0;
	scene_stage(&all.show, p, BOOT, &base, &uids);
	fail_everywhere(&t);
	limit_everywhere(&t);
	printf("%-48s %6zu runs, %zu failed\n", p->name, all.runs - runs,
	       all.show.failures - failures);
	(void)fflush(stdout); /* somebody may wait for it */
	log_reset(&t.log);
	tree_done(&base);
}

int main(int argc, char **argv)
{
	all.show.wanted = stage_setting("POSTERN_CRASH_STATES", RUNS_USUAL);
	all.show.dice.state = stage_setting("POSTERN_CRASH_SEED", 1);
	all.show.budget_again = (struct budget){ 4, 4, 0 };
	stage_make(&all.show.stage);
	for (size_t i = 0; i < plays_n; i++)
		if (plays[i].inner.kind == STEP_NONE &&
		    play_wanted(&plays[i], argv + 1))
			give(&plays[i]);
	stage_done(&all.show.stage, all.show.failures > 0);
	printf("%zu runs, in %zu of them the fault came; %zu states of a power "
	       "cut right after; %zu failed\n",
	       all.runs, all.came, all.show.states, all.show.failures);
	return all.show.failures > 0 || all.runs == 0;
}

/* SPDX-License-Identifier: ISC */
/* See stage.h. */
#include "stage.h"

#include <signal.h>

#include "base/clock.h"
#include "base/slice.h"
#include "tree.h"

#define HANG_S  30
#define HOUR_US 3600000000

static struct {
	void (*describe)(const void *);
	const void *context;
} watch;

/* A process that "dies" leaves its memory behind. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

static void on_signal(int signal)
{
	printf("\nFAILED: %s\n", signal == SIGALRM ? "it hangs" : "it aborts");
	if (watch.describe)
		watch.describe(watch.context);
	fflush(stdout);
	_exit(1);
}

void stage_make(struct stage *ret)
{
	const char *dir = getenv("POSTERN_CRASH_DIR");

	if (!dir)
		dir = access("/dev/shm", W_OK) == 0 ? "/dev/shm"
						    : getenv("TMPDIR");
	(void)snprintf(ret->top, sizeof(ret->top), "%s/postern-crash-XXXXXX",
		       dir ? dir : "/tmp");
	if (!mkdtemp(ret->top)) {
		perror(ret->top);
		exit(1);
	}
	(void)snprintf(ret->path, sizeof(ret->path), "%s/mail", ret->top);
	/* nobody has to wait until files are older than a tick of the clock */
	clock_freeze(clock_real_us() + HOUR_US, clock_mono_ms());
	(void)signal(SIGABRT, on_signal);
	(void)signal(SIGALRM, on_signal);
}

void stage_keep(const struct stage *s, size_t number, char ret[256])
{
	(void)snprintf(ret, 256, "%s/failed-%zu", s->top, number);
}

void stage_done(const struct stage *s, bool kept)
{
	(void)alarm(0);
	tree_clear(kept ? s->path : s->top);
}

void stage_watch(void (*describe)(const void *), const void *context)
{
	watch.describe = describe;
	watch.context = context;
	(void)alarm(HANG_S);
}

uint64_t stage_setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	uint64_t n;

	if (!text)
		return otherwise;
	if (slice_number(slice_of(text), 0, INT64_MAX, &n) == 0)
		return n;
	printf("%s: not a number: %s\n", name, text);
	exit(64);
}

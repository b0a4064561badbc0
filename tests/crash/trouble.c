/* SPDX-License-Identifier: ISC */
/* See recorder.h, "trouble": which calls can fail how, and when one does. */
#include <assert.h>
#include <signal.h>
#include <sys/resource.h>

#include "recorder.h"

#define CALLS_MOST 8192

static struct {
	struct fault fault;
	enum call made[CALLS_MOST];
	size_t n;
	bool ready, counting, came;
} trouble;

/* clang-format off */
static const int errors[CALLS][8] = {
	[CALL_WRITE] = { ENOSPC, EDQUOT, EIO, EFBIG, EINTR, SHORT_HALF,
			 SHORT_ONE },
	[CALL_SYNC] = { EIO, ENOSPC, EDQUOT, EINTR },
	[CALL_SIZE] = { EIO, ENOSPC, EINTR },
	[CALL_CREATE] = { ENOSPC, EDQUOT, EIO, EINTR, EMFILE },
	[CALL_NAME] = { ENOSPC, EDQUOT, EIO },
	[CALL_OPEN] = { EIO, EINTR, EMFILE },
	[CALL_READ] = { EIO, EINTR, SHORT_HALF, SHORT_ONE },
	[CALL_STAT] = { EIO },
	[CALL_LOCK] = { EINTR, ENOLCK, EIO },
	[CALL_MODE] = { EIO, EINTR },
	[CALL_MAP] = { ENOMEM },
	[CALL_CLOSE] = { EIO, EINTR },
};
/* clang-format on */

bool trouble_fits(enum call call, int error)
{
	for (size_t i = 0; i < ARRAY_LEN(errors[call]); i++)
		if (errors[call][i] == error && error != 0)
			return true;
	return false;
}

static const char *const names[CALLS] = {
	[CALL_WRITE] = "write",   [CALL_SYNC] = "sync",
	[CALL_SIZE] = "truncate", [CALL_CREATE] = "create",
	[CALL_NAME] = "name",     [CALL_OPEN] = "open",
	[CALL_READ] = "read",     [CALL_STAT] = "stat",
	[CALL_LOCK] = "lock",     [CALL_MODE] = "mode, owner or times",
	[CALL_MAP] = "map",       [CALL_CLOSE] = "close",
};

const char *trouble_name(enum call call)
{
	return names[call];
}

void trouble_prepare(const struct fault *f)
{
	trouble.fault = *f;
	trouble.n = 0;
	trouble.came = false;
	trouble.ready = true;
}

/* The kernel itself: SIGXFSZ is ignored by all our programs. */
static void limit_files(rlim_t octets)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) < 0)
		abort();
	limit.rlim_cur = octets < limit.rlim_max ? octets : limit.rlim_max;
	(void)signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
		abort();
}

void trouble_begin(void)
{
	trouble.counting = trouble.ready;
	trouble.ready = false;
	if (trouble.counting && trouble.fault.limited)
		limit_files(trouble.fault.limit_octets);
}

void trouble_end(void)
{
	if (trouble.counting && trouble.fault.limited)
		limit_files(RLIM_INFINITY);
	trouble.counting = false;
}

size_t trouble_calls(void)
{
	return trouble.n;
}

bool trouble_came(void)
{
	return trouble.came;
}

enum call trouble_call(size_t i)
{
	assert(i >= 1 && i <= trouble.n && i <= CALLS_MOST);
	return trouble.made[i - 1];
}

static bool is_due(enum call call)
{
	const struct fault *f = &trouble.fault;

	if (f->at == 0 || !trouble_fits(call, f->error))
		return false;
	return trouble.n == f->at || (f->lasting && trouble.n > f->at);
}

bool recorder_gate(enum call call, size_t *n)
{
	int error = trouble.fault.error;

	if (!trouble.counting)
		return true;
	if (trouble.n < CALLS_MOST)
		trouble.made[trouble.n] = call;
	trouble.n++;
	if (!is_due(call))
		return true;
	trouble.came = true;
	if (error != SHORT_HALF && error != SHORT_ONE) {
		errno = error;
		return false;
	}
	if (n && *n > 1)
		*n = error == SHORT_ONE ? 1 : *n / 2;
	return true;
}

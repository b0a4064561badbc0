/* SPDX-License-Identifier: ISC */
/* fence-tries: a process for each state raises its fence and tries everything,
 * once on this kernel and once as on one without Landlock. */
#include "tests/fence/tries.h"

#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>

#include "base/log.h"
#include "main/fence.h"
#include "main/fence_filter.h"

static volatile sig_atomic_t trapped;

static void on_trap(int number)
{
	(void)number;
	trapped = 1;
}

bool tries_trapped(void)
{
	return trapped;
}

/* The kernel forgets Landlock: for it there is no such call. */
static int lose_landlock(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_landlock_create_ruleset,
			 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_LEN(code), code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
			       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER,
				     &program, 0, 0) < 0
		       ? -errno
		       : 0;
}

static bool refused(long r)
{
	return trapped || r == -EACCES || r == -EPERM || r == -EXDEV ||
	       r == -EAFNOSUPPORT || r == -ENOSYS || r == -EAGAIN;
}

struct count {
	unsigned passed, failed, refusals;
};

static void judge(struct scene *s, const struct state *state, bool landlock,
		  const struct try *t, struct count *count)
{
	bool must = (fence_has_filter() && (t->filtered & state->bit)) ||
		    (landlock && (t->landed & state->bit)) ||
		    (t->limited & state->bit);
	long r;
	bool is;

	trapped = 0;
	/* what a missing filter would have refused is not tried */
	if (!must && (t->any || (t->filtered & state->bit)))
		return;
	r = t->make(s, t);
	is = refused(r);
	count->refusals += must && is;
	if (is == must && (must || r >= 0)) {
		count->passed++;
		return;
	}
	count->failed++;
	(void)fprintf(stderr, "%s%s: %s: %s (%ld)\n", state->name,
		      landlock ? "" : ", without Landlock", t->name,
		      must ? "is not refused" : "fails", r);
}

static void judge_all(struct scene *s, const struct state *state, bool landlock,
		      struct count *count)
{
	for (size_t i = 0; i < needs_n; i++)
		judge(s, state, landlock, &needs[i], count);
	for (size_t i = 0; i < tries_of_files_n; i++)
		judge(s, state, landlock, &tries_of_files[i], count);
	for (size_t i = 0; i < tries_of_calls_n; i++)
		judge(s, state, landlock, &tries_of_calls[i], count);
}

/* In a process of its own; what it counted goes through the pipe. */
static _Noreturn void try_state(struct scene *s, const struct state *state,
				bool landlock, int out)
{
	struct count count = { 0 };
	int r = landlock ? 0 : lose_landlock();

	if (r == 0)
		r = state->raise(s);
	if (r < 0) {
		(void)fprintf(stderr, "%s: the fence: %s\n", state->name,
			      strerror(-r));
		_exit(1);
	}
	(void)signal(SIGSYS, on_trap);
	judge_all(s, state, landlock, &count);
	_exit(write(out, &count, sizeof(count)) == sizeof(count) ? 0 : 1);
}

static void in_state(const struct state *state, bool landlock,
		     struct count *all)
{
	struct scene s;
	struct count count = { .failed = 1 };
	int out[2];
	pid_t pid;

	scene_make(&s);
	if (pipe(out) < 0)
		exit(99);
	pid = fork();
	if (pid == 0)
		try_state(&s, state, landlock, out[1]);
	(void)close(out[1]);
	if (read(out[0], &count, sizeof(count)) != sizeof(count))
		(void)fprintf(stderr, "%s: died\n", state->name);
	(void)close(out[0]);
	(void)waitpid(pid, NULL, 0);
	scene_clear(&s);
	(void)printf("%s%s: %u refused, %u of %u as they should\n", state->name,
		     landlock ? "" : ", without Landlock", count.refusals,
		     count.passed, count.passed + count.failed);
	if (landlock && count.refusals < 30 && fence_has_filter())
		count.failed++;
	all->passed += count.passed;
	all->failed += count.failed;
}

/* ---- as it is without our handler: the log says which, and it dies ---- */

static char said[256];

static void on_event(void *context, const struct log_kind *kind,
		     const struct log_field *fields, size_t n)
{
	(void)context;
	if (n == 1 && kind->level == LOG_CRIT)
		(void)dprintf(3, "%.*s", SLICE_ARG(fields[0].value));
}

static _Noreturn void run_into_it(int out)
{
	if (dup2(out, 3) != 3 || fence_process(FENCE_POP3D, 0) < 0)
		_exit(99);
	log_set_sink(on_event, NULL);
	(void)execl("/bin/true", "true", (char *)NULL);
	_exit(98);
}

static void dies_aloud(struct count *all)
{
	int out[2], status = 0;
	ssize_t n;
	pid_t pid;

	if (pipe(out) < 0)
		exit(99);
	pid = fork();
	if (pid == 0)
		run_into_it(out[1]);
	(void)close(out[1]);
	n = read(out[0], said, sizeof(said) - 1);
	(void)close(out[0]);
	(void)waitpid(pid, &status, 0);
	if (n > 0 && strncmp(said, "execve (", 8) == 0 && WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGSYS) {
		all->passed++;
		return;
	}
	all->failed++;
	(void)fprintf(stderr, "a forbidden call: said '%s', ended with %#x\n",
		      said, status);
}

int main(void)
{
	struct count all = { 0 };

	if (fence_has_filter())
		dies_aloud(&all);
	for (size_t i = 0; i < states_n; i++) {
		in_state(&states[i], false, &all);
		if (fence_landlock() > 0)
			in_state(&states[i], true, &all);
	}
	(void)printf("Landlock %u; %u passed, %u failed, 0 skipped\n",
		     fence_landlock(), all.passed, all.failed);
	return all.failed > 0;
}

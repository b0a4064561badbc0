/* SPDX-License-Identifier: ISC */
/* See fence.h. */
#include "main/fence.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <syslog.h>

#include "base/file.h"
#include "base/landlock.h"
#include "base/log.h"
#include "base/module.h"
#include "main/fence_filter.h"
#include "main/fence_places.h"

static const struct log_kind no_landlock = {
	.id = "7c1e52d09b3f4e0c8a46f1d3b08e6a25",
	.level = LOG_NOTICE,
	.text = "this kernel has no Landlock: files are guarded by their modes",
};

/* ---- step 1 ---- */

static int limit(__rlimit_resource_t what, rlim_t most)
{
	struct rlimit now;

	/* nothing is below 0: no need to look */
	if (most > 0 && getrlimit(what, &now) < 0)
		return -errno;
	if (most > 0 && now.rlim_max != RLIM_INFINITY && now.rlim_max < most)
		return 0;
	now.rlim_cur = now.rlim_max = most;
	return setrlimit(what, &now) < 0 ? -errno : 0;
}

/* Whoever may connect something may not connect standard error: it must not
 * become the number of a socket. */
static int fill_standard_error(void)
{
	if (fcntl(STDERR_FILENO, F_GETFD) >= 0)
		return 0;
	return open("/dev/null", O_WRONLY) < 0 ? -errno : 0;
}

static int limit_all(size_t memory_max)
{
	int r = limit(RLIMIT_CORE, 0);

#ifndef POSTERN_SANITIZED
	/* the sanitizers' shadow memory is terabytes of address space */
	if (r == 0 && memory_max > 0)
		r = limit(RLIMIT_AS, memory_max);
#else
	(void)memory_max;
#endif
	return r;
}

/* Valgrind makes calls of its own in our name. Who sets LD_PRELOAD has put all
 * he wants into this process already. */
static bool under_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "/vgpreload_");
}

/* Here and not where it is missed: once for all that are forked. */
static void look_for_landlock(enum fence_program program)
{
	if (program != FENCE_NO_FILTER && fence_here() &&
	    landlock_version() == 0)
		log_event(&no_landlock, NULL, 0);
}

int fence_process(enum fence_program program, size_t memory_max)
{
	int r;

	look_for_landlock(program);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	r = limit_all(memory_max);
	if (r == 0)
		r = fill_standard_error();
	if (r < 0 || program == FENCE_NO_FILTER || under_valgrind())
		return r;
	return fence_filter(program);
}

/* ---- step 2 ---- */

struct rules {
	int fd;
	unsigned version;
	const struct settings *settings;
};

/* That is one rule for all. */
static const char *unless_in_usr(const char *path)
{
	return strncmp(path, "/usr/", 5) == 0 ? NULL : path;
}

/* Where it is, in `room` if need be; NULL: nowhere, or not for this state. */
static const char *path_of(const struct fence_place *p, enum fence_state state,
			   const struct settings *settings, char room[PATH_MAX])
{
	const struct slice *path =
		(const void *)((const char *)settings + p->setting);
	size_t slash;
	int n;

	if (!(p->who & 1U << state))
		return NULL;
	if (p->module)
		return module_beside_us(p->module, room) ? unless_in_usr(room)
							 : NULL;
	if (p->path)
		return unless_in_usr(p->path);
	if (path->n == 0)
		return NULL;
	if (!p->below)
		return path->p;
	slash = slice_find_last(*path, '/');
	if (strcmp(p->below, "..") != 0)
		n = snprintf(room, PATH_MAX, "%s%s", path->p, p->below);
	else if (slash < path->n)
		n = snprintf(room, PATH_MAX, "%.*s/", (int)slash, path->p);
	else
		return NULL;
	return n < 0 || n >= PATH_MAX ? NULL : room;
}

static int allow_places(const struct rules *r, enum fence_state state)
{
	char room[PATH_MAX];
	int e = 0;

	for (size_t i = 0; i < fence_places_n && e == 0; i++) {
		const struct fence_place *p = &fence_places[i];
		const char *path = path_of(p, state, r->settings, room);

		if (path)
			e = landlock_allow(r->fd, r->version, path, p->what);
	}
	return e;
}

static int allow_list(void *context, const char *path)
{
	const struct rules *r = context;

	return landlock_allow(r->fd, r->version, path, LAND_READ);
}

static int allow_all(struct rules *r, enum fence_state state, fence_more *more)
{
	int e = allow_places(r, state);

	return e == 0 && more ? more(r->settings, allow_list, r) : e;
}

/* Which go on to hand work to processes of their own; or, until the mailbox is
 * open, to a second thread (store/scout.h)? */
static bool may_fork(enum fence_state state)
{
	return state == FENCE_RUN || state == FENCE_HOUSE;
}

static int no_more_forks(void)
{
	/* counted by user, but looked at by him who forks; root may */
	return limit(RLIMIT_NPROC, 0);
}

int fence_rules(enum fence_state state, const struct settings *settings,
		fence_more *more, int *ret)
{
	struct rules r = { .fd = -1,
			   .version = fence_landlock(),
			   .settings = settings };
	int e;

	*ret = -1;
	if (r.version == 0)
		return 0;
	r.fd = landlock_new(r.version,
			    state == FENCE_RUN || state == FENCE_WORKER);
	if (r.fd < 0)
		return r.fd;
	e = allow_all(&r, state, more);
	if (e < 0)
		file_close(&r.fd);
	*ret = r.fd;
	return e;
}

int fence_bound(enum fence_state state, const struct settings *settings,
		int (*seen)(void *context, const char *path), void *context)
{
	char room[PATH_MAX];
	int e = 0;

	for (size_t i = 0; i < fence_places_n && e == 0; i++) {
		const struct fence_place *p = &fence_places[i];
		const char *path = path_of(p, state, settings, room);

		if (path)
			e = seen(context, path);
	}
	return e;
}

int fence_enter(enum fence_state state, int rules)
{
	int r = may_fork(state) ? 0 : no_more_forks();

	return r < 0 || rules < 0 ? r : landlock_enter(rules);
}

int fence_session(enum fence_state state, const struct settings *settings,
		  fence_more *more)
{
	int rules CLEANUP(file_close) = -1;
	int r = fence_rules(state, settings, more, &rules);

	return r < 0 ? r : fence_enter(state, rules);
}

static int allow_mailbox(const struct rules *r, int mailbox, int dir, int side)
{
	const unsigned whole = LAND_READ | LAND_WRITE | LAND_TRUNCATE;
	const unsigned names = LAND_MAKE | LAND_MOVE | LAND_REMOVE;
	static const struct {
		const char *path;
		unsigned what;
	} always[] = {
		{ "/dev/null", LAND_READ | LAND_WRITE },
		{ "/etc/localtime", LAND_READ },
	};
	int e = 0;

	if (mailbox >= 0)
		e = landlock_allow_fd(r->fd, r->version, mailbox, whole);
	if (e == 0 && dir >= 0)
		e = landlock_allow_fd(r->fd, r->version, dir, names);
	if (e == 0 && side >= 0)
		e = landlock_allow_fd(r->fd, r->version, side, whole | names);
	for (size_t i = 0; i < ARRAY_LEN(always) && e == 0; i++)
		e = landlock_allow(r->fd, r->version, always[i].path,
				   always[i].what);
	return e;
}

int fence_mailbox(int mailbox, int dir, int side)
{
	struct rules r = { .fd = -1, .version = fence_landlock() };
	int e = no_more_forks();

	if (e < 0 || r.version == 0)
		return e;
	r.fd = landlock_new(r.version, false);
	if (r.fd < 0)
		return r.fd;
	e = allow_mailbox(&r, mailbox, dir, side);
	if (e == 0)
		e = landlock_enter(r.fd);
	file_close(&r.fd);
	return e;
}

unsigned fence_landlock(void)
{
	return fence_here() ? landlock_version() : 0;
}

/* SPDX-License-Identifier: ISC */
/* See landlock.h; landlock(7), Documentation/userspace-api/landlock.rst. */
#include "base/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* By version, what can be forbidden; a bit that a kernel does not know is an
 * error there. */
#define FILES_1 ((1ULL << 13) - 1)
#define MOVE    (1ULL << 13)
#define CUT     (1ULL << 14)
#define IOCTL   (1ULL << 15)
#define TCP     3ULL /* to bind, to connect */
#define SCOPE   3ULL /* abstract sockets of others, signals to others */

/* What says something of a file, not of a directory. */
#define OF_FILE (LAND_RUN | LAND_WRITE | LAND_READ | LAND_TRUNCATE)

struct attributes {
	uint64_t files, net, scope;
};

static struct attributes known_to(unsigned version)
{
	struct attributes a = { .files = FILES_1 | MOVE };

	if (version >= 3)
		a.files |= CUT;
	if (version >= 4)
		a.net = TCP;
	if (version >= 5)
		a.files |= IOCTL;
	if (version >= 6)
		a.scope = SCOPE;
	return a;
}

unsigned landlock_version(void)
{
	long v = syscall(SYS_landlock_create_ruleset, NULL, 0,
			 LANDLOCK_CREATE_RULESET_VERSION);

	return v < 2 ? 0 : (unsigned)v;
}

int landlock_new(unsigned version, bool tcp)
{
	struct attributes a = known_to(version);
	long fd;

	if (tcp)
		a.net = 0;
	/* the kernel takes a longer one if what it does not know is zero */
	fd = syscall(SYS_landlock_create_ruleset, &a, sizeof(a), 0);
	return fd < 0 ? -errno : (int)fd;
}

int landlock_allow_fd(int rules, unsigned version, int fd, unsigned what)
{
	struct landlock_path_beneath_attr rule = { .parent_fd = fd };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		what &= OF_FILE;
	rule.allowed_access = what & known_to(version).files;
	if (rule.allowed_access == 0)
		return 0;
	return syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
		       &rule, 0) < 0
		       ? -errno
		       : 0;
}

int landlock_allow(int rules, unsigned version, const char *path, unsigned what)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	int r;

	/* what cannot be found here cannot be opened either */
	if (fd < 0)
		return errno == EMFILE || errno == ENFILE || errno == ENOMEM
			       ? -errno
			       : 0;
	r = landlock_allow_fd(rules, version, fd, what);
	(void)close(fd); /* was no more than a name */
	return r;
}

int landlock_enter(int rules)
{
	return syscall(SYS_landlock_restrict_self, rules, 0) < 0 ? -errno : 0;
}

/* SPDX-License-Identifier: ISC */
/* Files that some may reach, and most may not. */
#include <fcntl.h>

#include "tests/fence/tries.h"

static long result(long r)
{
	return r < 0 ? -errno : r;
}

static long opens(struct scene *s, const struct try *t)
{
	int fd = open(scene_path(s, t->path), t->flags | O_CLOEXEC | O_NOFOLLOW,
		      0600);

	if (fd < 0)
		return -errno;
	(void)close(fd);
	return 0;
}

/* Made and, where that goes, taken away again for the next one. */
static long makes(struct scene *s, const struct try *t)
{
	int fd = open(scene_path(s, t->path),
		      O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	(void)close(fd);
	(void)unlink(s->path);
	return 0;
}

/* There and back. */
static long moves(struct scene *s, const struct try *t)
{
	char from[PATH_MAX], to[PATH_MAX + 8];
	long r;

	(void)snprintf(from, sizeof(from), "%s", scene_path(s, t->path));
	(void)snprintf(to, sizeof(to), "%s.moved", from);
	r = result(rename(from, to));
	if (r == 0)
		(void)rename(to, from);
	return r;
}

/* Out of the queue into a directory where it could be read. */
static long moves_to_tmp(struct scene *s, const struct try *t)
{
	char from[PATH_MAX], to[PATH_MAX];
	long r;

	(void)snprintf(from, sizeof(from), "%s", scene_path(s, t->path));
	(void)snprintf(to, sizeof(to), "%s", scene_path(s, "queue/tmp/it"));
	r = result(rename(from, to));
	if (r == 0)
		(void)rename(to, from);
	return r;
}

#define ELSE(x) (IN_ALL & ~(x))

/* clang-format off */
const struct try tries_of_files[] = {
	/* ---- mail ---- */
	{ "read somebody's mailbox", .make = opens, .path = "mail/bob",
	  .landed = ELSE(IN_KEEPER | IN_HOUSE | IN_RUN) },
	{ "write to somebody's mailbox", .make = opens, .path = "mail/bob",
	  .flags = O_WRONLY, .landed = ELSE(IN_KEEPER | IN_HOUSE | IN_RUN) },
	{ "empty somebody's mailbox", .make = opens, .path = "mail/bob",
	  .flags = O_WRONLY | O_TRUNC,
	  .landed = ELSE(IN_KEEPER | IN_HOUSE | IN_RUN) },
	{ "read the mailbox that is served", .make = opens,
	  .path = "mail/alice",
	  .landed = ELSE(IN_KEEPER | IN_HOUSE | IN_POP3_BOX | IN_RUN) },
	{ "write to the mailbox that is served", .make = opens,
	  .path = "mail/alice", .flags = O_RDWR,
	  .landed = ELSE(IN_KEEPER | IN_HOUSE | IN_POP3_BOX | IN_RUN) },
	{ "read what lies beside a mailbox", .make = opens,
	  .path = "mail/.postern/bob.index",
	  .landed = ELSE(IN_KEEPER | IN_HOUSE | IN_POP3_BOX | IN_RUN) },
	{ "list the mailboxes", .make = opens, .path = "mail",
	  .flags = O_DIRECTORY,
	  .landed = IN_POP3 | IN_POP3_BOX | IN_JUDGE | IN_WORKER },
	{ "make a mailbox", .make = makes, .path = "mail/carol",
	  .landed = ELSE(IN_KEEPER | IN_HOUSE | IN_RUN) },
	{ "move a mailbox away", .make = moves, .path = "mail/bob",
	  .landed = ELSE(IN_KEEPER | IN_HOUSE | IN_POP3_BOX | IN_RUN) },

	/* ---- the queue ---- */
	{ "read what waits", .make = opens, .path = "queue/new/waiting",
	  .landed = ELSE(IN_RUN) },
	{ "write to what waits", .make = opens, .path = "queue/new/waiting",
	  .flags = O_WRONLY, .landed = ELSE(IN_RUN) },
	{ "move what waits to where it can be read", .make = moves_to_tmp,
	  .path = "queue/new/waiting", .landed = ELSE(IN_RUN) },
	{ "read what could not be understood", .make = opens,
	  .path = "queue/bad/odd", .landed = ELSE(IN_RUN) },
	{ "read the memory of hosts", .make = opens,
	  .path = "queue/hosts/blue.example", .landed = ELSE(IN_RETRY) },
	{ "put something into the queue unwritten", .make = makes,
	  .path = "queue/new/forged", .landed = ELSE(IN_RUN) },

	/* ---- secrets ---- */
	{ "read the password file", .make = opens, .path = "etc/passwords",
	  .landed = ELSE(IN_JUDGE) },
	{ "write the password file", .make = opens, .path = "etc/passwords",
	  .flags = O_WRONLY, .landed = IN_ALL },
	{ "read the secret of postern-authd", .make = opens,
	  .path = "lib/secret", .landed = ELSE(IN_JUDGE) },
	{ "release the brake", .make = opens, .path = "run/brake",
	  .flags = O_WRONLY, .landed = ELSE(IN_JUDGE) },
	{ "read what we log in with elsewhere", .make = opens,
	  .path = "etc/credentials", .landed = ELSE(IN_RETRY) },
	{ "read a private key", .make = opens,
	  .path = "tls/default.ecdsa.pem",
	  .landed = ELSE(IN_SMTP | IN_SMTP_DOOR | IN_POP3) },
	{ "replace a private key", .make = opens,
	  .path = "tls/default.ecdsa.pem", .flags = O_WRONLY,
	  .landed = IN_ALL },

	/* ---- the rest of the host ---- */
	{ "read another file of /etc/postern", .make = opens,
	  .path = "etc/other", .landed = IN_ALL },
	/* routing has them open */
	{ "open the aliases", .make = opens, .path = "etc/aliases",
	  .landed = IN_ALL },
	{ "write the users file", .make = opens, .path = "etc/users",
	  .flags = O_WRONLY, .landed = IN_ALL },
	{ "make a file in /etc/postern", .make = makes, .path = "etc/new",
	  .landed = IN_ALL },
	{ "write /etc/passwd", .make = opens, .path = "/etc/passwd",
	  .flags = O_WRONLY, .landed = IN_ALL, .any = true },
	{ "read /etc/shadow", .make = opens, .path = "/etc/shadow",
	  .landed = IN_ALL, .any = true },
	{ "make a file in /etc", .make = makes, .path = "/etc/postern-fence",
	  .landed = IN_ALL, .any = true },
	{ "make a file in /tmp", .make = makes, .path = "/tmp/postern-fence",
	  .landed = IN_ALL, .any = true },
	{ "read the root directory", .make = opens, .path = "/",
	  .flags = O_DIRECTORY, .landed = IN_ALL, .any = true },
	{ "write to its own memory", .make = opens, .path = "/proc/self/mem",
	  .flags = O_RDWR, .landed = IN_ALL, .any = true },
	{ "read another's environment", .make = opens,
	  .path = "/proc/1/environ", .landed = IN_ALL, .any = true },
	{ "write to the terminal", .make = opens, .path = "/dev/tty",
	  .flags = O_WRONLY, .landed = IN_ALL, .any = true },
};
/* clang-format on */
const size_t tries_of_files_n = ARRAY_LEN(tries_of_files);

/* SPDX-License-Identifier: ISC */
/* See scene.h. */
#include "tests/fence/scene.h"

#include <arpa/inet.h>
#include <assert.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/socket.h>
#include <sys/stat.h>

static const char *const directories[] = {
	"mail",      "mail/.postern", "queue",       "queue/tmp",
	"queue/new", "queue/due",     "queue/hosts", "queue/bad",
	"etc",       "lib",           "run",         "tls",
};

static const struct {
	const char *path, *text;
} files[] = {
	{ "mail/alice", "" },
	{ "mail/bob", "From a Mon Nov 23 07:15:03 2026\n\nsecret\n\n" },
	{ "mail/.postern/bob.index", "index" },
	{ "queue/new/waiting", "from: a\n\nsecret\n" },
	{ "queue/bad/odd", "secret\n" },
	{ "queue/hosts/blue.example", "failures: 1\n" },
	{ "etc/users", "alice:*\nbob:*\n" },
	{ "etc/aliases", "list: :include:%s/etc/list\n" },
	{ "etc/list", "alice\n" },
	{ "etc/passwords", "alice:secret\n" },
	{ "etc/credentials", "smart:u:secret\n" },
	{ "etc/other", "secret\n" },
	{ "lib/secret", "secret\n" },
	{ "run/brake", "" },
	{ "tls/default.ecdsa.pem", "secret\n" },
};

const char *scene_path(struct scene *s, const char *path)
{
	(void)snprintf(s->path, sizeof(s->path), "%s%s%s",
		       path[0] == '/' ? "" : s->root, path[0] == '/' ? "" : "/",
		       path);
	return s->path;
}

static void write_file(struct scene *s, const char *path, const char *text)
{
	FILE *f = fopen(scene_path(s, path), "w");
	const char *mark = strstr(text, "%s");

	assert(f);
	if (mark)
		(void)fprintf(f, "%.*s%s%s", (int)(mark - text), text, s->root,
			      mark + 2);
	else
		(void)fputs(text, f);
	assert(fclose(f) == 0);
}

static struct slice place(struct scene *s, const char *path)
{
	return arena_copy(s->arena, slice_of(scene_path(s, path)));
}

static void settle(struct scene *s)
{
	struct settings *t = &s->settings;

	assert(settings_default(s->arena, t) == 0);
	t->store.directory = place(s, "mail");
	t->queue.directory = place(s, "queue");
	t->users.file = place(s, "etc/users");
	t->users.aliases = place(s, "etc/aliases");
	t->auth.passwords = place(s, "etc/passwords");
	t->auth.secret = place(s, "lib/secret");
	t->auth.brake = place(s, "run/brake");
	t->auth.memory = place(s, "run/memory");
	t->relay.credentials = place(s, "etc/credentials");
	t->tls.directory = place(s, "tls");
}

/* One who listens and does not answer, and a connection to him. */
static void connect_peer(struct scene *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof(a);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert(bind(listener, (struct sockaddr *)&a, n) == 0);
	assert(listen(listener, 16) == 0);
	assert(getsockname(listener, (struct sockaddr *)&a, &n) == 0);
	s->port = a.sin_port;
	s->peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert(connect(s->peer, (struct sockaddr *)&a, n) == 0);
	/* as a handler finds it */
	assert(dup2(s->peer, STDIN_FILENO) == STDIN_FILENO);
}

static void listen_locally(struct scene *s)
{
	struct sockaddr_un {
		sa_family_t family;
		char path[108];
	} a = { .family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(a.path, sizeof(a.path), "%.100s",
		       scene_path(s, "run/auth"));
	assert(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	assert(listen(fd, 16) == 0);
}

void scene_make(struct scene *s)
{
	*s = (struct scene){ .parent = getpid() };
	(void)snprintf(s->root, sizeof(s->root), "/tmp/postern-fence.XXXXXX");
	assert(mkdtemp(s->root));
	for (size_t i = 0; i < ARRAY_LEN(directories); i++)
		assert(mkdir(scene_path(s, directories[i]), 0700) == 0);
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		write_file(s, files[i].path, files[i].text);
	s->arena = arena_new(1 << 20);
	assert(s->arena);
	settle(s);
	connect_peer(s);
	listen_locally(s);
	s->spare = open("/dev/null", O_RDWR | O_CLOEXEC);
}

static int forget(const char *path, const struct stat *st, int kind,
		  struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

void scene_clear(struct scene *s)
{
	(void)nftw(s->root, forget, 8, FTW_DEPTH | FTW_PHYS);
	arena_free(s->arena);
}

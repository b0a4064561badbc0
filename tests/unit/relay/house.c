/* SPDX-License-Identifier: ISC */
/* See house.h. */
#include <criterion/criterion.h>

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "tests/unit/relay/house.h"
#include "tests/unit/relay/remote.h"

#define TO_MAX 200

struct house house;
static unsigned notify_all;
static struct slice local_domain;

static const char *path_to(const char *name)
{
	struct slice path =
		arena_printf(house.arena, "%s/%s", house.directory, name);

	cr_assert(path.p);
	return path.p;
}

static const char *put_file(size_t i, const char *name, const char *text)
{
	FILE *f;

	house.paths[i] = path_to(name);
	f = fopen(house.paths[i], "we");
	cr_assert(f && fputs(text, f) >= 0);
	cr_assert_eq(fclose(f), 0);
	return house.paths[i];
}

static const char *put_folder(size_t i, const char *name)
{
	house.paths[i] = path_to(name);
	cr_assert_eq(mkdir(house.paths[i], 0700), 0);
	return house.paths[i];
}

static void fill_settings(struct settings *s)
{
	cr_assert_eq(settings_default(house.arena, s), 0);
	local_domain = SLICE("here.example");
	s->host.name = SLICE("mx.here.example");
	s->host.postmaster = SLICE("alice");
	s->domains.local = (struct words){ &local_domain, 1 };
	s->users.system = false;
	s->users.file = slice_of(put_file(0, "users", "alice:!\nbob:!\n"));
	s->users.aliases = slice_of(put_file(1, "aliases", ""));
	s->relay.routes = slice_of(put_file(2, "routes", ""));
	s->store.directory = slice_of(put_folder(3, "mail"));
	s->queue.directory = slice_of(put_folder(4, "queue"));
}

void house_open(void)
{
	struct settings *s = &house.settings;
	struct store_options options = { .lock_wait_ms = 1000,
					 .dotlock = true };
	struct relay *r = &house.relay;

	house = (struct house){ .directory = "/tmp/postern-relay-XXXXXX" };
	notify_all = 0;
	clock_freeze(NOON_US, 0);
	cr_assert(mkdtemp(house.directory));
	house.arena = arena_new(1 << 20);
	fill_settings(s);
	r->settings = s;
	cr_assert_eq(store_open(house.paths[3], &options, &house.store), 0);
	cr_assert_eq(queue_open(house.paths[4], true, &r->queue), 0);
	cr_assert_eq(route_new(s, &r->route), 0);
	cr_assert_eq(
		deliver_new(s, house.store, r->queue, r->route, &r->deliver),
		0);
}

static int remove_one(const char *path, const struct stat *st, int flag,
		      struct FTW *at)
{
	(void)st;
	(void)flag;
	(void)at;
	return remove(path);
}

void house_close(void)
{
	struct relay *r = &house.relay;

	if (house.names > 0) {
		(void)kill(house.names, SIGKILL);
		(void)waitpid(house.names, NULL, 0);
	}
	dns_free(r->dns);
	deliver_free(r->deliver);
	route_free(r->route);
	queue_close(r->queue);
	store_close(house.store);
	arena_free(house.arena);
	(void)nftw(house.directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void house_route(const char *domain, uint16_t port)
{
	FILE *f = fopen(house.paths[2], "ae");

	cr_assert(f);
	cr_assert(fprintf(f, "%s = [127.0.0.1]:%u\n", domain, port) > 0);
	cr_assert_eq(fclose(f), 0);
}

void house_ask(uint16_t smtp_port)
{
	char server[32];

	(void)snprintf(server, sizeof(server), "127.0.0.1:%u",
		       remote_names(&house.names));
	cr_assert_eq(dns_new(server, 2, &house.relay.dns), 0);
	house.settings.relay.port = smtp_port;
}

void house_notify(unsigned notify)
{
	notify_all = notify;
}

const char *house_queue(const char *subject, ...)
{
	struct queue_draft *d = NULL;
	struct recipient to[TO_MAX] = { 0 };
	char id[IDENT_MAX];
	struct envelope env = {
		.from = SLICE("bob@here.example"),
		.arrived_us = clock_real_us(),
		.id = (ident_new(id), slice_of(id)),
		.to = to,
	};
	struct slice text = arena_printf(
		house.arena, "Subject: %s\n\nFrom here.\n", subject);
	const char *address;
	va_list args;

	va_start(args, subject);
	while ((address = va_arg(args, const char *)) && env.n_to < TO_MAX)
		to[env.n_to++] =
			(struct recipient){ .address = slice_of(address),
					    .notify = notify_all,
					    .final = true };
	va_end(args);
	cr_assert_eq(queue_draft_new(house.relay.queue, &env, &d), 0);
	cr_assert_eq(queue_draft_write(d, text), 0);
	cr_assert_eq(queue_draft_publish(d, text.n + 3, NULL), 0);
	return arena_copy(house.arena, env.id).p;
}

void house_run(void)
{
	house.count = (struct relay_count){ 0 };
	cr_assert_eq(relay_run(&house.relay, SLICE_NONE, &house.count), 0);
}

void house_run_in(int minutes)
{
	clock_advance_ms((int64_t)minutes * 60 * 1000);
	house_run();
}

struct found {
	size_t n;
	int64_t due_us;
	struct recipient first;
};

static int find(void *context, struct queue_item *item, int64_t due_us,
		bool claimed)
{
	struct found *f = context;
	struct recipient *r = &f->first;

	(void)claimed;
	f->n++;
	f->due_us = due_us;
	*r = queue_item_envelope(item)->to[0];
	/* the item's own memory goes with it */
	r->address = arena_copy(house.arena, r->address);
	r->status = arena_copy(house.arena, r->status);
	r->detail = arena_copy(house.arena, r->detail);
	r->remote = arena_copy(house.arena, r->remote);
	return 0;
}

size_t house_queued(int64_t *ret_due_us, struct recipient *ret)
{
	struct found f = { .n = 0 };

	cr_assert_eq(queue_walk(house.relay.queue, find, &f), 0);
	if (ret_due_us)
		*ret_due_us = f.due_us;
	if (ret)
		*ret = f.first;
	return f.n;
}

bool house_bob_has(const char *part)
{
	char path[96], text[65536];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/bob", house.paths[3]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	text[n > 0 ? n : 0] = '\0';
	return strstr(text, part) != NULL;
}

static size_t counted;

static int count_one(const char *path, const struct stat *st, int flag,
		     struct FTW *at)
{
	(void)path;
	(void)st;
	(void)at;
	counted += flag == FTW_F;
	return 0;
}

size_t house_files(const char *folder)
{
	char path[128];

	counted = 0;
	(void)snprintf(path, sizeof(path), "%s/%s", house.paths[4], folder);
	(void)nftw(path, count_one, 8, FTW_PHYS);
	return counted;
}

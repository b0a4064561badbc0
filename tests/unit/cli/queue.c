/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/ident.h"
#include "queue/queue.h"
#include "stage.h"

#define MINUTE 60000000LL

/* Queue one message for two, that arrived two hours ago and is due in five
 * minutes; its id. */
static void put(char id[IDENT_MAX])
{
	struct recipient to[] = {
		{ .address = SLICE("bob@example.net"),
		  .state = RECIPIENT_PENDING },
		{ .address = SLICE("carol@example.com") },
	};
	struct envelope env = {
		.from = SLICE("alice@example.org"),
		.arrived_us = clock_real_us() - 120 * MINUTE,
		.peer = SLICE("mx\x1b[31m [192.0.2.1]"),
		.to = to,
		.n_to = ARRAY_LEN(to),
	};
	struct recipient *r;
	struct queue *q;
	struct queue_draft *d;
	struct queue_item *item;

	ident_new(id);
	env.id = slice_of(id);
	cr_assert_eq(queue_open("queue", true, &q), 0);
	cr_assert_eq(queue_draft_new(q, &env, &d), 0);
	cr_assert_eq(queue_draft_write(d, SLICE("Subject: \x1b[2J\n\nbody\n")),
		     0);
	cr_assert_eq(queue_draft_publish(d, 23, &item), 0);
	r = &queue_item_envelope(item)->to[0];
	r->attempts = 2;
	r->status = SLICE("4.4.1");
	r->detail = SLICE("connection refused");
	r->remote = SLICE("mx.example.net");
	cr_assert_eq(queue_item_record(item, r, false), 0);
	cr_assert_eq(queue_item_later(item, clock_real_us() + 5 * MINUTE), 0);
	queue_close(q);
}

static int queue(struct stage *s, const char *input, const char *verb,
		 const char *a, const char *b)
{
	return stage_run(s, cli_queue, input, "queue", verb, a, b, NULL);
}

Test(queue, an_empty_one, .init = stage_enter, .fini = stage_leave)
{
	struct stage s;

	cr_assert_eq(queue(&s, "", NULL, NULL, NULL), CLI_OK, "%s", s.err);
	cr_assert_str_eq(s.out, "The queue is empty.\n");
	cr_assert_eq(queue(&s, "", "retry", "--all", NULL), CLI_OK);
	cr_assert_eq(queue(&s, "", "show", "../../etc", NULL), CLI_FAILED);
	cr_assert_eq(queue(&s, "", "remove", "../../etc", NULL), CLI_FAILED);
	cr_assert(strstr(s.err, "there is no ../../etc"), "%s", s.err);
	cr_assert_eq(queue(&s, "", "retry", NULL, NULL), CLI_USAGE);
	cr_assert_eq(queue(&s, "", "show", NULL, NULL), CLI_USAGE);
	cr_assert_eq(queue(&s, "", "remove", "-y", NULL), CLI_USAGE);
}

Test(queue, says_what_is_missing, .init = stage_enter, .fini = stage_leave)
{
	struct stage s;

	cr_assert_eq(rmdir("queue/new"), 0);
	cr_assert_eq(queue(&s, "", NULL, NULL, NULL), CLI_FAILED);
	cr_assert(strstr(s.err, "/queue/new: No such file"), "%s", s.err);
}

Test(queue, lists_and_shows, .init = stage_enter, .fini = stage_leave)
{
	char id[IDENT_MAX];
	struct stage s;

	put(id);
	cr_assert_eq(queue(&s, "", "list", NULL, NULL), CLI_OK);
	cr_assert(strstr(s.out, id), "%s", s.out);
	cr_assert(strstr(s.out, "2 h"), "%s", s.out);
	cr_assert(strstr(s.out, "in 4 min") || strstr(s.out, "in 5 min"), "%s",
		  s.out);
	cr_assert(strstr(s.out, "<alice@example.org>\n"), "%s", s.out);
	cr_assert(strstr(s.out, "waiting   <bob@example.net> (2 attempts)\n"),
		  "%s", s.out);
	cr_assert(strstr(s.out, "4.4.1 connection refused [mx.example.net]\n"),
		  "%s", s.out);
	cr_assert(strstr(s.out, "1 message, "), "%s", s.out);

	cr_assert_eq(queue(&s, "", "show", id, NULL), CLI_OK);
	cr_assert(strstr(s.out, "mx\\x1B[31m [192.0.2.1]"), "%s", s.out);
	cr_assert(strstr(s.out, "Subject: \\x1B[2J\n"), "%s", s.out);
	cr_assert_not(strstr(s.out, "body"), "%s", s.out);
	cr_assert_eq(queue(&s, "", "show", "--message", id), CLI_OK);
	cr_assert_str_eq(s.out, "Subject: \x1b[2J\n\nbody\n");
}

Test(queue, tells_of_what_is_bad, .init = stage_enter, .fini = stage_leave)
{
	struct stage s;

	stage_write("queue/bad/x.1", "");
	cr_assert_eq(queue(&s, "", "list", NULL, NULL), CLI_OK);
	cr_assert(strstr(s.out, "The queue is empty.\n1 file in /"), "%s",
		  s.out);
	cr_assert(strstr(s.out, "/queue/bad could not be understood"), "%s",
		  s.out);
	stage_write("queue/bad/x.2", "");
	cr_assert_eq(queue(&s, "", "list", NULL, NULL), CLI_OK);
	cr_assert(strstr(s.out, "\n2 files in /"), "%s", s.out);
	(void)stage_run(&s, cli_check, "", "check", NULL);
	cr_assert(strstr(s.out, "queue/bad: warning: 2 files could not be"),
		  "%s", s.out);
}

Test(queue, retry_makes_due, .init = stage_enter, .fini = stage_leave)
{
	const struct queue_host down = { 3, clock_real_us() + 60 * MINUTE };
	struct queue_host host;
	char id[IDENT_MAX];
	struct stage s;
	struct queue *q;
	int64_t due;

	put(id);
	cr_assert_eq(queue_open("queue", false, &q), 0);
	queue_host_set(q, SLICE("example.net"), &down);
	cr_assert_eq(queue(&s, "", "retry", "--all", NULL), CLI_OK, "%s",
		     s.err);
	queue_host_get(q, SLICE("example.net"), &host);
	cr_assert_eq(host.failures, 0, "the host is still taken for down");
	cr_assert_eq(queue_next_due(q, &due), 0);
	cr_assert_leq(due, clock_real_us());
	queue_close(q);
	cr_assert_eq(queue(&s, "", "list", NULL, NULL), CLI_OK);
	cr_assert(strstr(s.out, " now "), "%s", s.out);
	cr_assert_eq(queue(&s, "", "retry", id, "none"), CLI_FAILED);
}

#define SOMEBODY 47110 /* no account has it */

/* All in due/ is his. */
static void assert_his(void)
{
	DIR *d = opendir("queue/due");
	struct dirent *e;
	char path[512];
	struct stat st;
	int n = 0;

	cr_assert(d);
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "queue/due/%s", e->d_name);
		cr_assert_eq(stat(path, &st), 0);
		cr_assert_eq(st.st_uid, SOMEBODY, "%s: %u", path, st.st_uid);
		n++;
	}
	cr_assert_gt(n, 0);
	(void)closedir(d);
}

/* Folders of root's would keep the handlers out. What is due in five minutes
 * is to need another one than what is due now: there is one for ten. */
Test(queue, by_root_is_by_its_owner, .init = stage_enter, .fini = stage_leave)
{
	int64_t now_us = clock_real_us();
	char id[IDENT_MAX];
	struct stage s;
	int status;

	if (geteuid() != 0)
		cr_skip_test("for root");
	clock_freeze(now_us - now_us % (10 * MINUTE) + 6 * MINUTE, 0);
	put(id);
	cr_assert_eq(system("chown -R 47110:47110 queue"), 0);
	if (fork() == 0)
		_exit(queue(&s, "", "retry", "--all", NULL));
	cr_assert_gt(wait(&status), 0);
	cr_assert_eq(status, 0);
	assert_his();
}

Test(queue, removes_when_told_so, .init = stage_enter, .fini = stage_leave)
{
	char id[IDENT_MAX];
	struct stage s;

	put(id);
	cr_assert_eq(queue(&s, "n\n", "remove", id, NULL), CLI_FAILED);
	cr_assert(strstr(s.err, "from <alice@example.org>, 2 to go?"), "%s",
		  s.err);
	cr_assert_eq(queue(&s, "", "remove", id, NULL), CLI_FAILED);
	cr_assert_eq(queue(&s, "", "show", id, NULL), CLI_OK);
	cr_assert_eq(queue(&s, "y\n", "remove", id, NULL), CLI_OK);
	cr_assert_eq(queue(&s, "", "list", NULL, NULL), CLI_OK);
	cr_assert_str_eq(s.out, "The queue is empty.\n");
	put(id);
	cr_assert_eq(queue(&s, "", "remove", "--yes", id), CLI_OK);
}

Test(queue, leaves_alone_what_is_being_delivered, .init = stage_enter,
     .fini = stage_leave)
{
	struct queue_item *item;
	char id[IDENT_MAX];
	struct stage s;
	struct queue *q;

	put(id);
	cr_assert_eq(queue_open("queue", false, &q), 0);
	cr_assert_eq(queue_claim(q, slice_of(id), &item), 0);
	cr_assert_eq(queue(&s, "", "remove", "-y", id), CLI_FAILED);
	cr_assert(strstr(s.err, "is being delivered just now"), "%s", s.err);
	cr_assert_eq(queue(&s, "", "list", NULL, NULL), CLI_OK);
	cr_assert(strstr(s.out, "running"), "%s", s.out);
	queue_item_free(item);
	queue_close(q);
}

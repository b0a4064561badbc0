/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "relay/events.h"
#include "tests/unit/relay/house.h"
#include "tests/unit/relay/remote.h"

#define IN_HOUSE .init = house_open, .fini = house_close

static void want(size_t claimed, size_t delivered, size_t relayed,
		 size_t failed, size_t deferred)
{
	const struct relay_count *c = &house.count;

	cr_assert(c->claimed == claimed && c->delivered == delivered &&
			  c->relayed == relayed && c->failed == failed &&
			  c->deferred == deferred,
		  "%zu claimed, %zu delivered, %zu relayed, %zu failed, "
		  "%zu deferred",
		  c->claimed, c->delivered, c->relayed, c->failed, c->deferred);
}

/* Until *n has reached `least`; ten seconds. */
static bool comes_to(const _Atomic unsigned *n, unsigned least)
{
	for (int i = 0; i < 1000 && *n < least; i++)
		(void)poll(NULL, 0, 10);
	return *n >= least;
}

/* A run in a process of its own. */
static pid_t run_apart(void)
{
	pid_t pid = fork();

	cr_assert(pid >= 0);
	if (pid == 0)
		_exit(relay_run(&house.relay, SLICE_NONE, NULL) < 0);
	return pid;
}

static void want_ended_well(pid_t pid)
{
	int status = -1;

	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(status, 0);
}

Test(run, nothing_to_do, IN_HOUSE)
{
	house_run();
	want(0, 0, 0, 0, 0);
}

Test(run, delivers_here_and_elsewhere, IN_HOUSE)
{
	struct remote r = { 0 };

	remote_start(&r, "127.0.0.1", 0);
	house_route("far.example", r.port);
	house_queue("one", "eve@far.example", "bob@here.example",
		    "eva@far.example", NULL);
	house_run();
	want(1, 1, 2, 0, 0);
	cr_assert_eq(r.seen->messages, 1, "one copy for both");
	cr_assert_eq(r.seen->rcpts, 2);
	cr_assert(strstr(r.seen->text, "Subject: one\r\n\r\nFrom here.\r\n"));
	cr_assert(house_bob_has("Subject: one\n"));
	cr_assert_eq(house_queued(NULL, NULL), 0);
	remote_stop(&r);
}

/* Its own outcome for each; only what is left is tried again and counted. */
Test(run, defers_and_tries_again, IN_HOUSE)
{
	struct remote no = { .rcpt = "450 4.2.1 not now" }, yes = { 0 };
	struct recipient first;
	int64_t due_us;

	remote_start(&no, "127.0.0.1", 0);
	remote_start(&yes, "127.0.0.1", 0);
	house_route("far.example", no.port);
	house_route("near.example", yes.port);
	house_queue("two", "eve@far.example", "eve@near.example", NULL);
	house_run();
	want(1, 0, 1, 0, 1);
	cr_assert_eq(house_queued(&due_us, &first), 1);
	cr_assert(due_us >= NOON_US + 3 * MINUTE_US &&
		  due_us <= NOON_US + 7 * MINUTE_US);
	cr_assert_eq(first.attempts, 1);
	cr_assert(slice_eq(first.status, SLICE("4.2.1")));
	cr_assert(slice_eq(first.detail, SLICE("450 4.2.1 not now")));

	house_run_in(1);
	want(0, 0, 0, 0, 0);
	remote_stop(&no);
	no.rcpt = NULL;
	remote_start(&no, "127.0.0.1", no.port);
	house_run_in(9);
	want(1, 0, 1, 0, 0);
	cr_assert_eq(no.seen->messages, 1);
	cr_assert_eq(yes.seen->messages, 1, "not sent twice");
	cr_assert_eq(house_queued(NULL, NULL), 0);
	remote_stop(&no);
	remote_stop(&yes);
}

Test(run, pauses_grow, IN_HOUSE)
{
	struct remote r = { .end = "451 4.3.0 later" };
	int64_t due_us, before = NOON_US;

	remote_start(&r, "127.0.0.1", 0);
	house_route("far.example", r.port);
	house_queue("grow", "eve@far.example", NULL);
	for (int i = 0; i < 4; i++) {
		int64_t middle_us = (5 * MINUTE_US) << i;

		clock_freeze(before, 0);
		house_run();
		want(1, 0, 0, 0, 1);
		cr_assert_eq(house_queued(&due_us, NULL), 1);
		cr_assert(due_us - before >= middle_us * 3 / 4 &&
				  due_us - before <=
					  middle_us * 5 / 4 + MINUTE_US,
			  "try %d: %lld s", i,
			  (long long)(due_us - before) / 1000000);
		before = due_us;
	}
	remote_stop(&r);
}

Test(run, a_refusal_goes_back_to_the_sender, IN_HOUSE)
{
	struct remote r = { .rcpt = "550 5.1.1 no such eve" };

	remote_start(&r, "127.0.0.1", 0);
	house_route("far.example", r.port);
	house_queue("three", "eve@far.example", NULL);
	house_run();
	want(1, 0, 0, 1, 0);
	cr_assert(house_bob_has("\nAction: failed\n"));
	cr_assert(house_bob_has("550 5.1.1 no such eve"));
	cr_assert(house_bob_has("Remote-MTA: dns; "));
	cr_assert_eq(house_queued(NULL, NULL), 0);
	remote_stop(&r);
}

Test(run, gives_up_after_expire, IN_HOUSE)
{
	house_route("far.example", remote_free_port());
	house_queue("four", "eve@far.example", NULL);
	house_run();
	want(1, 0, 0, 0, 1);
	house_run_in(5 * 24 * 60);
	want(1, 0, 0, 1, 0);
	cr_assert(house_bob_has("\nStatus: 4.4.7\n"));
	cr_assert(house_bob_has("connection refused"));
	cr_assert_eq(house_queued(NULL, NULL), 0);
}

Test(run, a_host_that_is_down_is_left_alone, IN_HOUSE)
{
	struct queue_host memory = { .failures = 3,
				     .not_before_us =
					     NOON_US + 2 * HOUR_US + 700000 };
	struct remote r = { 0 };
	struct recipient first;
	int64_t due_us;
	char key[32];

	remote_start(&r, "127.0.0.1", 0);
	house_route("far.example", r.port);
	(void)snprintf(key, sizeof(key), "[127.0.0.1]:%u", r.port);
	queue_host_set(house.relay.queue, slice_of(key), &memory);
	house_queue("five", "eve@far.example", "eva@far.example", NULL);
	house_run();
	want(1, 0, 0, 0, 2);
	cr_assert_eq(r.seen->connections, 0);
	cr_assert_eq(house_queued(&due_us, &first), 1);
	cr_assert_eq(first.attempts, 0);
	cr_assert_eq(due_us, NOON_US + 2 * HOUR_US + 1000000,
		     "with its host, and in whole seconds not before it");
	house_run_in(119);
	want(0, 0, 0, 0, 0);
	house_run_in(2);
	want(1, 0, 2, 0, 0);
	queue_host_get(house.relay.queue, slice_of(key), &memory);
	cr_assert_eq(memory.failures, 0, "forgotten");
	remote_stop(&r);
}

/* Who was tried does not wait for another's host, nor the other way round. */
Test(run, each_comes_back_when_its_host_may, IN_HOUSE)
{
	static const struct {
		int host_back, least, most; /* minutes */
	} rows[] = { { 120, 3, 7 }, { 1, 1, 2 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct queue_host memory = { .failures = 1 };
		struct remote r = { .rcpt = "450 4.2.1 later" };
		uint16_t down = remote_free_port();
		struct queue_item *item;
		const char *id;
		int64_t due_us;
		char key[32];

		remote_start(&r, "127.0.0.1", 0);
		house_route(i ? "far.two" : "far.one", r.port);
		house_route(i ? "down.two" : "down.one", down);
		(void)snprintf(key, sizeof(key), "[127.0.0.1]:%u", down);
		memory.not_before_us = NOON_US + rows[i].host_back * MINUTE_US;
		queue_host_set(house.relay.queue, slice_of(key), &memory);
		id = house_queue("six", i ? "e@down.two" : "e@down.one",
				 i ? "e@far.two" : "e@far.one", NULL);
		house_run();
		want(1, 0, 0, 0, 2);
		cr_assert_eq(house_queued(&due_us, NULL), 1);
		cr_assert(due_us >= NOON_US + rows[i].least * MINUTE_US &&
				  due_us <= NOON_US + rows[i].most * MINUTE_US,
			  "row %zu: %lld s", i,
			  (long long)(due_us - NOON_US) / 1000000);
		cr_assert_eq(
			queue_claim(house.relay.queue, slice_of(id), &item), 0);
		cr_assert_eq(queue_item_remove(item), 0);
		remote_stop(&r);
	}
}

Test(run, only_one_whenever_due_and_whoever_is_down, IN_HOUSE)
{
	struct queue_host memory = { .failures = 3,
				     .not_before_us = NOON_US + HOUR_US };
	struct remote r = { 0 };
	const char *id;
	char key[32];

	remote_start(&r, "127.0.0.1", 0);
	house_route("far.example", r.port);
	(void)snprintf(key, sizeof(key), "[127.0.0.1]:%u", r.port);
	queue_host_set(house.relay.queue, slice_of(key), &memory);
	house_queue("other", "eve@far.example", NULL);
	id = house_queue("mine", "eve@far.example", NULL);
	house_run();
	want(2, 0, 0, 0, 2);
	cr_assert_eq(relay_run(&house.relay, slice_of(id), &house.count), 0);
	want(1, 0, 1, 0, 0);
	cr_assert(strstr(r.seen->text, "Subject: mine\r\n"));
	cr_assert_eq(house_queued(NULL, NULL), 1);
	cr_assert_eq(relay_run(&house.relay, slice_of(id), NULL), -ENOENT);
	remote_stop(&r);
}

Test(run, many_destinations_two_workers, IN_HOUSE)
{
	struct remote r[6] = { 0 };
	char domain[32], address[ARRAY_LEN(r)][32];

	house.settings.relay.workers = 2;
	for (size_t i = 0; i < ARRAY_LEN(r); i++) {
		r[i].hang_ms = 50;
		remote_start(&r[i], "127.0.0.1", 0);
		(void)snprintf(domain, sizeof(domain), "far%zu.example", i);
		(void)snprintf(address[i], sizeof(address[i]),
			       "eve@far%zu.example", i);
		house_route(domain, r[i].port);
	}
	house_queue("all", address[0], address[1], address[2], address[3],
		    address[4], address[5], NULL);
	for (size_t i = 0; i < ARRAY_LEN(r); i++)
		house_queue("one", address[i], NULL);
	house_run();
	want(7, 0, 12, 0, 0);
	cr_assert_eq(*remote_most, 2, "%u at once", *remote_most);
	for (size_t i = 0; i < ARRAY_LEN(r); i++) {
		cr_assert_eq(r[i].seen->messages, 2);
		cr_assert_eq(r[i].seen->connections, 1);
		remote_stop(&r[i]);
	}
}

Test(run, two_at_once_send_nothing_twice, IN_HOUSE)
{
	struct remote r = { .hang_ms = 2 };
	pid_t other;

	house.settings.relay.per_connection = 1;
	remote_start(&r, "127.0.0.1", 0);
	house_route("far.example", r.port);
	for (int i = 0; i < 40; i++)
		house_queue("once", "eve@far.example", NULL);
	other = run_apart();
	house_run();
	want_ended_well(other);
	cr_assert_eq(r.seen->messages, 40);
	cr_assert_eq(house_queued(NULL, NULL), 0);
	remote_stop(&r);
}

/* A slow host's worker was forked off while the other message was held: it
 * has that file open too, and must not keep the claim on it. */
Test(run, a_slow_host_holds_up_no_other_mail, IN_HOUSE)
{
	struct remote slow = { .hang_ms = 3000 };
	struct remote later = { .end = "451 4.3.0 later", .hang_ms = 300 };
	struct queue_item *item = NULL;
	const char *id;
	int r = -EAGAIN;
	pid_t run;

	remote_start(&slow, "127.0.0.1", 0);
	remote_start(&later, "127.0.0.1", 0);
	house_route("slow.example", slow.port);
	house_route("later.example", later.port);
	id = house_queue("later", "eve@later.example", NULL);
	house_queue("slow", "eve@slow.example", NULL);
	run = run_apart();
	cr_assert(comes_to(&slow.seen->asked, 1));
	cr_assert(comes_to(&later.seen->messages, 1));
	for (int i = 0; i < 100 && r == -EAGAIN; i++) {
		(void)poll(NULL, 0, 10);
		r = queue_claim(house.relay.queue, slice_of(id), &item);
	}
	cr_assert_eq(r, 0, "%s", strerror(-r));
	cr_assert_eq(slow.seen->messages, 0, "the slow one is at it still");
	queue_item_free(item);
	want_ended_well(run);
	cr_assert_eq(house_queued(NULL, NULL), 1);
	remote_stop(&slow);
	remote_stop(&later);
}

/* What comes in while a worker is busy does not wait for its end. */
Test(run, takes_in_new_mail_meanwhile, IN_HOUSE)
{
	struct remote slow = { .hang_ms = 3000 }, r = { 0 };
	pid_t run;

	clock_thaw();
	remote_start(&slow, "127.0.0.1", 0);
	remote_start(&r, "127.0.0.1", 0);
	house_route("slow.example", slow.port);
	house_route("far.example", r.port);
	house_queue("slow", "eve@slow.example", NULL);
	run = run_apart();
	cr_assert(comes_to(&slow.seen->asked, 1));
	house_queue("new", "eve@far.example", NULL);
	cr_assert(comes_to(&r.seen->messages, 1));
	cr_assert_eq(slow.seen->messages, 0);
	want_ended_well(run);
	cr_assert_eq(house_queued(NULL, NULL), 0);
	remote_stop(&slow);
	remote_stop(&r);
}

/* postern-smtpd has its own in new/ while it serves mailboxes: the run stays
 * for it, or the path unit would start the next at once. */
Test(run, waits_for_what_others_hold_in_new, IN_HOUSE)
{
	struct queue_item *item = NULL;
	const char *id = house_queue("held", "bob@here.example", NULL);
	int status;
	pid_t run;

	cr_assert_eq(queue_claim(house.relay.queue, slice_of(id), &item), 0);
	run = run_apart();
	(void)poll(NULL, 0, 600);
	cr_assert_eq(waitpid(run, &status, WNOHANG), 0, "it has left");
	cr_assert_eq(house_files("new"), 1);
	queue_item_free(item);
	want_ended_well(run);
	cr_assert(house_bob_has("Subject: held\n"));
	cr_assert_eq(house_queued(NULL, NULL), 0);
}

/* ---- what dies ---- */

static unsigned deaths;

static void count_deaths(void *context, const struct log_kind *kind,
			 const struct log_field *fields, size_t n)
{
	(void)context;
	(void)fields;
	(void)n;
	deaths += kind == &relay_event_worker_died;
}

/* In workers only: dead between the other host's 250 and our record of it. */
static int die_at_write(void *parent, const char *step)
{
	if (getpid() != *(const pid_t *)parent && strcmp(step, "write") == 0)
		(void)kill(getpid(), SIGKILL);
	return 0;
}

Test(run, a_killed_worker_loses_nothing, IN_HOUSE)
{
	struct remote r = { 0 };
	pid_t us = getpid();
	int64_t due_us;

	remote_start(&r, "127.0.0.1", 0);
	house_route("far.example", r.port);
	house_queue("seven", "eve@far.example", NULL);
	log_set_sink(count_deaths, NULL);
	file_set_hook(die_at_write, &us);
	house_run();
	want(1, 0, 0, 0, 1);
	cr_assert_eq(deaths, 1);
	cr_assert_eq(house_queued(&due_us, NULL), 1);
	cr_assert_gt(due_us, NOON_US);
	file_set_hook(NULL, NULL);
	house_run_in(10);
	want(1, 0, 1, 0, 0);
	cr_assert_eq(house_queued(NULL, NULL), 0);
	remote_stop(&r);
}

/* The workers go on, and what they do stays claimed until it is done. */
Test(run, a_killed_run_sends_nothing_twice, IN_HOUSE)
{
	struct remote r = { .hang_ms = 500 };
	struct queue_item *item = NULL;
	const char *id;
	int e = -EAGAIN;
	pid_t run;

	remote_start(&r, "127.0.0.1", 0);
	house_route("far.example", r.port);
	id = house_queue("eight", "eve@far.example", NULL);
	run = run_apart();
	cr_assert(comes_to(&r.seen->asked, 1));
	(void)kill(run, SIGKILL);
	(void)waitpid(run, NULL, 0);
	cr_assert_eq(queue_claim(house.relay.queue, slice_of(id), &item),
		     -EAGAIN);
	house_run();
	want(0, 0, 0, 0, 0);
	for (int i = 0; i < 500 && e == -EAGAIN; i++) {
		(void)poll(NULL, 0, 10);
		e = queue_claim(house.relay.queue, slice_of(id), &item);
	}
	cr_assert_eq(e, 0);
	cr_assert_eq(queue_item_envelope(item)->to[0].state, RECIPIENT_RELAYED);
	queue_item_free(item);
	house_run();
	cr_assert_eq(house_queued(NULL, NULL), 0);
	cr_assert_eq(r.seen->messages, 1);
	remote_stop(&r);
}

/* ---- what cannot be had ---- */

static void forbid_fork(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAGAIN),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_LEN(code), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		_exit(2);
}

Test(run, no_process_to_be_had, IN_HOUSE)
{
	struct remote r = { 0 };
	pid_t pid;

	remote_start(&r, "127.0.0.1", 0);
	house_route("far.example", r.port);
	house_queue("nine", "eve@far.example", NULL);
	pid = fork();
	if (pid == 0) {
		forbid_fork();
		_exit(relay_run(&house.relay, SLICE_NONE, NULL) != -EAGAIN);
	}
	want_ended_well(pid);
	cr_assert_eq(house_queued(NULL, NULL), 1);
	house_run();
	want(1, 0, 1, 0, 0);
	remote_stop(&r);
}

/* The second message moves out of new/: no more processes from here on. */
static int forbid_at_second(void *renames, const char *step)
{
	if (strcmp(step, "rename") == 0 && ++*(unsigned *)renames == 2)
		forbid_fork();
	return 0;
}

/* Those that are at work end in peace; what has no worker is due still. */
Test(run, no_further_process_to_be_had, IN_HOUSE)
{
	struct remote slow = { .hang_ms = 2500 }, r = { 0 };
	unsigned renames = 0;
	pid_t run;

	clock_thaw();
	remote_start(&slow, "127.0.0.1", 0);
	remote_start(&r, "127.0.0.1", 0);
	house_route("slow.example", slow.port);
	house_route("far.example", r.port);
	house_queue("slow", "eve@slow.example", NULL);
	run = fork();
	if (run == 0) {
		file_set_hook(forbid_at_second, &renames);
		_exit(relay_run(&house.relay, SLICE_NONE, NULL) != -EAGAIN);
	}
	cr_assert(comes_to(&slow.seen->asked, 1));
	house_queue("new", "eve@far.example", NULL);
	want_ended_well(run);
	cr_assert_eq(slow.seen->messages, 1);
	cr_assert_eq(r.seen->connections, 0);
	cr_assert_eq(house_queued(NULL, NULL), 1);
	house_run();
	want(1, 0, 1, 0, 0);
	cr_assert_eq(slow.seen->messages, 1);
	remote_stop(&slow);
	remote_stop(&r);
}

static int no_rename(void *from, const char *step)
{
	unsigned *left = from;

	return strcmp(step, "rename") == 0 && (*left)-- == 0 ? -ENOSPC : 0;
}

/* It is due still, and tried no second time by this run. */
Test(run, what_cannot_be_put_off_ends_the_run, IN_HOUSE)
{
	struct remote r = { .rcpt = "450 4.2.1 later" };
	unsigned before = 1; /* out of new/; then hosts/ is left alone */

	remote_start(&r, "127.0.0.1", 0);
	house_route("far.example", r.port);
	house_queue("ten", "eve@far.example", NULL);
	file_set_hook(no_rename, &before);
	cr_assert_eq(relay_run(&house.relay, SLICE_NONE, &house.count),
		     -ENOSPC);
	want(1, 0, 0, 0, 1);
	file_set_hook(NULL, NULL);
	cr_assert_eq(r.seen->connections, 1);
	cr_assert_eq(house_queued(NULL, NULL), 1);
	house_run();
	want(1, 0, 0, 0, 1);
	remote_stop(&r);
}

/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "base/clock.h"
#include "tests/unit/relay/house.h"
#include "tests/unit/relay/remote.h"

#define IN_HOUSE .init = house_open, .fini = house_close

Test(worker, connections_are_used_again, IN_HOUSE)
{
	static const struct {
		uint64_t per_connection;
		unsigned connections;
	} rows[] = { { 100, 1 }, { 5, 1 }, { 4, 2 }, { 2, 3 }, { 1, 5 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct remote r = { 0 };
		char domain[32], address[40];

		remote_start(&r, "127.0.0.1", 0);
		(void)snprintf(domain, sizeof(domain), "far%zu.example", i);
		(void)snprintf(address, sizeof(address), "eve@%s", domain);
		house_route(domain, r.port);
		house.settings.relay.per_connection = rows[i].per_connection;
		for (int n = 0; n < 5; n++)
			house_queue("x", address, NULL);
		house_run();
		cr_assert_eq(r.seen->messages, 5, "row %zu", i);
		cr_assert_eq(r.seen->connections, rows[i].connections,
			     "row %zu: %u", i, r.seen->connections);
		remote_stop(&r);
	}
}

/* RFC 3461 §5.2.2: who takes NOTIFY along has the promise too. */
Test(worker, success_is_told_once, IN_HOUSE)
{
	static const struct {
		const char *offers;
		bool told_by_us;
	} rows[] = { { NULL, true }, { "250-DSN\r\n", false } };

	house_notify(DSN_SUCCESS | DSN_FAILURE);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct remote r = { .offers = rows[i].offers };
		const char *domain = i ? "dsn.example" : "old.example";
		const char *address = i ? "eve@dsn.example" : "eve@old.example";

		remote_start(&r, "127.0.0.1", 0);
		house_route(domain, r.port);
		house_queue("x", address, NULL);
		house_run();
		cr_assert_eq(r.seen->messages, 1);
		cr_assert_eq(strstr(r.seen->rcpt, "NOTIFY=SUCCESS,FAILURE") !=
				     NULL,
			     !rows[i].told_by_us, "row %zu", i);
		cr_assert_eq(house_bob_has(address), rows[i].told_by_us,
			     "row %zu", i);
		cr_assert_eq(house_queued(NULL, NULL), 0);
		remote_stop(&r);
	}
	cr_assert(house_bob_has("\nAction: relayed\n"));
}

/* A failure is ours to tell whatever the other host offers. */
Test(worker, failure_is_told_by_us, IN_HOUSE)
{
	struct remote r = { .offers = "250-DSN\r\n", .end = "554 5.6.0 no" };

	remote_start(&r, "127.0.0.1", 0);
	house_route("far.example", r.port);
	house_queue("x", "eve@far.example", NULL);
	house_run();
	cr_assert(house_bob_has("\nAction: failed\n"));
	remote_stop(&r);
}

Test(worker, a_connection_that_breaks_is_made_anew, IN_HOUSE)
{
	struct remote r = { .drops_at = 3 };

	remote_start(&r, "127.0.0.1", 0);
	house_route("far.example", r.port);
	for (int n = 0; n < 7; n++)
		house_queue("x", "eve@far.example", NULL);
	house_run();
	cr_assert_eq(house.count.relayed, 5);
	cr_assert_eq(house.count.deferred, 2, "what it broke at");
	cr_assert_eq(r.seen->connections, 3);
	remote_stop(&r);
}

/* Many hosts take a few messages over a connection and then say 421. */
Test(worker, a_host_that_has_had_enough_is_called_again, IN_HOUSE)
{
	static const struct {
		const char *domain, *address, *offers;
	} rows[] = {
		{ "one.example", "eve@one.example", NULL },
		{ "two.example", "eve@two.example", "250-PIPELINING\r\n" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct remote r = { .enough = 2, .offers = rows[i].offers };

		remote_start(&r, "127.0.0.1", 0);
		house_route(rows[i].domain, r.port);
		for (int n = 0; n < 5; n++)
			house_queue("x", rows[i].address, NULL);
		house_run();
		cr_assert_eq(house.count.relayed, 5, "row %zu: %zu", i,
			     house.count.relayed);
		cr_assert_eq(r.seen->messages, 5);
		cr_assert_eq(r.seen->connections, 3);
		remote_stop(&r);
	}
}

/* 421 to the first message is an answer like any other. */
Test(worker, one_that_has_had_enough_at_once, IN_HOUSE)
{
	struct remote r = { .rcpt = "421 4.3.2 going down" };
	struct recipient first;

	remote_start(&r, "127.0.0.1", 0);
	house_route("far.example", r.port);
	house_queue("x", "eve@far.example", NULL);
	house_run();
	cr_assert_eq(house.count.deferred, 1);
	cr_assert_eq(r.seen->connections, 1);
	cr_assert_eq(house_queued(NULL, &first), 1);
	cr_assert(slice_eq(first.status, SLICE("4.3.2")));
	remote_stop(&r);
}

Test(worker, one_that_keeps_breaking_is_left_alone, IN_HOUSE)
{
	struct remote r = { .drops_at = 1 };
	struct queue_host memory;
	char key[32];

	remote_start(&r, "127.0.0.1", 0);
	house_route("far.example", r.port);
	for (int n = 0; n < 9; n++)
		house_queue("x", "eve@far.example", NULL);
	house_run();
	cr_assert_eq(house.count.deferred, 9);
	cr_assert_eq(r.seen->connections, 3, "%u", r.seen->connections);
	(void)snprintf(key, sizeof(key), "[127.0.0.1]:%u", r.port);
	queue_host_get(house.relay.queue, slice_of(key), &memory);
	cr_assert_eq(memory.failures, 1);
	remote_stop(&r);
}

Test(worker, failures_in_a_row_are_remembered, IN_HOUSE)
{
	uint16_t port = remote_free_port();
	struct queue_host memory;
	struct recipient first;
	int64_t due_us;
	char key[32];

	house_route("far.example", port);
	(void)snprintf(key, sizeof(key), "[127.0.0.1]:%u", port);
	house_queue("x", "eve@far.example", NULL);
	for (unsigned i = 1; i <= 3; i++) {
		house_run();
		queue_host_get(house.relay.queue, slice_of(key), &memory);
		cr_assert_eq(memory.failures, i);
		cr_assert_gt(memory.not_before_us, clock_real_us());
		cr_assert_eq(house_queued(&due_us, &first), 1);
		cr_assert_eq(first.attempts, i);
		cr_assert(slice_eq(first.status, SLICE("4.4.1")));
		cr_assert(slice_eq(first.detail, SLICE("connection refused")));
		cr_assert(slice_starts(first.remote, SLICE("[127.0.0.1]:")));
		if (due_us < memory.not_before_us)
			due_us = memory.not_before_us;
		clock_freeze(due_us + 1000000, 0);
	}
}

Test(worker, the_second_host_when_the_first_refuses, IN_HOUSE)
{
	struct remote second = { 0 };
	struct recipient first;

	remote_start(&second, "127.0.0.2", 0);
	house_ask(second.port);
	house_queue("x", "eve@two.example", NULL);
	house_run();
	cr_assert_eq(second.seen->messages, 1);
	cr_assert_eq(house.count.relayed, 1);

	/* neither: what the last one said */
	remote_stop(&second);
	house_queue("x", "eve@two.example", NULL);
	house_run();
	cr_assert_eq(house.count.deferred, 1);
	cr_assert_eq(house_queued(NULL, &first), 1);
	cr_assert(slice_starts(first.remote,
			       SLICE("b.two.example [127.0.0.2]:")));
}

/* A refusal is final only where no other host may think better of it. */
Test(worker, hosts_that_refuse_in_person, IN_HOUSE)
{
	static const struct {
		const char *first, *second;
		bool failed;
		const char *status;
	} rows[] = {
		{ "554 5.7.1 no", "554 5.7.1 no", true, "5.7.1" },
		{ "421 4.3.2 busy", "554 5.7.1 no", false, "4.7.1" },
		{ "554 5.7.1 no", "421 4.3.2 busy", false, "4.3.2" },
		{ NULL, "554 5.7.1 no", false, "4.7.1" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct remote a = { .greeting = rows[i].first };
		struct remote b = { .greeting = rows[i].second };
		struct queue_item *item = NULL;
		struct queue_host none = { 0 };
		struct recipient r;
		const char *id;

		remote_start(&b, "127.0.0.2", 0);
		if (rows[i].first)
			remote_start(&a, "127.0.0.1", b.port);
		if (!house.relay.dns)
			house_ask(b.port);
		house.settings.relay.port = b.port;
		id = house_queue("x", "eve@two.example", NULL);
		house_run();
		cr_assert_eq(house.count.failed, rows[i].failed, "row %zu", i);
		cr_assert_eq(house_queued(NULL, &r), !rows[i].failed);
		if (!rows[i].failed) {
			cr_assert(slice_eq(r.status, slice_of(rows[i].status)),
				  "row %zu: %.*s", i, SLICE_ARG(r.status));
			cr_assert_eq(queue_claim(house.relay.queue,
						 slice_of(id), &item),
				     0);
			cr_assert_eq(queue_item_remove(item), 0);
		}
		queue_host_set(house.relay.queue, SLICE("two.example"), &none);
		remote_stop(&a);
		remote_stop(&b);
	}
}

Test(worker, domains_without_hosts, IN_HOUSE)
{
	static const struct {
		const char *address, *status;
	} rows[] = {
		{ "eve@null.example", "\nStatus: 5.1.10\n" },
		{ "eve@nowhere.example", "\nStatus: 5.1.2\n" },
		{ "eve@b.two.example", NULL }, /* implicit MX */
	};
	struct remote r = { 0 };

	remote_start(&r, "127.0.0.2", 0);
	house_ask(r.port);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		house_queue("x", rows[i].address, NULL);
		house_run();
		cr_assert_eq(house.count.failed, rows[i].status ? 1 : 0,
			     "row %zu", i);
		if (rows[i].status)
			cr_assert(house_bob_has(rows[i].status), "row %zu", i);
		cr_assert_eq(house_queued(NULL, NULL), 0);
		cr_assert_eq(house_files("hosts"), 0, "nothing is down");
	}
	cr_assert_eq(r.seen->messages, 1);
	remote_stop(&r);
}

Test(worker, name_servers_that_do_not_answer, IN_HOUSE)
{
	char server[32];
	struct recipient r;

	(void)snprintf(server, sizeof(server), "127.0.0.1:%u",
		       remote_free_port());
	cr_assert_eq(dns_new(server, 1, &house.relay.dns), 0);
	house_queue("x", "eve@two.example", NULL);
	house_run();
	cr_assert_eq(house.count.deferred, 1);
	cr_assert_eq(house_queued(NULL, &r), 1);
	cr_assert(slice_eq(r.status, SLICE("4.4.3")));
	cr_assert_eq(house_files("hosts"), 1);
}

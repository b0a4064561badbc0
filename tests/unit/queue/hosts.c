/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "house.h"

Test(hosts, remembered_and_forgotten)
{
	static char longest[600];
	const struct slice names[] = {
		SLICE("example.net"),  SLICE("[192.0.2.1]:2525"),
		SLICE("../../escape"), SLICE("."),
		SLICE("a/b\nc"),       { longest, sizeof(longest) },
	};
	struct house h;

	memset(longest, '/', sizeof(longest));
	house_open(&h);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct queue_host w = { (unsigned)i + 1, NOON_US }, r;

		queue_host_get(h.queue, names[i], &r);
		cr_assert_eq(r.failures, 0, "%zu", i);
		queue_host_set(h.queue, names[i], &w);
		cr_assert_eq(house_files(&h, "hosts"), 1, "%zu", i);
		queue_host_get(h.queue, names[i], &r);
		cr_assert_eq(r.failures, i + 1, "%zu", i);
		cr_assert_eq(r.not_before_us, NOON_US, "%zu", i);
		w.failures = 0;
		queue_host_set(h.queue, names[i], &w);
		cr_assert_eq(house_files(&h, ""), 0, "%zu", i);
	}
	house_close(&h);
}

Test(hosts, forgotten_all_at_once)
{
	const struct queue_host down = { 3, NOON_US };
	struct queue_host r;
	struct house h;

	house_open(&h);
	queue_host_set(h.queue, SLICE("example.net"), &down);
	queue_host_set(h.queue, SLICE("[192.0.2.1]:2525"), &down);
	cr_assert_eq(queue_hosts_forget(h.queue), 0);
	queue_host_get(h.queue, SLICE("example.net"), &r);
	cr_assert_eq(r.failures, 0);
	cr_assert_eq(house_files(&h, ""), 0);
	house_close(&h);
}

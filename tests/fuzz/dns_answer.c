/* SPDX-License-Identifier: ISC */
/* A message that claims to answer a question; the first byte says which kind of
 * question it was. */
#include <assert.h>

#include "net/dns_many.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(1 << 20);
	struct dns_question q = { .name = SLICE("a.example"),
				  .outcome = DNS_AGAIN };

	if (size > 0) {
		q.type = (enum dns_type)(data[0] % (DNS_TXT + 1));
		data++;
		size--;
	}
	if (!dns_read_answer(data, size, &q, arena))
		assert(q.outcome == DNS_AGAIN && q.n == 0);
	assert(q.n <= DNS_ANSWERS_MAX);
	assert((q.n > 0) == (q.outcome == DNS_FOUND));
	for (size_t i = 0; i < q.n; i++)
		assert(q.answers[i].p && strlen(q.answers[i].p) <= 1024);
	arena_free(arena);
	return 0;
}

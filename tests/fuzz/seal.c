/* SPDX-License-Identifier: ISC */
/* A hostile seal: what is read of it is a seal that can be written, and reads
 * the same again. */
#include <assert.h>

#include "mail/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size };
	struct seal s, again;
	char line[SEAL_MAX];
	size_t n;

	if (seal_parse(in, &s) < 0)
		return 0;
	assert(seal_is(in));
	n = seal_format(&s, line);
	assert(n < sizeof(line) && line[n - 1] == '\n');
	assert(seal_parse((struct slice){ line, n - 1 }, &again) == 0);
	assert(again.length == s.length);
	assert(strcmp(again.digest, s.digest) == 0);
	assert(strcmp(again.once, s.once) == 0);
	return 0;
}

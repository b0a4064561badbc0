/* SPDX-License-Identifier: ISC */
/* The header scanner says the same however the bytes are cut. */
#include <assert.h>

#include "base/digest.h"
#include "mail/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_field(void *context, struct slice name, struct slice body)
{
	assert(name.n > 0);
	digest_add(context, name);
	digest_add(context, SLICE("\n"));
	digest_add(context, body);
	digest_add(context, SLICE("\n"));
}

static uint64_t scan(struct slice in, size_t chunk, char ret[65])
{
	struct digest digest;
	struct header_scan h;
	uint64_t bytes;

	digest_start(&digest);
	header_scan_start(&h, on_field, &digest);
	while (in.n > 0) {
		(void)header_scan_push(&h, slice_upto(in, chunk));
		in = slice_from(in, chunk);
	}
	header_scan_end(&h);
	bytes = h.bytes;
	header_scan_done(&h);
	digest_hex(&digest, ret, 32);
	return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size };
	char whole[65], cut[65];

	assert(scan(in, SIZE_MAX, whole) == scan(in, 1 + size % 7, cut));
	assert(memcmp(whole, cut, sizeof(whole)) == 0);
	return 0;
}

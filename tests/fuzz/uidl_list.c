/* SPDX-License-Identifier: ISC */
/* Unique-ids from elsewhere: a hostile list gives only ids that may be shown,
 * each message at most one; a hostile header is only ever "none". */
#include <assert.h>

#include "cli/uidl_ids.h"

#define N 5

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_list(const uint8_t *data, size_t size)
{
	FILE *in = fmemopen((void *)data, size, "r");
	struct uidl_complaint complaint = { .remedy = NULL };
	struct uidl_ids ids;
	size_t given = 0;
	int r;

	assert(in && uidl_ids_new(N, &ids) == 0);
	r = uidl_from_list(in, &ids, &complaint);
	assert(r == 0 || (r == -EBADMSG && complaint.remedy));
	for (size_t i = 0; i < N; i++) {
		if (ids.v[i].text[0] == '\0')
			continue;
		assert(uidl_valid(slice_of(ids.v[i].text)));
		given++;
	}
	assert(r < 0 || (given == ids.given && given + ids.without == N));
	uidl_ids_done(&ids);
	(void)fclose(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct uidl_x_uid x;
	char id[17];

	if (size > 0)
		read_list(data, size);
	uidl_x_uid(text, &x);
	assert(x.uid <= UINT32_MAX && x.validity <= UINT32_MAX &&
	       x.last_uid <= UINT32_MAX);
	uidl_popa3d(text, id);
	assert(strlen(id) == 16);
	return 0;
}

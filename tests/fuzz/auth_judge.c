/* SPDX-License-Identifier: ISC */
/* A client's side of AUTH: the first line names the mechanism, each further
 * one is a response in base64. Without users nobody gets in. */
#include <assert.h>

#include "auth/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void exchange(struct judge *j, struct slice rest)
{
	struct slice line, text;
	enum auth_step step;

	if (!slice_field(&rest, '\n', &line))
		return;
	step = judge_begin(j, line, SLICE_NONE, &text);
	while (step == AUTH_STEP_MORE && slice_field(&rest, '\n', &line))
		step = judge_next(j, line, &text);
	assert(step != AUTH_STEP_YES);
	judge_cancel(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct auth_scene scene = {
		.service = SLICE("smtp"),
		.peer_ip = SLICE("192.0.2.1"),
		.session = SLICE("s"),
		.plaintext = true,
		.tls = true,
		.binding = SLICE("binding"),
		.external = SLICE("nobody-here"),
	};
	struct arena *arena = arena_new(1 << 20);
	struct settings settings;
	struct judge *j;

	assert(settings_default(arena, &settings) == 0);
	settings.users.file = settings.auth.passwords = SLICE("/nonexistent");
	settings.auth.brake = settings.auth.memory = SLICE("");
	settings.auth.secret = SLICE("/nonexistent/secret");
	settings.auth.system = SLICE("no");
	j = judge_new(&settings);
	assert(j && judge_scene(j, &scene) == 0);
	exchange(j, (struct slice){ (const char *)data, size });
	judge_free(j);
	arena_free(arena);
	return 0;
}

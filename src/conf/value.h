/* SPDX-License-Identifier: ISC */
/* One setting's value: from text, to text. What each type looks like. */
#pragma once

#include "conf/table.h"

/* What of a text that value_parse refuses is to be shown: the word that is not
 * known, where there is one; else all of it. */
struct slice value_culprit(const struct setting *s, struct slice text);

/* Parse `text` and put it into `ret` where the setting's field is. Slices
 * and lists live in `arena`. 0, -EINVAL (not of that type), -ERANGE (outside
 * min..max), -ENOMEM; on failure `ret` is as it was. */
int value_parse(const struct setting *s, struct slice text, struct arena *arena,
		struct settings *ret) MUST_LOOK;

/* Append the value as the file has it; long lists go over several lines.
 * 0 or as buf_put. */
int value_format(const struct setting *s, const struct settings *from,
		 struct buf *b) MUST_LOOK;

/* Append what would have been right, as a remedy: "write a duration such as
 * 30 s, 5 min or 4 h, from 1 s to 10 min". 0 or as buf_put. */
int value_expected(const struct setting *s, struct buf *b) MUST_LOOK;

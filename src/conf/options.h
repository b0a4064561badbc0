/* SPDX-License-Identifier: ISC */
/* The options of a user, postern-users(5): key=value with commas between. */
#pragma once

#include "base/slice.h"

struct user_option {
	struct slice word; /* all of it */
	struct slice key, value;
};

/* Cut the next one off *rest; empty ones are passed over, blanks around key
 * and value dropped. A word without '=' has an empty value. False: that was
 * all. */
bool user_option_next(struct slice *rest, struct user_option *ret);

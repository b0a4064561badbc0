/* SPDX-License-Identifier: ISC */
/* See events.h. Must never be given a password. */
#include "auth/events.h"

#include <syslog.h>

const struct log_kind auth_event_passed = {
	"208798901eca1bef868485dee3f02b4f",
	LOG_NOTICE,
	"authentication passed",
};

const struct log_kind auth_event_failed = {
	"f560ccb9b91a9856503f744b41eebe06",
	LOG_NOTICE,
	"authentication failed",
};

const struct log_kind auth_event_unanswered = {
	"0d5c9f0a6b7e4f0e9a1c2c6c4e5b8d37",
	LOG_ERR,
	"a login cannot be judged: postern-authd does not answer",
};

const struct log_kind auth_event_without = {
	"c3bf6b71a10da1ff6e12ee9d49822973",
	LOG_WARNING,
	"logins go on without a file that cannot be opened",
};

const struct log_kind auth_event_unjudged = {
	"8c0850b667e24aa39b0c6f16d6f8c2d1",
	LOG_ERR,
	"a user cannot be judged: a file is missing, or cannot be read",
};

const struct log_kind auth_event_no_library = {
	"3dc43002ce8c90ba3e9abe6f02a686d0",
	LOG_ERR,
	"the login needs a library that cannot be loaded",
};

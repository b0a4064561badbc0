/* SPDX-License-Identifier: ISC */
/* See events.h. Must never be given a password. */
#include "pop3/events.h"

#include <syslog.h>

const struct log_kind pop3_event_login = {
	"36e5bca10715968b3b99e82fa711c10d",
	LOG_NOTICE,
	"POP3 login",
};

const struct log_kind pop3_event_login_failed = {
	"658f1c05626b4663cc4b993ad9820119",
	LOG_NOTICE,
	"POP3 login failed",
};

const struct log_kind pop3_event_logout = {
	"273ca4ac4145c5195719aec94013d992",
	LOG_INFO,
	"POP3 session ended",
};

const struct log_kind pop3_event_unfinished = {
	"6451b0a745934cd68d1ec8405009e570",
	LOG_WARNING,
	"POP3 deletions are left for the next who opens the mailbox to finish",
};

const struct log_kind pop3_event_trouble = {
	"3dd4b553c89019ea33cdfece2057cd4d",
	LOG_ERR,
	"POP3 session had trouble with its mailbox",
};

/* SPDX-License-Identifier: ISC */
/* See events.h. */
#include "smtp/events.h"

#include <syslog.h>

const struct log_kind smtp_event_accepted = {
	"c6e0b66373704960953594bd8e4d1afe",
	LOG_NOTICE,
	"message accepted",
};

const struct log_kind smtp_event_refused = {
	"d3d3706de6b145dfbf08b1b272fd52b1",
	LOG_NOTICE,
	"message refused",
};

const struct log_kind smtp_event_mail_refused = {
	"2bb20d80aff547df9b856b3433528f94",
	LOG_NOTICE,
	"sender refused",
};

const struct log_kind smtp_event_rcpt_refused = {
	"e6d5f1f0c8c04c64b446d1ca00ccf38d",
	LOG_NOTICE,
	"recipient refused",
};

const struct log_kind smtp_event_login = {
	"9c570a1b09754be9bc516c1d8d312284",
	LOG_INFO,
	"SMTP login",
};

const struct log_kind smtp_event_login_failed = {
	"bce2f875463a4ed08a508e0dc5ebbe7a",
	LOG_NOTICE,
	"SMTP login failed",
};

const struct log_kind smtp_event_end = {
	"c79011fbef344f15b3a7511c71110955",
	LOG_INFO,
	"SMTP session ended",
};

/* SPDX-License-Identifier: ISC */
/* Dates as mail writes them; no locale, and local time only where the RFC
 * wants the zone shown. */
#pragma once

#include "base/slice.h"

#define DATE_MAX 40

/* "Mon, 23 Nov 2026 07:15:03 +0000" (RFC 5322 §3.3, UTC). */
void date_rfc5322(int64_t real_us, char ret[DATE_MAX]);

/* "Mon Nov 23 07:15:03 2026" (UTC): the From_ line of RFC 4155. */
void date_mbox(int64_t real_us, char ret[DATE_MAX]);

/* Back again from date_mbox's form, also without the seconds; and from what
 * stands in others' From_ lines: zones, which are not looked at, and mail's
 * order of day, month and year. 0 or -EINVAL. */
int date_parse_mbox(struct slice text, int64_t *ret_real_us) MUST_LOOK;

/* "2026-11-23T07:15:03Z": file names and listings (RFC 3339). */
void date_iso(int64_t real_us, char ret[DATE_MAX]);

/* Back again from date_iso's form: 0 or -EINVAL. */
int date_parse_iso(const char *text, int64_t *ret_real_us) MUST_LOOK;

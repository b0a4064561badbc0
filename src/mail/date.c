/* SPDX-License-Identifier: ISC */
/* See date.h. */
#include "mail/date.h"

static const char days[][4] = {
	"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"
};
static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
				  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static struct tm broken_down(int64_t real_us)
{
	time_t t = (time_t)(real_us / 1000000);
	struct tm tm = { 0 };

	(void)gmtime_r(&t, &tm); /* fails only past the year 2^31 */
	return tm;
}

void date_rfc5322(int64_t real_us, char ret[DATE_MAX])
{
	struct tm t = broken_down(real_us);

	(void)snprintf(ret, DATE_MAX, "%s, %d %s %04d %02d:%02d:%02d +0000",
		       days[t.tm_wday], t.tm_mday, months[t.tm_mon],
		       t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

void date_mbox(int64_t real_us, char ret[DATE_MAX])
{
	struct tm t = broken_down(real_us);

	(void)snprintf(ret, DATE_MAX, "%s %s %2d %02d:%02d:%02d %04d",
		       days[t.tm_wday], months[t.tm_mon], t.tm_mday, t.tm_hour,
		       t.tm_min, t.tm_sec, t.tm_year + 1900);
}

void date_iso(int64_t real_us, char ret[DATE_MAX])
{
	struct tm t = broken_down(real_us);

	(void)snprintf(ret, DATE_MAX, "%04d-%02d-%02dT%02d:%02d:%02dZ",
		       t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour,
		       t.tm_min, t.tm_sec);
}

int date_parse_iso(const char *text, int64_t *ret_real_us)
{
	struct tm t = { 0 };
	char again[DATE_MAX];
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &t);
	time_t seconds;

	if (!end || *end != '\0')
		return -EINVAL;
	seconds = timegm(&t);
	/* strptime takes 31 February; what we wrote reads back the same */
	date_iso((int64_t)seconds * 1000000, again);
	if (strcmp(again, text) != 0)
		return -EINVAL;
	*ret_real_us = (int64_t)seconds * 1000000;
	return 0;
}

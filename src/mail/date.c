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

/* ---- asctime ---- */

static int index_of(struct slice word, const char (*names)[4], int n)
{
	for (int i = 0; i < n; i++)
		if (slice_eq_nocase(word, slice_of(names[i])))
			return i;
	return -1;
}

/* hh:mm or hh:mm:ss, also of one digit each */
static bool take_time(struct slice word, struct tm *t)
{
	static const uint64_t most[3] = { 23, 59, 60 };
	uint64_t part[3] = { 0 };
	struct slice digits;
	size_t n = 0;

	for (; slice_field(&word, ':', &digits); n++)
		if (n == 3 || slice_number(digits, 0, most[n], &part[n]) < 0)
			return false;
	t->tm_hour = (int)part[0];
	t->tm_min = (int)part[1];
	t->tm_sec = (int)part[2];
	return n >= 2;
}

static bool take_day(struct slice word, struct tm *t)
{
	uint64_t day;

	if (slice_number(word, 1, 31, &day) < 0)
		return false;
	t->tm_mday = (int)day;
	return true;
}

static bool take_month(struct slice word, struct tm *t)
{
	t->tm_mon = index_of(word, months, 12);
	return t->tm_mon >= 0;
}

/* [zone] year [zone …] */
static bool take_year(struct slice *rest, struct tm *t)
{
	uint64_t year;

	for (int i = 0; i < 3; i++) {
		struct slice word = slice_word(rest);

		if ((word.n != 4 && word.n != 2) ||
		    slice_number(word, 0, 9999, &year) < 0)
			continue;
		if (word.n == 2) /* RFC 5322 §4.3 */
			year += year < 50 ? 2000 : 1900;
		t->tm_year = (int)year - 1900;
		return true;
	}
	return false;
}

static bool take_ctime(struct slice text, struct tm *t)
{
	return index_of(slice_word(&text), days, 7) >= 0 &&
	       take_month(slice_word(&text), t) &&
	       take_day(slice_word(&text), t) &&
	       take_time(slice_word(&text), t) && take_year(&text, t);
}

/* Mon, 23 Nov 2026 07:15:03 */
static bool take_rfc5322(struct slice text, struct tm *t)
{
	struct slice day = slice_word(&text), year;

	if (!slice_ends(day, SLICE(",")) ||
	    index_of(slice_upto(day, day.n - 1), days, 7) < 0 ||
	    !take_day(slice_word(&text), t) ||
	    !take_month(slice_word(&text), t))
		return false;
	year = slice_word(&text);
	return take_year(&year, t) && take_time(slice_word(&text), t);
}

int date_parse_mbox(struct slice text, int64_t *ret_real_us)
{
	struct tm ctime_ = { 0 }, rfc5322 = { 0 };

	if (take_ctime(text, &ctime_))
		*ret_real_us = (int64_t)timegm(&ctime_) * 1000000;
	else if (take_rfc5322(text, &rfc5322))
		*ret_real_us = (int64_t)timegm(&rfc5322) * 1000000;
	else
		return -EINVAL;
	return 0;
}

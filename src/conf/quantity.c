/* SPDX-License-Identifier: ISC */
/* See quantity.h. Never rounds. */
#include "conf/quantity.h"

struct unit {
	const char *name;
	uint64_t worth;
};

/* Largest first among those that are written, up to the unit itself; the
 * first fits bare numbers. */
/* clang-format off */
static const struct unit durations[] = {
	{ "", 1000 },
	{ "d", 86400000 }, { "h", 3600000 }, { "min", 60000 },
	{ "s", 1000 }, { "ms", 1 },
};
static const struct unit sizes[] = {
	{ "", 1 },
	{ "TiB", 1ULL << 40 }, { "GiB", 1ULL << 30 }, { "MiB", 1ULL << 20 },
	{ "KiB", 1ULL << 10 }, { "B", 1 },
	{ "T", 1ULL << 40 }, { "G", 1ULL << 30 }, { "M", 1ULL << 20 },
	{ "K", 1ULL << 10 }, { "KB", 1000 },
};
static const struct unit decimal_sizes[] = {
	{ "", 1 },
	{ "TB", 1000000000000 }, { "GB", 1000000000 }, { "MB", 1000000 },
	{ "kB", 1000 }, { "B", 1 },
};
/* clang-format on */

static size_t digits(struct slice s)
{
	size_t n = 0;

	while (n < s.n && ascii_is_digit(s.p[n]))
		n++;
	return n;
}

static const struct unit *find_unit(struct slice name, const struct unit *units,
				    size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq(name, slice_of(units[i].name)))
			return &units[i];
	return NULL;
}

static int parse(struct slice text, const struct unit *units, size_t n,
		 uint64_t *ret)
{
	size_t end = digits(text);
	const struct unit *unit =
		find_unit(slice_trim(slice_from(text, end)), units, n);
	uint64_t number, product;
	int r;

	if (!unit)
		return -EINVAL;
	r = slice_number(slice_upto(text, end), 0, UINT64_MAX, &number);
	if (r < 0)
		return r;
	if (__builtin_mul_overflow(number, unit->worth, &product))
		return -ERANGE;
	*ret = product;
	return 0;
}

int quantity_parse_ms(struct slice text, uint64_t *ret_ms)
{
	return parse(text, durations, ARRAY_LEN(durations), ret_ms);
}

int quantity_parse_octets(struct slice text, uint64_t *ret_octets)
{
	int r = parse(text, sizes, ARRAY_LEN(sizes), ret_octets);

	return r != -EINVAL ? r
			    : parse(text, decimal_sizes,
				    ARRAY_LEN(decimal_sizes), ret_octets);
}

int quantity_parse_percent(struct slice text, uint64_t *ret)
{
	if (text.n > 0 && text.p[text.n - 1] == '%')
		text = slice_trim(slice_upto(text, text.n - 1));
	return slice_number(text, 0, UINT64_MAX, ret);
}

/* The largest that leaves no rest. */
static const struct unit *best_unit(uint64_t value, const struct unit *units)
{
	size_t i = 1;

	while (units[i].worth > 1 && value % units[i].worth != 0)
		i++;
	return &units[i];
}

static int format(struct buf *b, uint64_t value, const struct unit *unit)
{
	return buf_printf(b, "%llu %s",
			  (unsigned long long)(value / unit->worth),
			  unit->name);
}

int quantity_format_ms(struct buf *b, uint64_t ms)
{
	return ms == 0 ? buf_put(b, SLICE("0 s"))
		       : format(b, ms, best_unit(ms, durations));
}

int quantity_format_octets(struct buf *b, uint64_t octets)
{
	const struct unit *binary = best_unit(octets, sizes);
	const struct unit *decimal = best_unit(octets, decimal_sizes);
	const struct unit *best =
		binary->worth >= decimal->worth ? binary : decimal;

	if (octets == 0 || best->worth == 1)
		return buf_printf(b, "%llu", (unsigned long long)octets);
	return format(b, octets, best);
}

int quantity_format_about(struct buf *b, uint64_t octets)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double value = (double)octets / 1024;
	size_t i = 0;

	if (octets < 1024)
		return buf_printf(b, "%u B", (unsigned)octets);
	for (; value >= 1000 && i + 1 < ARRAY_LEN(units); i++)
		value /= 1024;
	return buf_printf(b, "%.*f %s", value < 10 ? 1 : 0, value, units[i]);
}

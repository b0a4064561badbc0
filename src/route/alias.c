/* SPDX-License-Identifier: ISC */
/* See alias.h. aliases(5) as sendmail and Postfix know it, without its
 * commands and files: nothing runs or is written on a stranger's behalf. */
#include "route/alias.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"

static const char include_word[] = ":include:";

/* Length of the target at the front: up to a comma outside quotes. */
static size_t target_length(struct slice s)
{
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && quoted && i + 1 < s.n)
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
		else if (s.p[i] == ',' && !quoted)
			return i;
	}
	return s.n;
}

/* "|command" is written with or without quotes. */
static char first_sign(struct slice s)
{
	if (s.n > 1 && s.p[0] == '"')
		return s.p[1];
	return s.n > 0 ? s.p[0] : '\0';
}

static struct alias_target classify(struct slice s)
{
	char sign = first_sign(s);

	if (slice_starts_nocase(s, slice_of(include_word)))
		return (struct alias_target){
			ALIAS_INCLUDE,
			slice_trim(slice_from(s, sizeof(include_word) - 1)),
		};
	if (sign == '|' || sign == '/' || s.p[0] == ':')
		return (struct alias_target){ ALIAS_REFUSED, s };
	if (s.p[0] == '\\')
		return (struct alias_target){ ALIAS_FINAL, slice_from(s, 1) };
	if (slice_find(s, '\0') < s.n)
		return (struct alias_target){ ALIAS_MALFORMED, s };
	return (struct alias_target){ ALIAS_ADDRESS, s };
}

bool alias_next(struct slice *rest, struct alias_target *ret)
{
	while (rest->n > 0) {
		size_t n = target_length(*rest);
		struct slice s = slice_trim(slice_upto(*rest, n));

		*rest = slice_from(*rest, n + 1);
		if (s.n > 0) {
			*ret = classify(s);
			return true;
		}
	}
	return false;
}

const char *alias_fault(const struct alias_target *t)
{
	switch (t->kind) {
	case ALIAS_REFUSED:
		return "delivery to a command or a file is not done here";
	case ALIAS_MALFORMED:
		return "a NUL byte in an alias";
	case ALIAS_INCLUDE:
		return t->text.n > 0 && t->text.p[0] == '/'
			       ? NULL
			       : ":include: needs an absolute path";
	case ALIAS_ADDRESS:
	case ALIAS_FINAL:
		break;
	}
	return NULL;
}

/* Lines become one list; the answer is written over the text itself, which
 * only gets shorter. */
static void join_lines(char *text, size_t n)
{
	struct slice rest = { text, n };
	struct slice line;
	size_t at = 0;

	while (slice_field(&rest, '\n', &line)) {
		line = slice_trim(line);
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (line.n == 0 || line.p[0] == '#')
			continue;
		memmove(text + at, line.p, line.n);
		at += line.n;
		text[at++] = ',';
	}
	text[at] = '\0';
}

static int read_trusted(int fd, char **ret_text)
{
	struct stat st;
	char *text;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_mode & S_IWOTH)
		return -EACCES;
	if (st.st_size > ALIAS_INCLUDE_MAX)
		return -EFBIG;
	/* a last line without end gets a comma too */
	text = malloc((size_t)st.st_size + 2);
	if (!text)
		return -ENOMEM;
	n = file_read_at(fd, text, (size_t)st.st_size, 0);
	if (n < 0) {
		free(text);
		return (int)n;
	}
	join_lines(text, (size_t)n);
	*ret_text = text;
	return 0;
}

int alias_include(struct slice path, char **ret_text)
{
	char name[PATH_MAX];
	int CLEANUP(file_close) fd = -1;

	if (path.n == 0 || path.p[0] != '/' || path.n >= sizeof(name))
		return -EINVAL;
	memcpy(name, path.p, path.n);
	name[path.n] = '\0';
	fd = file_open(AT_FDCWD, name, O_RDONLY);
	return fd < 0 ? fd : read_trusted(fd, ret_text);
}

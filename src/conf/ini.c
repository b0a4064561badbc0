/* SPDX-License-Identifier: ISC */
/* See ini.h. Lines are judged here before libinih sees them: it cuts long
 * lines in two, takes " ;" for a comment, and names only the first bad line.
 * Must never guess what a line may have meant. */
#include "conf/ini.h"

#include <dirent.h>
#include <fcntl.h>
#include <ini.h>

#include "base/file.h"

#define SECTION_MAX 64
#define KEY_MAX     64

struct reader {
	const char *file;
	struct slice rest; /* lines not yet read */
	unsigned line;
	bool continued; /* the line being read continues the one above */
	bool skipping;  /* the one above was refused */
	ini_entry *entry;
	ini_trouble *trouble;
	void *context;
	/* the setting being put together from its lines */
	bool pending;
	unsigned pending_line;
	char section[SECTION_MAX];
	char key[KEY_MAX];
	struct buf value;
	int error;
	/* the section begun last */
	char begun[SECTION_MAX];
	unsigned begun_line; /* 0: none */
	bool begun_used;     /* something stands in it */
};

struct objection {
	const char *what;
	const char *remedy;
};

/* clang-format off */
static const struct objection
	not_text = { "the line holds a NUL or another control character",
		"remove it: this is a text file" },
	too_long = { "the line is too long",
		"split it: a line that begins with a blank continues the one "
		"above" },
	inline_comment = { "a comment begins with # or ; at a line's start",
		"give the comment a line of its own" },
	nothing_above = { "the line begins with a blank and continues nothing",
		"begin settings and [sections] at the line's start" },
	bad_section = { "this is no section",
		"write [name], alone on its line" },
	no_setting = { "this is neither a section nor a setting",
		"write [section] or key = value" };
/* clang-format on */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct slice without_cr(struct slice line)
{
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* libinih takes more than blank and tab for white space. */
static bool is_text(struct slice line)
{
	for (size_t i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];

		if ((c < ' ' && c != '\t') || c == 127)
			return false;
	}
	return true;
}

static bool has_inline_comment(struct slice line)
{
	for (size_t i = 1; i < line.n; i++)
		if (line.p[i] == ';' && is_blank(line.p[i - 1]))
			return true;
	return false;
}

static bool is_section(struct slice line)
{
	return line.n > 2 && slice_find(line, ']') == line.n - 1;
}

static bool is_setting(struct slice line)
{
	struct slice key = slice_trim(slice_upto(line, slice_find(line, '=')));

	return slice_find(line, '=') < line.n && key.n > 0 && key.n < KEY_MAX &&
	       slice_find(key, ':') == key.n;
}

/* A line that begins a section or a setting. */
static const struct objection *object_to_start(struct slice text)
{
	if (text.p[0] == '[')
		return is_section(text) ? NULL : &bad_section;
	return is_setting(text) ? NULL : &no_setting;
}

static const struct objection *object_to_rest(const struct reader *r,
					      struct slice text)
{
	return r->pending && text.p[0] != '[' ? NULL : &nothing_above;
}

/* NULL: libinih may see it. `room`: of its buffer, with LF and NUL. */
static const struct objection *object(const struct reader *r, struct slice line,
				      size_t room)
{
	struct slice text = slice_trim(line);

	if (!is_text(line))
		return &not_text;
	if (text.n == 0 || text.p[0] == '#' || text.p[0] == ';')
		return line.n + 2 > room ? &too_long : NULL;
	if (line.n + 2 > room)
		return &too_long;
	if (has_inline_comment(line))
		return &inline_comment;
	return r->continued ? object_to_rest(r, text) : object_to_start(text);
}

static void give_pending(struct reader *r)
{
	const struct ini_place at = { r->file, r->pending_line };
	struct slice value = slice_trim(buf_slice(&r->value));

	if (!r->pending)
		return;
	r->pending = false;
	r->entry(r->context, at, slice_of(r->section), slice_of(r->key),
		 value.n > 0 ? value : SLICE(""));
}

/* Of one with nothing in it nobody else would hear. */
static void end_section(struct reader *r)
{
	const struct ini_place at = { r->file, r->begun_line };

	if (r->begun_line > 0 && !r->begun_used)
		r->entry(r->context, at, slice_of(r->begun), SLICE_NONE,
			 SLICE(""));
	r->begun_line = 0;
}

static void begin_section(struct reader *r, struct slice line)
{
	end_section(r);
	(void)snprintf(r->begun, sizeof(r->begun), "%.*s",
		       SLICE_ARG(slice_from(slice_upto(line, line.n - 1), 1)));
	r->begun_line = r->line;
	r->begun_used = false;
}

static void refuse(struct reader *r, const struct objection *o)
{
	const struct ini_place at = { r->file, r->line };

	r->begun_used = true;
	/* half a value must not be taken for the whole */
	if (r->continued)
		r->pending = false;
	else
		give_pending(r);
	if (!r->skipping || !r->continued)
		r->trouble(r->context, at, o->what, o->remedy);
	r->skipping = true;
}

static bool is_comment(struct slice line)
{
	struct slice text = slice_trim(line);

	return text.n == 0 || text.p[0] == '#' || text.p[0] == ';';
}

/* fgets(3) for libinih: one line, or an empty one where we refuse it. */
static char *next_line(char *ret, int room, void *context)
{
	struct reader *r = context;
	const struct objection *o;
	struct slice line;

	if (!slice_field(&r->rest, '\n', &line))
		return NULL;
	r->line++;
	line = without_cr(line);
	r->continued = line.n > 0 && is_blank(line.p[0]);
	o = object(r, line, (size_t)room);
	if (o) {
		refuse(r, o);
		line = SLICE_NONE;
	} else if (!is_comment(line) && !r->continued) {
		give_pending(r);
		r->skipping = false;
		if (line.p[0] == '[')
			begin_section(r, slice_trim(line));
		else
			r->begun_used = true;
	}
	if (line.n > 0)
		memcpy(ret, line.p, line.n);
	memcpy(ret + line.n, "\n", 2);
	return ret;
}

static int take_piece(struct reader *r, const char *value)
{
	int error = 0;

	if (r->value.n > 0)
		error = buf_put_byte(&r->value, ' ');
	return error < 0 ? error : buf_put(&r->value, slice_of(value));
}

/* libinih's handler: one call for each line of a value. */
static int on_value(void *context, const char *section, const char *key,
		    const char *value)
{
	struct reader *r = context;
	int error;

	if (!r->continued) {
		r->pending = true;
		r->pending_line = r->line;
		(void)snprintf(r->section, sizeof(r->section), "%s", section);
		(void)snprintf(r->key, sizeof(r->key), "%s", key);
		buf_reset(&r->value);
	}
	error = take_piece(r, value);
	if (error < 0 && r->error == 0)
		r->error = error;
	return 1;
}

int ini_read_text(const char *file, struct slice text, ini_entry *entry,
		  ini_trouble *trouble, void *context)
{
	struct reader r = {
		.file = file,
		.rest = text,
		.entry = entry,
		.trouble = trouble,
		.context = context,
		.value = BUF(INI_FILE_MAX),
	};
	int error;

	if (slice_starts(text, SLICE("\xef\xbb\xbf")))
		r.rest = slice_from(text, 3);
	error = ini_parse_stream(next_line, &r, on_value, &r) < 0 ? -ENOMEM
								  : r.error;
	if (error == 0) {
		give_pending(&r);
		end_section(&r);
	}
	buf_done(&r.value);
	return error;
}

static int load(const char *path, struct buf *text)
{
	CLEANUP(file_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	int r;

	if (fd < 0)
		return -errno;
	do {
		r = buf_reserve(text, 4096);
		if (r < 0)
			return r == -EMSGSIZE ? -EFBIG : r;
		n = read(fd, text->p + text->n, 4096);
		if (n > 0)
			text->n += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? -errno : 0;
}

static int read_file(const char *path, ini_entry *entry, ini_trouble *trouble,
		     void *context)
{
	struct buf text = BUF(INI_FILE_MAX + 4096);
	int r = load(path, &text);

	if (r == 0 && text.n > INI_FILE_MAX)
		r = -EFBIG;
	if (r == 0 && text.n > 0)
		r = ini_read_text(path, buf_slice(&text), entry, trouble,
				  context);
	buf_done(&text);
	return r;
}

static int is_drop_in(const struct dirent *d)
{
	return d->d_name[0] != '.' &&
	       slice_ends(slice_of(d->d_name), SLICE(".conf"));
}

/* alphasort() would ask the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Takes `path` over: it goes to the caller where the file failed. */
static int read_named(char *path, ini_entry *entry, ini_trouble *trouble,
		      void *context, char **ret_file)
{
	int r = path ? read_file(path, entry, trouble, context) : -ENOMEM;

	if (r < 0 && ret_file)
		*ret_file = path;
	else
		free(path);
	return r;
}

static char *join(const char *a, const char *b, const char *c)
{
	char *ret;

	return asprintf(&ret, "%s%s%s", a, b, c) < 0 ? NULL : ret;
}

static int read_drop_ins(const char *path, ini_entry *entry,
			 ini_trouble *trouble, void *context, char **ret_file)
{
	char *dir = join(path, ".d", "");
	struct dirent **names;
	int n = dir ? scandir(dir, &names, is_drop_in, by_name) : -1;
	int r = n < 0 && errno != ENOENT ? -errno : 0;

	if (r < 0 && ret_file) {
		*ret_file = dir;
		return r;
	}
	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = read_named(join(dir, "/", names[i]->d_name), entry,
				       trouble, context, ret_file);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	free(dir);
	return r;
}

int ini_read(const char *path, ini_entry *entry, ini_trouble *trouble,
	     void *context, char **ret_file)
{
	int r = read_named(join(path, "", ""), entry, trouble, context,
			   ret_file);

	return r < 0 ? r
		     : read_drop_ins(path, entry, trouble, context, ret_file);
}

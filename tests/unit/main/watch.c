/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "main/watch.h"

#define OLD_US 30000 /* more than a file is young for */

static char folder[64];

static void open_house(void)
{
	(void)snprintf(folder, sizeof(folder), "/tmp/postern-watch.XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
}

static void close_house(void)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
}

static const char *at(const char *name)
{
	static char path[2][PATH_MAX];
	static int i;

	i = !i;
	(void)snprintf(path[i], sizeof(path[i]), "%s/%s", folder, name);
	return path[i];
}

/* In place: the inode stays. */
static void put(const char *name, const char *text)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	cr_assert_geq(fd, 0);
	cr_assert_eq(file_write(fd, slice_of(text)), 0);
	cr_assert_eq(close(fd), 0);
}

static void grow_old(void)
{
	clock_pause_us(OLD_US);
}

static void replace(void)
{
	put("new", "other");
	cr_assert_eq(rename(at("new"), at("file")), 0);
}

static void rewrite(void)
{
	put("file", "lived");
}

static void touch_mode(void)
{
	cr_assert_eq(chmod(at("file"), 0640), 0);
}

static void remove_it(void)
{
	cr_assert_eq(unlink(at("file")), 0);
}

static void nothing(void)
{
}

static void make_other(void)
{
	put("beside", "text");
}

TestSuite(watch, .init = open_house, .fini = close_house);

Test(watch, a_file)
{
	static const struct {
		const char *name;
		void (*change)(void);
		bool told;
	} rows[] = {
		{ "nothing", nothing, false },
		{ "another file", make_other, false },
		{ "replaced", replace, true },
		{ "rewritten, same size", rewrite, true },
		{ "mode", touch_mode, true },
		{ "removed", remove_it, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct watch w = { 0 };

		put("file", "first");
		grow_old();
		watch_add(&w, at("file"));
		cr_assert_not(watch_changed(&w), "%s", rows[i].name);
		rows[i].change();
		cr_assert_eq(watch_changed(&w), rows[i].told, "%s",
			     rows[i].name);
		cr_assert_eq(watch_changed(&w), rows[i].told, "%s: again",
			     rows[i].name);
		watch_done(&w);
	}
}

Test(watch, what_is_missing_comes)
{
	struct watch w = { 0 };

	watch_add(&w, at("file"));
	watch_add(&w, at("folder/file"));
	grow_old();
	cr_assert_not(watch_changed(&w));
	put("file", "first");
	cr_assert(watch_changed(&w));
	watch_done(&w);
	cr_assert_not(watch_changed(&w));
}

/* Stamps go in ticks: a second change in one is not to be seen by stat(2), so
 * that a young file is told as changed once it is old. */
Test(watch, young)
{
	struct watch w = { 0 };
	struct stat was, is;
	struct timespec times[2];

	put("file", "first");
	watch_add(&w, at("file"));
	cr_assert_eq(stat(at("file"), &was), 0);
	cr_assert_not(watch_changed(&w));
	rewrite();
	times[0] = was.st_atim;
	times[1] = was.st_mtim;
	cr_assert_eq(utimensat(AT_FDCWD, at("file"), times, 0), 0);
	cr_assert_eq(stat(at("file"), &is), 0);
	cr_assert_eq(is.st_size, was.st_size);
	grow_old();
	cr_assert(watch_changed(&w));
	watch_done(&w);
	/* and no more, by him who looked since */
	watch_add(&w, at("file"));
	grow_old();
	cr_assert_not(watch_changed(&w));
	watch_done(&w);
}

/* The same without any change: young alone is enough. */
Test(watch, young_and_unchanged)
{
	struct watch w = { 0 };

	put("file", "first");
	watch_add(&w, at("file"));
	cr_assert_not(watch_changed(&w));
	grow_old();
	cr_assert(watch_changed(&w));
	watch_done(&w);
}

/* Once is enough, where that was as close a look. */
Test(watch, twice)
{
	struct watch w = { 0 };

	put("file", "first");
	grow_old();
	watch_add_place(&w, at("file"));
	watch_add(&w, at("file"));
	cr_assert_eq(w.n, 2);
	watch_add_place(&w, at("file"));
	watch_add(&w, at("file"));
	cr_assert_eq(w.n, 2);
	cr_assert_not(watch_changed(&w));
	rewrite();
	cr_assert(watch_changed(&w));
	watch_done(&w);
}

static void watch_parts(struct watch *w)
{
	grow_old();
	watch_add_folder(w, at("conf.d"), ".conf");
	cr_assert_not(watch_changed(w));
}

Test(watch, a_folder)
{
	struct watch w = { 0 };

	watch_parts(&w); /* is missing */
	cr_assert_eq(mkdir(at("conf.d"), 0700), 0);
	cr_assert(watch_changed(&w), "the folder came");
	watch_done(&w);
	watch_parts(&w);
	put("conf.d/a.conf", "first");
	cr_assert(watch_changed(&w), "a file came");
	watch_done(&w);
	put("conf.d/b.txt", "first");
	watch_parts(&w);
	put("conf.d/b.txt", "other");
	cr_assert_not(watch_changed(&w), "not ours");
	put("conf.d/a.conf", "lived");
	cr_assert(watch_changed(&w), "rewritten");
	watch_done(&w);
	watch_parts(&w);
	cr_assert_eq(unlink(at("conf.d/a.conf")), 0);
	cr_assert(watch_changed(&w), "a file went");
	watch_done(&w);
}

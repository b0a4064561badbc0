/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <sys/stat.h>

#include "base/ident.h"
#include "conf/settings.h"

static char dir[] = "/tmp/postern-settings.XXXXXX";

static void enter(void)
{
	cr_assert(mkdtemp(dir));
	cr_assert_eq(chdir(dir), 0);
}

static void leave(void)
{
	char command[64];

	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	cr_assert_eq(system(command), 0);
}

static void write_file(const char *path, struct slice text)
{
	FILE *f = fopen(path, "w");

	cr_assert(f);
	cr_assert_eq(fwrite(text.p, 1, text.n, f), text.n);
	cr_assert_eq(fclose(f), 0);
}

static void note(void *context, const struct complaint *c)
{
	cr_assert(c->remedy && c->problem);
	cr_assert_eq(buf_printf(context, "%s:%u: %s: %s\n",
				c->at.file ? c->at.file : "", c->at.line,
				c->problem, c->remedy),
		     0);
}

static int read_text(struct slice text, struct arena *arena, struct buf *said,
		     struct settings *ret)
{
	write_file("c", text);
	return settings_read("c", arena, note, said, ret);
}

Test(settings, defaults_are_whole)
{
	struct arena *arena = arena_new(65536);
	struct settings s;
	struct peer peer;
	char host[256];

	cr_assert_eq(settings_default(arena, &s), 0);
	ident_host(host, sizeof(host));
	cr_assert(slice_eq_nocase(s.host.name, slice_of(host)));
	cr_assert_eq(s.domains.local.n, 1);
	cr_assert(words_have(&s.domains.local, slice_of(host)));
	cr_assert_eq(s.smtp.message_max, 50ULL << 20);
	cr_assert_eq(s.smtp.session_s, 3600);
	cr_assert_eq(s.queue.expire_s, 5 * 86400);
	cr_assert(s.users.system && s.store.dotlock);
	cr_assert_str_eq(s.store.directory.p, "/var/mail");
	cr_assert_eq(peer_parse(SLICE("127.3.2.1"), &peer), 0);
	cr_assert(networks_have(&s.smtp.networks, &peer));
	cr_assert_eq(peer_parse(SLICE("192.0.2.1"), &peer), 0);
	cr_assert_not(networks_have(&s.smtp.networks, &peer));
	peer.kind = PEER_NONE;
	cr_assert_not(networks_have(&s.smtp.networks, &peer));
	arena_free(arena);
}

Test(settings, a_file_is_read_over_the_defaults, .init = enter, .fini = leave)
{
	struct arena *arena = arena_new(65536);
	struct buf said = BUF(4096);
	struct settings s;

	cr_assert_eq(mkdir("c.d", 0700), 0);
	write_file("c.d/a.conf", SLICE("[smtp]\nhops_max = 42\n"));
	cr_assert_eq(read_text(SLICE("[host]\nname = mx.example.org\n"
				     "[smtp]\nhops_max = 41\nmessage_max = "
				     "1 MiB\n"
				     "[domains]\nlocal = example.org\n"
				     " example.net\n"
				     "[users]\naliases =\n"),
			       arena, &said, &s),
		     0);
	cr_assert_eq(said.n, 0);
	cr_assert_eq(s.smtp.hops_max, 42);
	cr_assert_eq(s.smtp.message_max, 1 << 20);
	cr_assert_eq(s.smtp.errors_max, 20);
	cr_assert_eq(s.domains.local.n, 2);
	cr_assert_str_eq(s.users.aliases.p, "");
	cr_assert(words_have(&s.domains.local, SLICE("EXAMPLE.net")));
	cr_assert_not(words_have(&s.domains.local, SLICE("mx.example.org")));
	arena_free(arena);
}

static const struct {
	struct slice text;
	const char *said;
} wrong[] = {
	{ SLICE("[smtp]\nmesage_max = 1\n"),
	  "c:2: unknown setting 'mesage_max' in [smtp]: did you mean "
	  "message_max in [smtp]?\n" },
	{ SLICE("[smtp]\nlogin_delay = 1\n"),
	  "c:2: unknown setting 'login_delay' in [smtp]: did you mean "
	  "login_delay in [pop3]?\n" },
	{ SLICE("[smtp]\nfrobnicate = 1\n"),
	  "c:2: unknown setting 'frobnicate' in [smtp]: postern.conf(5) lists "
	  "them all\n" },
	{ SLICE("[smpt]\nhops_max = 1\n"),
	  "c:2: unknown section 'smpt': did you mean [smtp]?\n" },
	{ SLICE("[relayy]\n# nothing yet\n[smtp]\n"),
	  "c:1: unknown section 'relayy': did you mean [relay]?\n" },
	{ SLICE("[relay]\nsmarthost = a b\n"),
	  "c:2: smarthost cannot be 'a b': write a next hop such as "
	  "mx.example.net, mx.example.net:587 or [192.0.2.1]:587, and behind "
	  "it tls=verify, name=mx.example.net, implicit, auth=NAME\n" },
	{ SLICE("[x\x1b[31m]\n"),
	  "c:1: the line holds a NUL or another control character: remove it: "
	  "this is a text file\n" },
	{ SLICE("hops_max = 1\n"),
	  "c:1: a setting before any section: write [section] above it\n" },
	{ SLICE("\n[smtp]\nhops_max = many\n"),
	  "c:3: hops_max cannot be 'many': write a number, from 10 to "
	  "10000\n" },
	{ SLICE("[smtp]\nhops_max = 1\n"),
	  "c:2: hops_max is out of range: '1': write a number, from 10 to "
	  "10000\n" },
	{ SLICE("[smtp]\nhops_max =\n"),
	  "c:2: hops_max is empty: '': write a number, from 10 to 10000\n" },
	{ SLICE("[smtp]\nhops_max = x\nerrors_max = y\n[z]\na=b\n"),
	  "c:2: hops_max cannot be 'x': write a number, from 10 to 10000\n"
	  "c:3: errors_max cannot be 'y': write a number, from 1 to "
	  "1000000000\n"
	  "c:5: unknown section 'z': postern.conf(5) lists them all\n" },
	{ SLICE("[domains]\nlocal = a.example\nvirtual = b.example "
		"A.example\n"),
	  ":0: [domains] has 'a.example' as local and virtual: take it out of "
	  "one of the two lists\n" },
	{ SLICE("[queue]\nretry_min = 5 h\n"),
	  ":0: [queue] has a retry_min over its retry_max: make retry_max the "
	  "longer one\n" },
	{ SLICE("[greylist]\ndelay = 2 h\nwindow = 1 h\n"),
	  ":0: [greylist] has a delay over its window: make window the longer "
	  "one: nobody would ever come back in time\n" },
	{ SLICE("[trust]\nrefuse_lists = a b c d e f g h i j\n"
		"allow_lists = a b c d e f g h i j\n"
		"greylist_lists = a b c d e f g h i j k\n"),
	  ":0: [trust] has more than 30 lists: each costs a question for "
	  "every stranger: keep the best\n" },
	{ SLICE("[queue]\ndirectory = /var/mail\n"),
	  ":0: [store] and [queue] have the same directory: give each its "
	  "own\n" },
	{ SLICE("[smtp]\nhops_max\n"),
	  "c:2: this is neither a section nor a setting: write [section] or "
	  "key = value\n" },
};

Test(settings, what_is_wrong_is_fatal_and_named, .init = enter, .fini = leave)
{
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct arena *arena = arena_new(65536);
		struct buf said = BUF(4096);
		struct settings s;

		cr_assert_eq(read_text(wrong[i].text, arena, &said, &s),
			     -EINVAL, "row %zu", i);
		cr_assert_eq(buf_put_byte(&said, '\0'), 0);
		cr_assert_str_eq(said.p, wrong[i].said, "row %zu: %s", i,
				 said.p);
		buf_done(&said);
		arena_free(arena);
	}
}

Test(settings, a_missing_file_is_an_error, .init = enter, .fini = leave)
{
	struct arena *arena = arena_new(65536);
	struct buf said = BUF(4096);
	struct settings s;

	cr_assert_eq(settings_read("none", arena, note, &said, &s), -ENOENT);
	cr_assert(slice_starts(buf_slice(&said),
			       SLICE("none:0: cannot be read: No such file")));
	cr_assert_eq(settings_read("none", arena, NULL, NULL, &s), -ENOENT);
	buf_done(&said);
	arena_free(arena);
}

Test(settings, a_small_arena_is_no_crash, .init = enter, .fini = leave)
{
	struct settings s;

	write_file("c", SLICE("[smtp]\nnetworks = ::1\n"));
	for (size_t cap = 0; cap < 1200; cap += 7) {
		struct arena *arena = arena_new(cap);
		int r = settings_read("c", arena, NULL, NULL, &s);

		cr_assert(r == 0 || r == -ENOMEM || r == -EINVAL);
		arena_free(arena);
	}
}

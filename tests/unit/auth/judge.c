/* SPDX-License-Identifier: ISC */
/* The judge against GNU SASL's client side. */
#include <criterion/criterion.h>

#include <gsasl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "auth/auth.h"
#include "auth/events.h"
#include "auth/judge.h"
#include "auth/remember.h"
#include "auth/scram.h"
#include "base/clock.h"

static char users[] = "/tmp/postern-users.XXXXXX";
static char passwords[] = "/tmp/postern-passwords.XXXXXX";
static struct settings settings;
static struct arena *arena;

static void enter(void)
{
	char hash[AUTH_HASH_MAX], keys[SCRAM_TEXT_MAX];
	struct scram_keys k;
	FILE *f;

	arena = arena_new(1 << 20);
	cr_assert_eq(settings_default(arena, &settings), 0);
	settings.users.file = SLICE(users);
	settings.auth.passwords = SLICE(passwords);
	settings.auth.secret = SLICE("/nowhere/secret");
	settings.auth.brake = settings.auth.memory = SLICE("");
	settings.auth.system = SLICE("no");
	cr_assert_eq(auth_hash(SLICE("pencil"), hash), 0);
	cr_assert_eq(scram_fresh(SLICE("pencil"), 4096, &k), 0);
	scram_format(&k, keys);
	f = fdopen(mkstemp(users), "w");
	(void)fprintf(f, "user:::quota=1\nkeys:\nlocked:\nold:%s\n", hash);
	cr_assert_eq(fclose(f), 0);
	f = fdopen(mkstemp(passwords), "w");
	(void)fprintf(f, "user:%s:%s\nkeys::%s\nlocked:!%s:%s\n", hash, keys,
		      keys, hash, keys);
	cr_assert_eq(fclose(f), 0);
}

static void leave(void)
{
	(void)unlink(users);
	(void)unlink(passwords);
	arena_free(arena);
}

struct attempt {
	const char *mechanism, *name, *authzid, *password, *binding;
	bool plaintext;
	const char *server_binding, *external;
	enum auth_step outcome;
};

static int client_asked(Gsasl *g, Gsasl_session *s, Gsasl_property what)
{
	const struct attempt *a = gsasl_callback_hook_get(g);
	const char *value = NULL;

	switch (what) {
	case GSASL_AUTHID:
		value = a->name;
		break;
	case GSASL_AUTHZID:
		value = a->authzid;
		break;
	case GSASL_PASSWORD:
		value = a->password;
		break;
	case GSASL_CB_TLS_EXPORTER:
		value = a->binding;
		break;
	default:
		break;
	}
	return value ? gsasl_property_set(s, what, value) : GSASL_NO_CALLBACK;
}

static enum auth_step talk(struct judge *j, Gsasl_session *s,
			   const char *mechanism)
{
	struct slice text = SLICE_NONE;
	enum auth_step step =
		judge_begin(j, slice_of(mechanism), SLICE_NONE, &text);
	int rounds = 0, r = GSASL_NEEDS_MORE;

	while (step == AUTH_STEP_MORE && rounds++ < 10) {
		char challenge[1024], *out = NULL;

		(void)snprintf(challenge, sizeof(challenge), "%.*s",
			       SLICE_ARG(text));
		if (r == GSASL_NEEDS_MORE)
			r = gsasl_step64(s, challenge, &out);
		cr_assert(r == GSASL_OK || r == GSASL_NEEDS_MORE, "%s %s: %s",
			  mechanism, challenge, gsasl_strerror(r));
		step = judge_next(j, slice_of(out ? out : ""), &text);
		gsasl_free(out);
	}
	return step;
}

static enum auth_step run(const struct attempt *a)
{
	const struct auth_scene scene = {
		.service = SLICE("smtp"),
		.peer_ip = SLICE("192.0.2.1"),
		.session = SLICE("s"),
		.plaintext = a->plaintext,
		.binding = a->server_binding ? slice_of(a->server_binding)
					     : SLICE(""),
		.external = a->external ? slice_of(a->external) : SLICE(""),
	};
	struct judge *j = judge_new(&settings);
	enum auth_step step;
	Gsasl_session *s;
	Gsasl *g;

	cr_assert_eq(judge_scene(j, &scene), 0);
	cr_assert_eq(gsasl_init(&g), GSASL_OK);
	gsasl_callback_set(g, client_asked);
	gsasl_callback_hook_set(g, (void *)a);
	cr_assert_eq(gsasl_client_start(g, a->mechanism, &s), GSASL_OK);
	step = talk(j, s, a->mechanism);
	if (step == AUTH_STEP_YES)
		cr_assert(slice_eq(
			judge_user(j)->name,
			slice_of(a->external ? a->external : a->name)));
	gsasl_finish(s);
	gsasl_done(g);
	judge_free(j);
	return step;
}

#define B64 "YmluZGluZw==" /* "binding" */
#define YES AUTH_STEP_YES
#define NO  AUTH_STEP_NO
static const struct attempt rows[] = {
	{ "PLAIN", "user", NULL, "pencil", NULL, true, NULL, NULL, YES },
	{ "PLAIN", "old", NULL, "pencil", NULL, true, NULL, NULL, YES },
	{ "PLAIN", "keys", NULL, "pencil", NULL, true, NULL, NULL, YES },
	{ "PLAIN", "user", "user", "pencil", NULL, true, NULL, NULL, YES },
	{ "PLAIN", "user", "keys", "pencil", NULL, true, NULL, NULL, NO },
	{ "PLAIN", "user", NULL, "pencils", NULL, true, NULL, NULL, NO },
	{ "PLAIN", "keys", NULL, "pencils", NULL, true, NULL, NULL, NO },
	{ "PLAIN", "locked", NULL, "pencil", NULL, true, NULL, NULL, NO },
	{ "PLAIN", "nobody", NULL, "pencil", NULL, true, NULL, NULL, NO },
	{ "PLAIN", "user", NULL, "pencil", NULL, false, NULL, NULL,
	  AUTH_STEP_NEED_TLS },
	{ "LOGIN", "user", NULL, "pencil", NULL, true, NULL, NULL, YES },
	{ "LOGIN", "user", NULL, "pen", NULL, true, NULL, NULL, NO },
	{ "LOGIN", "user", NULL, "pencil", NULL, false, NULL, NULL,
	  AUTH_STEP_NEED_TLS },
	{ "SCRAM-SHA-256", "user", NULL, "pencil", NULL, false, NULL, NULL,
	  YES },
	{ "SCRAM-SHA-256", "keys", NULL, "pencil", NULL, false, NULL, NULL,
	  YES },
	{ "SCRAM-SHA-256", "user", "user", "pencil", NULL, false, NULL, NULL,
	  YES },
	{ "SCRAM-SHA-256", "user", "old", "pencil", NULL, false, NULL, NULL,
	  NO },
	{ "SCRAM-SHA-256", "user", NULL, "pencils", NULL, false, NULL, NULL,
	  NO },
	{ "SCRAM-SHA-256", "locked", NULL, "pencil", NULL, false, NULL, NULL,
	  NO },
	{ "SCRAM-SHA-256", "old", NULL, "pencil", NULL, false, NULL, NULL, NO },
	{ "SCRAM-SHA-256", "nobody", NULL, "pencil", NULL, false, NULL, NULL,
	  NO },
	{ "SCRAM-SHA-256", "user", NULL, "pencil", NULL, false, "binding", NULL,
	  YES },
	{ "SCRAM-SHA-256-PLUS", "user", NULL, "pencil", B64, false, "binding",
	  NULL, YES },
	{ "SCRAM-SHA-256-PLUS", "user", NULL, "pencil", B64, false, "another",
	  NULL, NO },
	{ "SCRAM-SHA-256-PLUS", "user", NULL, "pencil", B64, false, NULL, NULL,
	  AUTH_STEP_NO_MECHANISM },
	{ "EXTERNAL", "", NULL, NULL, NULL, false, NULL, "user", YES },
	{ "EXTERNAL", "", "user", NULL, NULL, false, NULL, "user", YES },
	{ "EXTERNAL", "", "old", NULL, NULL, false, NULL, "user", NO },
	{ "EXTERNAL", "", NULL, NULL, NULL, false, NULL, "nobody-here", NO },
	{ "EXTERNAL", "", NULL, NULL, NULL, false, NULL, NULL,
	  AUTH_STEP_NO_MECHANISM },
};

Test(judge, decides_by_mechanism, .init = enter, .fini = leave)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		enum auth_step step = run(&rows[i]);

		cr_assert_eq(step, rows[i].outcome, "row %zu: %s %s: %d", i,
			     rows[i].mechanism, rows[i].name, step);
	}
}

static struct judge *plain_judge(void)
{
	const struct auth_scene scene = { .plaintext = true,
					  .service = SLICE("pop3"),
					  .peer_ip = SLICE("192.0.2.1"),
					  .session = SLICE("s") };
	struct judge *j = judge_new(&settings);

	cr_assert_eq(judge_scene(j, &scene), 0);
	return j;
}

static const struct {
	const char *wanted, *offered;
} offers[] = {
	{ "SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN EXTERNAL",
	  "SCRAM-SHA-256-PLUS SCRAM-SHA-256 EXTERNAL PLAIN LOGIN" },
	{ "login, plain", "PLAIN LOGIN" },
	{ "PLAIN,LOGIN", "PLAIN LOGIN" },
	{ "SCRAM-SHA-1 SCRAM-SHA-256", "SCRAM-SHA-256" },
	{ "SCRAM-SHA-1-PLUS PLAI PLAINS CRAM-MD5", "" },
	{ "", "" },
};

Test(judge, offers_what_is_wanted, .init = enter, .fini = leave)
{
	const struct auth_scene scene = { .service = SLICE("smtp"),
					  .tls = true,
					  .plaintext = true,
					  .peer_ip = SLICE(""),
					  .session = SLICE("s"),
					  .external = SLICE("user"),
					  .binding = SLICE("binding") };

	for (size_t i = 0; i < ARRAY_LEN(offers); i++) {
		struct slice offered = slice_of(offers[i].offered), text;
		struct judge *j;
		bool is;

		settings.auth.mechanisms = slice_of(offers[i].wanted);
		j = judge_new(&settings);
		cr_assert_eq(judge_scene(j, &scene), 0);
		cr_assert_str_eq(judge_mechanisms(j), offers[i].offered);
		is = memmem(offered.p, offered.n, "PLAIN", 5) != NULL;
		cr_assert_eq(judge_begin(j, SLICE("PLAIN"), SLICE_NONE, &text),
			     is ? AUTH_STEP_MORE : AUTH_STEP_NO_MECHANISM);
		cr_assert_eq(
			judge_begin(j, SLICE("SCRAM-SHA-1"), SLICE_NONE, &text),
			AUTH_STEP_NO_MECHANISM);
		/* USER and PASS are no mechanism */
		cr_assert_eq(judge_password(j, SLICE("user"), SLICE("pencil")),
			     YES);
		judge_free(j);
	}
}

Test(judge, odd_exchanges, .init = enter, .fini = leave)
{
	struct judge *j = plain_judge();
	struct slice text;

	cr_assert_str_eq(judge_mechanisms(j), "SCRAM-SHA-256 PLAIN LOGIN");
	cr_assert_eq(judge_begin(j, SLICE("plain"), SLICE("AHVzZXIAcGVuY2ls"),
				 &text),
		     YES);
	cr_assert_eq(judge_next(j, SLICE("="), &text), AUTH_STEP_MALFORMED);
	cr_assert_eq(judge_begin(j, SLICE("PLAIN"), SLICE("!"), &text),
		     AUTH_STEP_MALFORMED);
	cr_assert_eq(judge_begin(j, SLICE("CRAM-MD5"), SLICE_NONE, &text),
		     AUTH_STEP_NO_MECHANISM);
	/* the user's name as initial response, as some clients do */
	cr_assert_eq(judge_begin(j, SLICE("LOGIN"), SLICE("dXNlcg=="), &text),
		     AUTH_STEP_MORE);
	cr_assert_eq(judge_next(j, SLICE("cGVuY2ls"), &text), YES);
	cr_assert_eq(judge_password(j, SLICE("USER"), SLICE("pencil")), YES);
	cr_assert_eq(judge_password(j, SLICE("user"), SLICE("pencil\0")), NO);
	cr_assert_eq(judge_password(j, SLICE("user"), SLICE("")), NO);
	judge_free(j);
}

Test(judge, an_empty_response_is_malformed_but_externals, .init = enter,
     .fini = leave)
{
	static const char *const names[] = { "PLAIN", "LOGIN", "SCRAM-SHA-256",
					     "SCRAM-SHA-256-PLUS", "EXTERNAL" };
	const struct auth_scene scene = { .service = SLICE("smtp"),
					  .tls = true,
					  .plaintext = true,
					  .peer_ip = SLICE(""),
					  .session = SLICE("s"),
					  .external = SLICE("user"),
					  .binding = SLICE("binding") };
	struct judge *j = judge_new(&settings);
	struct slice text;

	cr_assert_eq(judge_scene(j, &scene), 0);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct slice name = slice_of(names[i]);
		bool external = slice_eq(name, SLICE("EXTERNAL"));
		enum auth_step step = external ? YES : AUTH_STEP_MALFORMED;

		cr_assert_eq(judge_begin(j, name, SLICE("="), &text), step,
			     "%s =", names[i]);
		cr_assert_eq(judge_begin(j, name, SLICE_NONE, &text),
			     AUTH_STEP_MORE);
		cr_assert_eq(judge_next(j, SLICE(""), &text), step, "%s",
			     names[i]);
		cr_assert_eq(judge_next(j, SLICE(""), &text),
			     AUTH_STEP_MALFORMED, "%s: it is over", names[i]);
	}
	cr_assert_eq(judge_begin(j, SLICE("LOGIN"), SLICE("dXNlcg=="), &text),
		     AUTH_STEP_MORE);
	cr_assert_eq(judge_next(j, SLICE(""), &text), AUTH_STEP_MALFORMED);
	judge_free(j);
}

Test(judge, a_recorded_proof_is_of_no_use, .init = enter, .fini = leave)
{
	struct judge *j = plain_judge();
	struct slice text;

	/* n,,n=user,r=abc; then a final message with a nonce of its own */
	cr_assert_eq(judge_begin(j, SLICE("SCRAM-SHA-256"),
				 SLICE("biwsbj11c2VyLHI9YWJj"), &text),
		     AUTH_STEP_MORE);
	cr_assert_eq(
		judge_next(j,
			   SLICE("Yz1iaXdzLHI9YWJjZGVmLHA9QUFBQUFBQUFBQUFB"
				 "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE9"),
			   &text),
		NO);
	judge_free(j);
}

/* RFC 5802 §6: 'y' says that the server has no channel binding. */
Test(judge, a_downgrade_is_refused, .init = enter, .fini = leave)
{
	const struct auth_scene scene = { .service = SLICE("pop3"),
					  .tls = true,
					  .peer_ip = SLICE(""),
					  .session = SLICE("s"),
					  .external = SLICE(""),
					  .binding = SLICE("binding") };
	struct judge *j = plain_judge();
	struct slice text, y = SLICE("eSwsbj11c2VyLHI9YWJj"),
			   n = SLICE("biwsbj11c2VyLHI9YWJj");

	cr_assert_eq(judge_begin(j, SLICE("SCRAM-SHA-256"), y, &text),
		     AUTH_STEP_MORE);
	cr_assert_eq(judge_scene(j, &scene), 0);
	cr_assert_eq(judge_begin(j, SLICE("SCRAM-SHA-256"), y, &text), NO);
	cr_assert_eq(judge_begin(j, SLICE("SCRAM-SHA-256"), n, &text),
		     AUTH_STEP_MORE);
	cr_assert_eq(judge_begin(j, SLICE("SCRAM-SHA-256-PLUS"), n, &text), NO);
	cr_assert_neq(judge_begin(j, SLICE("SCRAM-SHA-256-PLUS"),
				  SLICE("cD10bHMtdW5pcXVlLCxuPXVzZXIscj1hYmM="),
				  &text),
		      YES);
	/* but here it is the truth */
	settings.auth.mechanisms = SLICE("SCRAM-SHA-256");
	cr_assert_eq(judge_begin(j, SLICE("SCRAM-SHA-256"), y, &text),
		     AUTH_STEP_MORE);
	judge_free(j);
}

/* ---- what the time says of a name ---- */

/* Processor time: what the machine does besides is no matter. */
static double cost_ms(const char *name)
{
	struct judge *j = plain_judge();
	struct timespec from, to;

	cr_assert_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from), 0);
	cr_assert_neq(judge_password(j, slice_of(name), SLICE("x")), YES);
	cr_assert_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to), 0);
	judge_free(j);
	return (double)(to.tv_sec - from.tv_sec) * 1e3 +
	       (double)(to.tv_nsec - from.tv_nsec) / 1e6;
}

Test(judge, a_name_that_pam_does_not_know_costs_a_hash, .init = enter,
     .fini = leave)
{
	static const char *const names[] = { "no-such-user-here", "root",
					     "user@blue.example", "No Such" };
	double one_ms = cost_ms("user");

	settings.auth.system = SLICE("yes");
	settings.users.system = true;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		double ms = cost_ms(names[i]);

		cr_assert_gt(ms, one_ms / 2, "%s: %g ms, not %g", names[i], ms,
			     one_ms);
	}
}

/* ---- what SCRAM says of a name ---- */

/* "s=SALT,i=ROUNDS" */
static void salt_of(const char *name, char ret[256])
{
	static char first[256], server[512];
	struct judge *j = plain_judge();
	size_t out_n = 0;
	struct slice text;
	char *out = NULL;
	const char *salt;

	(void)snprintf(first, sizeof(first), "n,,n=%s,r=abc", name);
	cr_assert_eq(gsasl_base64_to(first, strlen(first), &out, &out_n),
		     GSASL_OK);
	cr_assert_eq(
		judge_begin(j, SLICE("SCRAM-SHA-256"), slice_of(out), &text),
		AUTH_STEP_MORE);
	gsasl_free(out);
	cr_assert_eq(gsasl_base64_from(text.p, text.n, &out, &out_n), GSASL_OK);
	(void)snprintf(server, sizeof(server), "%.*s", (int)out_n, out);
	gsasl_free(out);
	salt = strstr(server, "s=");
	cr_assert_not_null(salt);
	(void)snprintf(ret, 256, "%s", salt);
	judge_free(j);
}

Test(judge, a_salt_does_not_hang_on_how_the_name_is_spelled, .init = enter,
     .fini = leave)
{
	static const char *const names[][4] = {
		{ "keys", "KEYS", "keys@red.example", "Keys@RED.example" },
		{ "none", "NONE", "none@red.example", "None@RED.example" },
		{ "old", "OLD", "old@red.example", "Old@RED.example" },
		{ "locked", "LOCKED", "locked@red.example",
		  "Locked@red.example" },
	};
	struct slice red = SLICE("red.example");
	char plain[256], other[256];

	settings.domains.local = (struct words){ &red, 1 };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		salt_of(names[i][0], plain);
		for (size_t k = 1; k < ARRAY_LEN(names[i]); k++) {
			salt_of(names[i][k], other);
			cr_assert_str_eq(plain, other, "%s", names[i][k]);
		}
		salt_of("none@blue.example", other);
		cr_assert_str_neq(plain, other);
	}
}

Test(judge, nobody_has_the_rounds_that_users_have, .init = enter, .fini = leave)
{
	char salt[256], name[16];

	settings.auth.iterations = 100000; /* raised; the keys have 4096 */
	for (unsigned i = 0; i < 20; i++) {
		(void)snprintf(name, sizeof(name), "nobody%u", i);
		salt_of(name, salt);
		cr_assert(slice_ends(slice_of(salt), SLICE(",i=4096")), "%s",
			  salt);
	}
}

/* ---- the brake, the memory ---- */

static char state[] = "/tmp/postern-judge.XXXXXX";
static char brake[sizeof(state) + 8], memory[sizeof(state) + 8];

static void enter_state(void)
{
	enter();
	cr_assert_not_null(mkdtemp(state));
	(void)snprintf(brake, sizeof(brake), "%s/brake", state);
	(void)snprintf(memory, sizeof(memory), "%s/memory", state);
	settings.auth.brake = slice_of(brake);
	settings.auth.memory = slice_of(memory);
	settings.auth.failures = 2;
	clock_freeze(1700000000000000, 1000000);
}

static void leave_state(void)
{
	clock_thaw();
	(void)unlink(brake);
	(void)unlink(memory);
	cr_assert_eq(rmdir(state), 0);
	leave();
}

static enum auth_step password_from(const char *ip, const char *name,
				    const char *password)
{
	const struct auth_scene scene = { .plaintext = true,
					  .service = SLICE("pop3"),
					  .peer_ip = slice_of(ip),
					  .session = SLICE("s") };
	struct judge *j = judge_new(&settings);
	enum auth_step step;

	cr_assert_eq(judge_scene(j, &scene), 0);
	step = judge_password(j, slice_of(name), slice_of(password));
	judge_free(j);
	return step;
}

static const struct {
	const char *ip;
	unsigned source, account; /* failures until it holds; 0: never */
} peers[] = {
	{ "192.0.2.1", 2, 0 },
	{ "2001:db8::1", 2, 0 },
	{ "127.0.0.1", 0, 20 },
	{ "127.8.9.10", 0, 20 },
	{ "::1", 0, 20 },
	{ "::ffff:127.0.0.1", 0, 20 },
	{ "::ffff:192.0.2.1", 2, 0 },
	{ "", 0, 0 },
	{ "no address", 0, 0 },
};

static unsigned failures_until_held(const char *ip, bool same_account)
{
	char name[16] = "user";

	for (unsigned i = 0; i < 30; i++) {
		if (!same_account)
			(void)snprintf(name, sizeof(name), "n%u", i);
		if (password_from(ip, name, "x") == AUTH_STEP_WAIT)
			return i;
	}
	return 0;
}

Test(judge, the_brake_is_pulled, .init = enter_state, .fini = leave_state)
{
	for (size_t i = 0; i < ARRAY_LEN(peers); i++) {
		unsigned source, account;

		source = failures_until_held(peers[i].ip, false);
		(void)unlink(brake);
		account = failures_until_held(peers[i].ip, true);
		(void)unlink(brake);
		cr_assert_eq(source, peers[i].source, "%s: %u", peers[i].ip,
			     source);
		cr_assert_eq(account,
			     peers[i].source ? peers[i].source
					     : peers[i].account,
			     "%s: %u", peers[i].ip, account);
	}
}

Test(judge, the_right_password_is_held_too, .init = enter_state,
     .fini = leave_state)
{
	struct judge *j = plain_judge();
	struct slice text;

	cr_assert_eq(judge_password(j, SLICE("user"), SLICE("x")), NO);
	cr_assert_eq(judge_password(j, SLICE("user"), SLICE("x")), NO);
	cr_assert_eq(judge_password(j, SLICE("user"), SLICE("pencil")),
		     AUTH_STEP_WAIT);
	cr_assert_eq(judge_begin(j, SLICE("PLAIN"), SLICE_NONE, &text),
		     AUTH_STEP_WAIT);
	clock_advance_ms(60000);
	cr_assert_eq(judge_password(j, SLICE("user"), SLICE("pencil")), YES);
	judge_free(j);
}

Test(judge, an_account_of_ones_own_buys_no_guesses, .init = enter_state,
     .fini = leave_state)
{
	cr_assert_eq(password_from("192.0.2.1", "keys", "x"), NO);
	cr_assert_eq(password_from("192.0.2.1", "user", "pencil"), YES);
	cr_assert_eq(password_from("192.0.2.1", "keys", "x"), NO);
	cr_assert_eq(password_from("192.0.2.1", "user", "pencil"),
		     AUTH_STEP_WAIT);
}

/* Several at one moment: how many of them were answered so. */
static unsigned answered_at_once(unsigned n, const char *given,
				 enum auth_step step)
{
	unsigned found = 0;

	for (unsigned i = 0; i < n; i++) {
		pid_t pid = fork();

		cr_assert_geq(pid, 0);
		if (pid == 0)
			_exit((int)password_from("192.0.2.1", "user", given));
	}
	for (unsigned i = 0; i < n; i++) {
		int status = -1;

		cr_assert_geq(wait(&status), 0);
		cr_assert(WIFEXITED(status));
		found += WEXITSTATUS(status) == (int)step;
	}
	return found;
}

Test(judge, guesses_at_one_moment_are_braked_as_one_by_one, .init = enter_state,
     .fini = leave_state)
{
	cr_assert_eq(answered_at_once(8, "x", NO), 2);
}

Test(judge, devices_at_one_moment_do_not_brake_each_other, .init = enter_state,
     .fini = leave_state)
{
	cr_assert_eq(answered_at_once(8, "pencil", YES), 8);
}

/* biwsbj11c2VyLHI9YWJj: n,,n=user,r=abc */
Test(judge, what_was_given_up_is_not_counted, .init = enter_state,
     .fini = leave_state)
{
	struct judge *j = plain_judge();
	struct slice text;

	for (unsigned i = 0; i < 10; i++) {
		cr_assert_eq(judge_begin(j, SLICE("SCRAM-SHA-256"),
					 SLICE("biwsbj11c2VyLHI9YWJj"), &text),
			     AUTH_STEP_MORE);
		judge_cancel(j);
	}
	cr_assert_eq(judge_password(j, SLICE("user"), SLICE("pencil")), YES);
	judge_free(j);
}

/* Who stands in the users file is not therefore one of the system's. */
Test(judge, certificates_are_the_systems_where_only_that_may, .init = enter,
     .fini = leave)
{
	const struct auth_scene scene = { .service = SLICE("smtp"),
					  .tls = true,
					  .peer_ip = SLICE(""),
					  .session = SLICE("s"),
					  .external = SLICE("user"),
					  .binding = SLICE("") };
	struct slice text;
	struct judge *j;

	settings.auth.system = SLICE("only");
	j = judge_new(&settings);
	cr_assert_eq(judge_scene(j, &scene), 0);
	cr_assert_neq(judge_begin(j, SLICE("EXTERNAL"), SLICE("="), &text),
		      YES);
	judge_free(j);
}

/* Events of one kind. */
static const struct log_kind *awaited;
static unsigned heard;

static void count_awaited(void *context, const struct log_kind *kind,
			  const struct log_field *fields, size_t n)
{
	(void)context;
	(void)fields;
	(void)n;
	heard += kind == awaited;
}

static void listen_for(const struct log_kind *kind)
{
	awaited = kind;
	heard = 0;
	log_set_sink(count_awaited, NULL);
}

Test(judge, a_passwords_file_that_is_gone_is_our_trouble, .init = enter_state,
     .fini = leave_state)
{
	struct judge *j;
	struct slice text;

	settings.auth.mechanisms = SLICE("SCRAM-SHA-256");
	j = plain_judge();
	cr_assert_eq(unlink(passwords), 0);
	listen_for(&auth_event_unjudged);
	for (unsigned i = 0; i < 30; i++) /* and no failure of his */
		cr_assert_eq(judge_password(j, SLICE("user"), SLICE("pencil")),
			     AUTH_STEP_AGAIN, "%u", i);
	cr_assert_eq(judge_begin(j, SLICE("SCRAM-SHA-256"),
				 SLICE("biwsbj11c2VyLHI9YWJj"), &text),
		     AUTH_STEP_MORE);
	cr_assert_eq(
		judge_next(j,
			   SLICE("Yz1iaXdzLHI9YWJjZGVmLHA9QUFBQUFBQUFBQUFB"
				 "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE9"),
			   &text),
		AUTH_STEP_AGAIN);
	cr_assert_eq(heard, 31);
	cr_assert_eq(judge_password(j, SLICE("old"), SLICE("pencil")), YES,
		     "his hash is in the users file");
	cr_assert_eq(judge_password(j, SLICE("nobody"), SLICE("pencil")), NO);
	cr_assert_eq(heard, 31);
	log_set_sink(NULL, NULL);
	judge_free(j);
}

static void set_hash(const char *password, char hash[AUTH_HASH_MAX])
{
	FILE *f = fopen(passwords, "w");

	cr_assert_eq(auth_hash(slice_of(password), hash), 0);
	(void)fprintf(f, "user:%s\n", hash);
	cr_assert_eq(fclose(f), 0);
}

static const struct {
	const char *names[3];
	bool is_one;
} spellings[] = {
	{ { "user", "USER@red.example", "user@RED.example" }, true },
	{ { "nobody", "NOBODY@red.example", "Nobody" }, true },
	{ { "user@blue.example", "user", "user@red.example" }, false },
};

Test(judge, an_account_is_braked_however_it_is_spelled, .init = enter_state,
     .fini = leave_state)
{
	struct slice red = SLICE("red.example");

	settings.domains.local = (struct words){ &red, 1 };
	for (size_t i = 0; i < ARRAY_LEN(spellings); i++) {
		const char *const *names = spellings[i].names;

		for (unsigned k = 0; k < 20; k++)
			cr_assert_eq(password_from("::1", names[k % 2], "x"),
				     NO, "%zu %u", i, k);
		cr_assert_eq(password_from("::1", names[2], "x"),
			     spellings[i].is_one ? AUTH_STEP_WAIT : NO, "%zu",
			     i);
		(void)unlink(brake);
	}
}

Test(judge, one_memory_however_it_is_spelled, .init = enter_state,
     .fini = leave_state)
{
	struct slice red = SLICE("red.example");
	char hash[AUTH_HASH_MAX];
	struct remember *m;

	settings.domains.local = (struct words){ &red, 1 };
	set_hash("pencil", hash);
	cr_assert_eq(password_from("::1", "User@red.example", "pencil"), YES);
	cr_assert_eq(remember_open(memory, 3600, &m), 0);
	cr_assert(remember_has(m, SLICE("user"), SLICE("pencil"),
			       slice_of(hash)));
	remember_close(m);
}

Test(judge, what_cannot_be_opened_is_said_once, .init = enter_state,
     .fini = leave_state)
{
	static const struct auth_scene scene = { .plaintext = true,
						 .service = SLICE("pop3"),
						 .peer_ip = SLICE("192.0.2.1"),
						 .session = SLICE("s") };
	struct judge *j;

	settings.auth.brake = settings.auth.memory = SLICE("/nowhere/at/all");
	listen_for(&auth_event_without);
	j = judge_new(&settings);
	for (unsigned i = 0; i < 30; i++) {
		cr_assert_eq(judge_scene(j, &scene), 0);
		cr_assert_eq(judge_password(j, SLICE("keys"), SLICE("x")), NO);
	}
	cr_assert_eq(judge_password(j, SLICE("user"), SLICE("pencil")), YES);
	judge_free(j);
	cr_assert_eq(heard, 2, "%u", heard);
	settings.auth.brake = settings.auth.memory = SLICE("");
	judge_free(judge_new(&settings));
	cr_assert_eq(heard, 2, "nobody wanted them");
	log_set_sink(NULL, NULL);
}

Test(judge, a_right_password_is_remembered_for_its_hash, .init = enter_state,
     .fini = leave_state)
{
	char hash[AUTH_HASH_MAX];
	struct remember *m;
	struct stat st;

	set_hash("pencil", hash);
	cr_assert_eq(password_from("192.0.2.1", "user", "pencils"), NO);
	cr_assert_eq(password_from("192.0.2.1", "user", "pencil"), YES);
	cr_assert_eq(remember_open(memory, 3600, &m), 0);
	cr_assert(remember_has(m, SLICE("user"), SLICE("pencil"),
			       slice_of(hash)));
	cr_assert_not(remember_has(m, SLICE("user"), SLICE("pencils"),
				   slice_of(hash)));
	/* it is asked, not the hash */
	remember_put(m, SLICE("user"), SLICE("other"), slice_of(hash));
	remember_close(m);
	cr_assert_eq(password_from("192.0.2.2", "user", "other"), YES);
	set_hash("crayon", hash);
	cr_assert_eq(password_from("192.0.2.3", "user", "pencil"), NO);
	cr_assert_eq(password_from("192.0.2.3", "user", "crayon"), YES);
	(void)unlink(memory);
	settings.auth.remember_s = 0;
	cr_assert_eq(password_from("192.0.2.3", "user", "crayon"), YES);
	cr_assert_neq(stat(memory, &st), 0);
}

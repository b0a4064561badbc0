/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "certs.h"
#include "net/tls.h"

#define V13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"
#define V12 "NORMAL:-VERS-ALL:+VERS-TLS1.2"

static char top[64];
static struct authority ca;

static const char *at(const char *name)
{
	static char path[4][256];
	static unsigned i;
	char *p = path[i++ % 4];

	(void)snprintf(p, 256, "%s/%s", top, name);
	return p;
}

static void publish(const char *name, const char *file, bool rsa)
{
	const struct wanted w = {
		.name = name, .rsa = rsa, .from_days = -1, .until_days = 30
	};

	certs_write(&ca, &w, at(file));
}

static void set_up(void)
{
	char key[64];

	(void)snprintf(top, sizeof(top), "/tmp/postern-tls.XXXXXX");
	cr_assert(mkdtemp(top));
	authority_new(&ca);
	authority_write(&ca, at("ca.pem"));
	publish("mx.example.org", "default.ecdsa.pem", false);
	memset(key, 'k', sizeof(key));
	certs_spill(at("ticket.key"), key, sizeof(key));
}

static void tear_down(void)
{
	char command[128];

	authority_done(&ca);
	(void)snprintf(command, sizeof(command), "rm -r %s", top);
	cr_assert_eq(system(command), 0);
}

TestSuite(tls, .init = set_up, .fini = tear_down, .timeout = 60);

/* ---- the peer: plain GnuTLS, in a process of its own ---- */

struct client {
	const char *priority, *host, *alpn, *cert;
	const char *session; /* file: resumed from, and kept in */
	const char *say;     /* sent before the handshake */
	size_t bulk;         /* bytes to echo */
	bool cut;            /* no close_notify */
	bool want_staple;
	gnutls_group_t group; /* must be agreed on; 0: any */
	const char *random;   /* file: of the server, kept in */
	unsigned flags;       /* of gnutls_init */
};

enum {
	FINE = 0,
	NO_HANDSHAKE = 3,
	NO_ECHO = 4,
	UNTRUSTED = 5,
	NO_RESUME = 6,
	BINDING_BAD = 7,
	NO_STAPLE = 8,
	IS_RSA = 10,
	OTHER_GROUP = 11
};

static void keep(gnutls_session_t s, const char *path)
{
	gnutls_datum_t d;

	if (gnutls_session_get_data2(s, &d) == 0) {
		certs_spill(path, d.data, d.size);
		gnutls_free(d.data);
	}
}

/* Tickets are no data. */
static ssize_t hear(gnutls_session_t s, void *p, size_t n)
{
	ssize_t r;

	do
		r = gnutls_record_recv(s, p, n);
	while (r == GNUTLS_E_AGAIN);
	return r;
}

static bool shows_rsa(gnutls_session_t s)
{
	unsigned n;
	const gnutls_datum_t *der = gnutls_certificate_get_peers(s, &n);
	gnutls_x509_crt_t crt;
	bool rsa;

	gnutls_x509_crt_init(&crt);
	gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER);
	rsa = gnutls_x509_crt_get_pk_algorithm(crt, NULL) == GNUTLS_PK_RSA;
	gnutls_x509_crt_deinit(crt);
	return rsa;
}

static int client_speaks(gnutls_session_t s, int fd, const struct client *c,
			 bool had)
{
	unsigned char binding[64], heard[64];
	gnutls_datum_t d = { 0 };
	unsigned status = 1;
	int r;

	do
		r = gnutls_handshake(s);
	while (r < 0 && !gnutls_error_is_fatal(r));
	if (r < 0)
		return NO_HANDSHAKE;
	if (gnutls_certificate_verify_peers3(s, c->host, &status) < 0 ||
	    status != 0)
		return UNTRUSTED;
	if (c->want_staple && !gnutls_ocsp_status_request_is_checked(s, 0))
		return NO_STAPLE;
	if (had && !gnutls_session_is_resumed(s))
		return NO_RESUME;
	if (c->random) {
		gnutls_session_get_random(s, NULL, &d);
		certs_spill(c->random, d.data, d.size);
		d = (gnutls_datum_t){ 0 };
	}
	if (c->group && gnutls_group_get(s) != c->group)
		return OTHER_GROUP;
	memset(binding, 0, sizeof(binding));
	if (gnutls_session_channel_binding(s, GNUTLS_CB_TLS_EXPORTER, &d) == 0)
		memcpy(binding, d.data, d.size);
	gnutls_free(d.data);
	if (hear(s, heard, 32) != 32 || memcmp(heard, binding, 32) != 0)
		return BINDING_BAD;
	for (size_t i = 0; i < c->bulk;) {
		char b[20000];
		ssize_t n = hear(s, b, sizeof(b));

		if (n <= 0)
			return NO_ECHO;
		i += (size_t)n;
	}
	if (gnutls_record_send(s, "ping", 4) != 4)
		return NO_ECHO;
	if (c->session)
		keep(s, c->session);
	if (!c->cut)
		gnutls_bye(s, GNUTLS_SHUT_WR);
	close(fd);
	return shows_rsa(s) ? IS_RSA : FINE;
}

static void offer_session(gnutls_session_t s, const struct client *c)
{
	size_t n;
	char *p = certs_slurp(c->session, &n);

	gnutls_session_set_data(s, p, n);
	free(p);
}

static int client_main(int fd, const struct client *c)
{
	gnutls_certificate_credentials_t cred;
	gnutls_session_t s;
	bool had = c->session && access(c->session, R_OK) == 0;

	gnutls_certificate_allocate_credentials(&cred);
	gnutls_certificate_set_x509_trust_file(cred, at("ca.pem"),
					       GNUTLS_X509_FMT_PEM);
	if (c->cert)
		cr_assert_eq(
			gnutls_certificate_set_x509_key_file(
				cred, c->cert, c->cert, GNUTLS_X509_FMT_PEM),
			0);
	gnutls_init(&s, GNUTLS_CLIENT | c->flags);
	gnutls_priority_set_direct(s, c->priority ? c->priority : "NORMAL",
				   NULL);
	gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, cred);
	if (c->host)
		gnutls_server_name_set(s, GNUTLS_NAME_DNS, c->host,
				       strlen(c->host));
	if (c->alpn)
		gnutls_alpn_set_protocols(
			s,
			&(gnutls_datum_t){ (unsigned char *)c->alpn,
					   strlen(c->alpn) },
			1, 0);
	if (had)
		offer_session(s, c);
	if (c->say)
		cr_assert_gt(write(fd, c->say, strlen(c->say)), 0);
	gnutls_transport_set_int(s, fd);
	return client_speaks(s, fd, c, had);
}

/* ---- our side ---- */

struct served {
	int r;       /* of tls_accept */
	ssize_t end; /* what reading to the end gave */
	int client;  /* its exit status */
	struct tls_info info;
};

static struct tls_server_config plain_config(void)
{
	return (struct tls_server_config){ .directory = top };
}

static void talk(struct stream *s, size_t bulk, struct served *ret)
{
	char *b = calloc(1, bulk + 1);

	stream_put(s, (struct slice){ (char *)ret->info.binding, 32 });
	stream_put(s, (struct slice){ b, bulk });
	while ((ret->end = stream_fill(s)) > 0)
		stream_consume(s, stream_peek(s).n);
	free(b);
}

static struct served serve_by(struct tls *t, const struct client *c)
{
	struct served ret = { 0 };
	struct stream *s;
	int pair[2], status;
	pid_t pid;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		_exit(client_main(pair[1], c));
	}
	close(pair[1]);
	s = stream_new_fd(pair[0], pair[0]);
	stream_deadline(s, 5000, 10000);
	ret.r = tls_accept(t, s, &ret.info);
	if (ret.r == 0)
		talk(s, c->bulk, &ret);
	stream_free(s);
	close(pair[0]);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	ret.client = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return ret;
}

static struct served serve(const struct tls_server_config *config,
			   const struct client *c)
{
	struct served ret;
	struct tls *t;

	cr_assert_eq(tls_server_new(config, &t), 0);
	ret = serve_by(t, c);
	tls_free(t);
	return ret;
}

#define MX "mx.example.org"

Test(tls, both_versions_carry_a_session_and_bind_it)
{
	static const struct {
		const char *priority, *version;
	} rows[] = { { V13, "TLS1.3" }, { V12, "TLS1.2" } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct client c = { .priority = rows[i].priority,
				    .host = MX,
				    .bulk = 300000 };
		struct tls_server_config config = plain_config();
		struct served s = serve(&config, &c);

		cr_assert_eq(s.r, 0, "%s: %s", c.priority, s.info.trouble);
		cr_assert_eq(s.client, FINE, "%s: %d", c.priority, s.client);
		cr_assert_str_eq(s.info.version, rows[i].version);
		cr_assert_eq(s.info.binding_n, 32);
		cr_assert_str_eq(s.info.server, MX);
		cr_assert_eq(s.end, 0, "%zd", s.end);
		cr_assert(strncmp(s.info.cipher, "TLS_", 4) == 0, "%s",
			  s.info.cipher);
	}
}

Test(tls, older_versions_are_refused)
{
	struct client c = { .priority = "NORMAL:-VERS-ALL:+VERS-TLS1.1:"
					"+VERS-TLS1.0:%COMPAT",
			    .host = MX };
	struct tls_server_config config = plain_config();
	struct served s;

	config.priority = "NORMAL:+VERS-TLS1.1";
	s = serve(&config, &c);
	cr_assert_eq(s.r, -EPROTO);
	cr_assert_neq(s.info.trouble[0], '\0');
	cr_assert_eq(s.client, NO_HANDSHAKE);
}

Test(tls, what_one_server_began_another_resumes)
{
	static const char *const rows[] = { V13, V12 };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct client c = { .priority = rows[i],
				    .host = MX,
				    .session = at(i ? "two" : "one") };
		struct tls_server_config config = plain_config();
		struct served s = serve(&config, &c);

		cr_assert_eq(s.client, FINE, "%s: %d", rows[i], s.client);
		cr_assert_not(s.info.resumed);
		s = serve(&config, &c);
		cr_assert_eq(s.client, FINE, "%s: %d", rows[i], s.client);
		cr_assert(s.info.resumed, "%s", rows[i]);
		cr_assert_eq(s.info.binding_n, 32);
		/* another key, and it is a full handshake */
		certs_spill(at("ticket.key"), rows[i], 7);
		s = serve(&config, &c);
		cr_assert_not(s.info.resumed, "%s", rows[i]);
		certs_spill(at("ticket.key"),
			    "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
			    "kkkkkkkkkkkkkk",
			    64);
	}
}

/* Sessions of an acceptor are forked behind a handshake's worth of random
 * numbers; the next of each must be its own. */
Test(tls, forked_servers_have_their_own_random_numbers)
{
	static const char *const kept[] = { "r0", "r1", "r2" };
	struct tls_server_config config = plain_config();
	struct client c = { .priority = V13, .host = MX };
	char *random[3];
	struct tls *t;
	size_t n;

	config.ahead = true;
	cr_assert_eq(tls_server_new(&config, &t), 0);
	for (int i = 0; i < 3; i++) {
		int status;
		pid_t pid;

		c.random = at(kept[i]);
		if (i == 0) { /* from here on there is a state to inherit */
			cr_assert_eq(serve_by(t, &c).client, FINE);
			continue;
		}
		pid = fork();
		if (pid == 0)
			_exit(serve_by(t, &c).client);
		cr_assert_eq(waitpid(pid, &status, 0), pid);
		cr_assert_eq(status, 0);
	}
	for (int i = 0; i < 3; i++) {
		random[i] = certs_slurp(at(kept[i]), &n);
		cr_assert_eq(n, 32);
	}
	cr_expect_neq(memcmp(random[1], random[2], 32), 0);
	cr_expect_neq(memcmp(random[0], random[1], 32), 0);
	for (int i = 0; i < 3; i++)
		free(random[i]);
	tls_free(t);
}

Test(tls, the_name_asked_for_decides)
{
	static const struct {
		const char *ask;
		int client;
	} rows[] = {
		{ "a.example.net", FINE },
		{ "A.Example.NET", FINE },
		{ "b.wild.example.net", FINE },
		{ "mx.example.org", FINE },
		{ "c.b.wild.example.net", UNTRUSTED },
		{ "other.example.com", UNTRUSTED },
	};
	struct tls_server_config config = plain_config();

	publish("a.example.net", "a.example.net.ecdsa.pem", false);
	publish("*.wild.example.net", "_.wild.example.net.ecdsa.pem", false);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct client c = { .host = rows[i].ask };
		struct served s = serve(&config, &c);

		cr_assert_eq(s.client, rows[i].client, "%s: %d", rows[i].ask,
			     s.client);
	}
}

/* What was read before is shown while the file is the same, however often. */
Test(tls, certificates_read_ahead_are_those_that_are_there)
{
	static const char *const hosts[] = { MX, "b.example.org" };
	struct tls_server_config config = plain_config();
	struct client c = { .priority = V13 };
	struct tls *t;

	publish("b.example.org", "b.example.org.rsa.pem", true);
	certs_spill(at("broken.ecdsa.pem"), "nonsense", 8);
	config.ahead = true;
	cr_assert_eq(tls_server_new(&config, &t), 0);
	for (int i = 0; i < 6; i++) {
		int status = i % 2 ? IS_RSA : FINE;

		c.host = hosts[i % 2];
		cr_assert_eq(serve_by(t, &c).client, status, "%d", i);
	}
	/* renewed, withdrawn, new */
	publish(MX, "new", false);
	cr_assert_eq(rename(at("new"), at("default.ecdsa.pem")), 0);
	cr_assert_eq(unlink(at("b.example.org.rsa.pem")), 0);
	publish("c.example.org", "c.example.org.ecdsa.pem", false);
	c.host = MX;
	cr_assert_eq(serve_by(t, &c).client, FINE);
	c.host = "b.example.org";
	cr_assert_eq(serve_by(t, &c).client, UNTRUSTED);
	c.host = "c.example.org";
	cr_assert_eq(serve_by(t, &c).client, FINE);
	tls_free(t);
}

Test(tls, the_key_is_one_that_the_client_can_judge)
{
	static const struct {
		const char *priority;
		int client;
	} rows[] = {
		{ V13, FINE },
		{ V12, FINE },
		{ V13 ":-SIGN-ALL:+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-SHA256",
		  IS_RSA },
		{ V12 ":-ECDHE-ECDSA", IS_RSA },
		/* only such ECDSA suites as we do not serve */
		{ V12 ":-CIPHER-ALL:+AES-128-CCM-8:+AES-128-GCM:-ECDHE-RSA"
		      ":-RSA:-DHE-RSA",
		  FINE },
		{ "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CCM-8"
		  ":-RSA:-DHE-RSA",
		  NO_HANDSHAKE },
	};
	struct tls_server_config config = plain_config();

	publish(MX, "default.rsa.pem", true);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct client c = { .host = "mx.example.org",
				    .priority = rows[i].priority };
		struct served s = serve(&config, &c);

		cr_assert_eq(s.client, rows[i].client, "%s: %d (%s)",
			     rows[i].priority, s.client, s.info.trouble);
	}
}

#define P256     GNUTLS_GROUP_SECP256R1
#define P384     GNUTLS_GROUP_SECP384R1
#define X        GNUTLS_GROUP_X25519
#define ONLY     GNUTLS_KEY_SHARE_TOP
#define STRONG   ":-GROUP-ALL:+GROUP-SECP384R1:+GROUP-X25519"
#define SLOW_AES ":-CIPHER-ALL:+CHACHA20-POLY1305:+AES-128-GCM"

Test(tls, what_is_cheaper_and_as_strong_is_agreed_on)
{
	/* clang-format off */
	static const struct {
		const char *ours, *priority;
		unsigned flags;
		gnutls_group_t group;
		const char *cipher;
	} rows[] = {
		{ NULL, V13, 0, X, "TLS_AES_128_GCM_SHA256" },
		/* no round trip for it */
		{ NULL, V13, ONLY, P256, "TLS_AES_256_GCM_SHA384" },
		/* nothing weaker than what the client would have */
		{ NULL, V13 STRONG, 0, P384, "TLS_AES_256_GCM_SHA384" },
		{ NULL, V13 SLOW_AES, 0, P256, "TLS_CHACHA20_POLY1305_SHA256" },
		{ NULL, V13 ":-CIPHER-ALL:+AES-256-GCM", 0, X,
		  "TLS_AES_256_GCM_SHA384" },
		{ NULL, V12, 0, X, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" },
		{ NULL, V12 STRONG, 0, P384,
		  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384" },
		{ NULL, V12 SLOW_AES, 0, P256,
		  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256" },
		/* the postmaster's order */
		{ "NORMAL", V13, 0, P256, "TLS_AES_256_GCM_SHA384" },
		{ "NORMAL:%SERVER_PRECEDENCE", V13 STRONG, 0, P384,
		  "TLS_AES_256_GCM_SHA384" },
	};
	/* clang-format on */

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct client c = { .host = MX,
				    .priority = rows[i].priority,
				    .flags = rows[i].flags,
				    .group = rows[i].group };
		struct tls_server_config config = plain_config();
		struct served s;

		config.priority = rows[i].ours;
		s = serve(&config, &c);
		cr_assert_eq(s.client, FINE, "row %zu: %d %s", i, s.client,
			     s.info.trouble);
		cr_assert_str_eq(s.info.cipher, rows[i].cipher, "row %zu: %s",
				 i, s.info.cipher);
	}
}

Test(tls, an_end_without_close_notify_is_a_truncation)
{
	static const char *const rows[] = { V13, V12 };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct client c = { .priority = rows[i],
				    .host = MX,
				    .cut = true };
		struct tls_server_config config = plain_config();
		struct served s = serve(&config, &c);

		cr_assert_eq(s.r, 0);
		cr_assert_eq(s.end, -ECONNRESET, "%s: %zd", rows[i], s.end);
	}
}

Test(tls, what_came_in_the_clear_is_no_part_of_the_session)
{
	struct client c = { .host = MX, .say = "MAIL FROM:<a@b>\r\n" };
	struct tls_server_config config = plain_config();
	struct served s = serve(&config, &c);

	cr_assert_eq(s.r, -EPROTO, "%d", s.r);
	cr_assert_neq(s.client, FINE);
}

Test(tls, input_buffered_before_is_forgotten)
{
	struct tls_server_config config = plain_config();
	struct tls_info info;
	struct stream *s;
	struct tls *t;
	int64_t began;
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	cr_assert_eq(tls_server_new(&config, &t), 0);
	s = stream_new_fd(pair[0], pair[0]);
	stream_deadline(s, 200, 0);
	cr_assert_eq(write(pair[1], "STARTTLS\r\nNOOP\r\n", 16), 16);
	cr_assert_eq(stream_fill(s), 16);
	began = clock_mono_ms();
	cr_assert_eq(tls_accept(t, s, &info), -ETIMEDOUT);
	cr_assert_lt(clock_mono_ms() - began, 2000);
	cr_assert_eq(stream_peek(s).n, 0);
	cr_assert_eq(stream_fill(s), -ETIMEDOUT);
	stream_free(s);
	tls_free(t);
}

Test(tls, other_protocols_are_refused_where_we_have_one)
{
	static const struct {
		const char *ours, *theirs;
		int r;
	} rows[] = {
		{ "pop3", "pop3", 0 },
		{ "pop3", "h2", -EPROTO },
		{ "pop3", NULL, 0 },
		{ NULL, "h2", 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct client c = { .host = MX, .alpn = rows[i].theirs };
		struct tls_server_config config = plain_config();
		struct served s;

		config.alpn = rows[i].ours;
		s = serve(&config, &c);
		cr_assert_eq(s.r, rows[i].r, "row %zu: %d %s", i, s.r,
			     s.info.trouble);
	}
}

Test(tls, a_client_is_whom_a_trusted_certificate_names)
{
	static const struct {
		struct wanted w;
		bool stranger;
		const char *client;
	} rows[] = {
		{ { .mailbox = "a@example.org",
		    .cn = "x",
		    .from_days = -1,
		    .until_days = 9 },
		  false,
		  "a@example.org" },
		{ { .cn = "carol", .from_days = -1, .until_days = 9 },
		  false,
		  "carol" },
		{ { .cn = "carol", .from_days = -9, .until_days = -1 },
		  false,
		  "" },
		{ { .cn = "carol", .from_days = -1, .until_days = 9 },
		  true,
		  "" },
	};
	static const char *const versions[] = { V12, V13 };
	struct authority other;

	authority_new(&other);
	for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) {
		struct client c = { .host = MX,
				    .cert = at("client.pem"),
				    .priority = versions[i % 2] };
		struct tls_server_config config = plain_config();
		struct served s;

		certs_write(rows[i / 2].stranger ? &other : &ca, &rows[i / 2].w,
			    c.cert);
		config.client_ca = at("ca.pem");
		s = serve(&config, &c);
		cr_assert_eq(s.r, 0, "%s", s.info.trouble);
		cr_assert_str_eq(s.info.client, rows[i / 2].client, "row %zu",
				 i / 2);
		cr_assert_eq(s.info.verified, rows[i / 2].client[0] != '\0');
	}
	authority_done(&other);
}

Test(tls, a_staple_that_is_broken_is_not_sent)
{
	struct client c = { .host = MX, .want_staple = true };
	struct tls_server_config config = plain_config();

	certs_spill(at("default.ecdsa.ocsp"), "nonsense", 8);
	cr_assert_eq(serve(&config, &c).client, NO_STAPLE);
	c.want_staple = false;
	cr_assert_eq(serve(&config, &c).client, FINE);
}

#define DAY_US (24 * 60 * 60 * 1000000LL)

Test(tls, a_staple_is_sent_while_it_is_good_and_fresh)
{
	static const struct {
		int days;
		bool good, other;
		int client;
	} rows[] = {
		{ 0, true, false, FINE },
		{ 2, true, false, NO_STAPLE },  /* it ended */
		{ -2, true, false, NO_STAPLE }, /* it has not begun */
		{ 0, false, false, NO_STAPLE }, /* it says revoked */
		{ 0, true, true, NO_STAPLE },   /* of another certificate */
	};
	struct tls_server_config config = plain_config();
	struct client c = { .host = MX, .want_staple = true };

	publish("other.example.org", "other.pem", false);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t now = (int64_t)time(NULL) * 1000000;
		struct served s;

		if (!certs_staple(&ca,
				  at(rows[i].other ? "other.pem"
						   : "default.ecdsa.pem"),
				  rows[i].good, at("default.ecdsa.ocsp")))
			cr_skip_test("openssl is not installed");
		clock_freeze(now + rows[i].days * DAY_US, 1);
		s = serve(&config, &c);
		clock_thaw();
		cr_assert_eq(s.client, rows[i].client, "row %zu: %d %s", i,
			     s.client, s.info.trouble);
	}
}

Test(tls, without_a_certificate_there_is_no_server)
{
	struct tls_server_config config = plain_config();
	struct tls *t;

	cr_assert_eq(unlink(at("default.ecdsa.pem")), 0);
	cr_assert_eq(tls_server_new(&config, &t), -ENOENT);
	config.directory = "/nonexistent";
	cr_assert_eq(tls_server_new(&config, &t), -ENOENT);
}

Test(tls, a_handshake_ends_with_its_deadline)
{
	/* a hello that never ends, a byte at a time */
	struct tls_server_config config = plain_config();
	struct tls_info info;
	struct stream *s;
	struct tls *t;
	int64_t began;
	int pair[2];
	pid_t pid;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	cr_assert_eq(tls_server_new(&config, &t), 0);
	pid = fork();
	if (pid == 0) {
		static const char hello[] = "\x16\x03\x01\x02\x00\x01\x00\x01"
					    "\xfc\x03\x03";

		for (size_t i = 0; i < 100; i++) {
			struct timespec pause = { 0, 50000000 };

			if (write(pair[1], hello + (i < 11 ? i : 10), 1) != 1)
				break;
			nanosleep(&pause, NULL);
		}
		_exit(0);
	}
	close(pair[1]);
	s = stream_new_fd(pair[0], pair[0]);
	stream_deadline(s, 300, 0);
	began = clock_mono_ms();
	cr_assert_eq(tls_accept(t, s, &info), -ETIMEDOUT);
	cr_assert_lt(clock_mono_ms() - began, 2000);
	stream_free(s);
	close(pair[0]);
	tls_free(t);
	waitpid(pid, NULL, 0);
}

/* ---- our client against our server ---- */

struct met {
	int r;
	struct tls_info client, server;
};

static struct met meet(const char *host, bool must, const char *trusted)
{
	struct tls_client_config config = { .ca = trusted };
	struct met ret = { 0 };
	struct stream *s;
	struct tls *t;
	int pair[2];
	pid_t pid;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	pid = fork();
	if (pid == 0) {
		struct tls_server_config server = plain_config();

		close(pair[1]);
		if (tls_server_new(&server, &t) < 0)
			_exit(1);
		s = stream_new_fd(pair[0], pair[0]);
		stream_deadline(s, 5000, 0);
		if (tls_accept(t, s, &ret.server) == 0)
			stream_put(s, (struct slice){
					      (char *)ret.server.binding, 32 });
		ignore(stream_flush(s));
		stream_free(s);
		tls_free(t);
		_exit(0);
	}
	close(pair[0]);
	cr_assert_eq(tls_client_new(&config, &t), 0);
	s = stream_new_fd(pair[1], pair[1]);
	stream_deadline(s, 5000, 0);
	ret.r = tls_connect(t, s, host, must, &ret.client);
	if (ret.r == 0) {
		cr_assert_eq(stream_fill(s), 32);
		cr_assert_eq(memcmp(stream_peek(s).p, ret.client.binding, 32),
			     0);
		stream_consume(s, 32);
		cr_assert_eq(stream_fill(s), 0);
	}
	stream_free(s);
	close(pair[1]);
	tls_free(t);
	waitpid(pid, NULL, 0);
	return ret;
}

Test(tls, our_client_wants_the_right_name_where_it_must)
{
	static const struct {
		const char *host;
		bool must, trusted;
		int r;
		bool verified;
	} rows[] = {
		{ "mx.example.org", true, true, 0, true },
		{ "MX.example.org.", true, true, 0, true },
		{ "other.example.org", true, true, -EPROTO, false },
		{ "other.example.org", false, true, 0, false },
		{ "mx.example.org", true, false, -EPROTO, false },
		{ "mx.example.org", false, false, 0, false },
		{ "[192.0.2.1]", true, true, -EPROTO, false },
		{ "", true, true, -EPROTO, false },
	};
	struct authority other;

	authority_new(&other);
	authority_write(&other, at("other.pem"));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct met m =
			meet(rows[i].host, rows[i].must,
			     at(rows[i].trusted ? "ca.pem" : "other.pem"));

		cr_assert_eq(m.r, rows[i].r, "row %zu: %d %s", i, m.r,
			     m.client.trouble);
		cr_assert_eq(m.client.verified, rows[i].verified, "row %zu", i);
	}
	authority_done(&other);
}

Test(tls, an_expired_certificate_is_not_trusted)
{
	const struct wanted w = { .name = MX,
				  .from_days = -9,
				  .until_days = -1 };
	struct met m;

	certs_write(&ca, &w, at("default.ecdsa.pem"));
	m = meet(MX, true, at("ca.pem"));
	cr_assert_eq(m.r, -EPROTO);
	cr_assert(strstr(m.client.trouble, "expired"), "%s", m.client.trouble);
	m = meet(MX, false, at("ca.pem"));
	cr_assert_eq(m.r, 0);
	cr_assert_not(m.client.verified);
}

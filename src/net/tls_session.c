/* SPDX-License-Identifier: ISC */
/* See tls.h: one session, laid over what its stream lay on. Every wait ends
 * when the one that the caller granted does, however little each byte lets
 * pass; an error is for good. RFC 8446, 5246, 5929, 9266, 7301. */
#include "net/tls_gnutls.h"

#include <arpa/inet.h>

#include "base/clock.h"

#define GATHER_BYTES 16384
#define RECORD_BYTES 16384
#define GOODBYE_MS   2000
#define WARNINGS_MAX 8
/* of a handshake message: chains of certificates are the longest */
#define HANDSHAKE_MAX (64U << 10)
/* of what is no data, taken while nobody waits */
#define ROUNDS_MAX 16
#define NO_END     INT64_MAX

struct tls_session {
	gnutls_session_t gnutls;
	struct tls *tls;
	struct stream *stream;
	struct stream_below below;
	struct tls_hello hello;
	struct tls_shown shown;
	bool greeted;     /* that is read */
	int64_t until_ms; /* of the monotonic clock: ends this wait */
	bool take_only;   /* what is there, and nothing else */
	bool waited;      /* in vain: until_ms is past, or `cancelled` */
	bool cancelled;   /* stream_heed_term */
	unsigned rounds;
	unsigned warnings;
	int error; /* for good */
	char *gather;
};

const struct tls *tls_session_side(gnutls_session_t session)
{
	const struct tls_session *t = gnutls_session_get_ptr(session);

	return t->tls;
}

const struct tls_hello *tls_session_hello(gnutls_session_t session)
{
	const struct tls_session *t = gnutls_session_get_ptr(session);

	return &t->hello;
}

struct tls_shown *tls_session_shown(gnutls_session_t session)
{
	struct tls_session *t = gnutls_session_get_ptr(session);

	return &t->shown;
}

/* ---- time ---- */

static void grant(struct tls_session *t, int64_t wait_ms)
{
	t->take_only = wait_ms == 0;
	t->waited = t->cancelled = false;
	t->rounds = 0;
	t->until_ms = wait_ms < 0 ? NO_END : clock_mono_ms() + wait_ms;
}

/* What is left of it, as stream_ops have it. */
static int64_t left(const struct tls_session *t)
{
	int64_t ms;

	if (t->until_ms == NO_END)
		return -1;
	ms = t->until_ms - clock_mono_ms();
	return ms > 0 ? ms : 0;
}

/* Is there none for another round? */
static bool is_over(struct tls_session *t)
{
	if (t->take_only)
		return t->waited || ++t->rounds > ROUNDS_MAX;
	return t->waited || left(t) == 0;
}

/* ---- what GnuTLS reads from and writes to ---- */

static ssize_t fail_below(struct tls_session *t, ssize_t r)
{
	if (r == -ETIMEDOUT || r == -ECANCELED) {
		t->waited = true;
		t->cancelled = r == -ECANCELED;
		gnutls_transport_set_errno(t->gnutls, EAGAIN);
		return -1;
	}
	t->error = (int)r;
	gnutls_transport_set_errno(t->gnutls, (int)-r);
	return -1;
}

static ssize_t pull(gnutls_transport_ptr_t context, void *p, size_t n)
{
	struct tls_session *t = context;
	ssize_t got = t->below.ops->read(t->below.context, p, n, left(t));

	return got < 0 ? fail_below(t, got) : got;
}

/* Whether to pull: it waits by itself. */
static int pull_timeout(gnutls_transport_ptr_t context, unsigned ms)
{
	struct tls_session *t = context;

	return ms > 0 || t->below.ops->ready(t->below.context);
}

/* All of it, or an error: GnuTLS would take a part for a reason to wait. */
static ssize_t push_all(struct tls_session *t, const char *p, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t r = t->below.ops->write(t->below.context, p + done,
						n - done, left(t));

		if (r < 0)
			return fail_below(t, r);
		done += (size_t)r;
	}
	return (ssize_t)n;
}

/* The records of a flight go out together, one by one they would each be a
 * segment; a single one goes out from where it lies. */
static ssize_t push(gnutls_transport_ptr_t context, const giovec_t *v, int n)
{
	struct tls_session *t = context;
	size_t gathered = 0;
	ssize_t all = 0;

	if (n == 1)
		return push_all(t, v[0].iov_base, v[0].iov_len);
	for (int i = 0; i < n; i++) {
		bool fits = v[i].iov_len <= GATHER_BYTES - gathered;

		if (!fits && push_all(t, t->gather, gathered) < 0)
			return -1;
		if (!fits)
			gathered = 0;
		if (v[i].iov_len > GATHER_BYTES) {
			if (push_all(t, v[i].iov_base, v[i].iov_len) < 0)
				return -1;
		} else {
			memcpy(t->gather + gathered, v[i].iov_base,
			       v[i].iov_len);
			gathered += v[i].iov_len;
		}
		all += (ssize_t)v[i].iov_len;
	}
	return push_all(t, t->gather, gathered) < 0 ? -1 : all;
}

/* ---- the layer ---- */

static int errno_of(const struct tls_session *t, ssize_t r)
{
	if (t->error < 0)
		return t->error;
	switch (r) {
	case GNUTLS_E_AGAIN:
	case GNUTLS_E_INTERRUPTED:
		return t->cancelled ? -ECANCELED : -ETIMEDOUT;
	case GNUTLS_E_PREMATURE_TERMINATION:
		return -ECONNRESET;
	case GNUTLS_E_MEMORY_ERROR:
		return -ENOMEM;
	default:
		return -EPROTO;
	}
}

/* Say why to the peer, where it still listens. For good. */
static int give_up(struct tls_session *t, ssize_t r)
{
	int error = errno_of(t, r);

	/* a new handshake is refused by the end: RFC 9325 §3.5 */
	if (error == -EPROTO && r == GNUTLS_E_REHANDSHAKE)
		ignore(gnutls_alert_send(t->gnutls, GNUTLS_AL_FATAL,
					 GNUTLS_A_NO_RENEGOTIATION));
	else if (error == -EPROTO)
		ignore(gnutls_alert_send_appropriate(t->gnutls, (int)r));
	t->error = error;
	return error;
}

/* May the call that gave `r` be made again? */
static bool goes_on(struct tls_session *t, ssize_t r)
{
	if (t->error < 0)
		return false;
	if (r == GNUTLS_E_WARNING_ALERT_RECEIVED)
		return ++t->warnings < WARNINGS_MAX;
	return (r == GNUTLS_E_AGAIN || r == GNUTLS_E_INTERRUPTED) &&
	       !is_over(t);
}

static ssize_t layer_read(void *context, void *p, size_t n, int64_t wait_ms)
{
	struct tls_session *t = context;
	ssize_t r;

	if (t->error < 0)
		return t->error;
	grant(t, wait_ms);
	do
		r = gnutls_record_recv(t->gnutls, p, n);
	while (r < 0 && goes_on(t, r));
	if (r >= 0)
		return r;
	if (t->error == 0 && (r == GNUTLS_E_AGAIN || r == GNUTLS_E_INTERRUPTED))
		return errno_of(t, r); /* the rest of it may come yet */
	return give_up(t, r);
}

/* A record at a time, made from where the bytes lie. */
static ssize_t layer_write(void *context, const void *p, size_t n,
			   int64_t wait_ms)
{
	struct tls_session *t = context;
	ssize_t r;

	if (t->error < 0)
		return t->error;
	grant(t, wait_ms);
	do
		r = gnutls_record_send(t->gnutls, p,
				       n < RECORD_BYTES ? n : RECORD_BYTES);
	while (r < 0 && goes_on(t, r));
	if (r < 0) /* half a record may be on its way */
		t->error = errno_of(t, r);
	return r < 0 ? t->error : r;
}

static bool layer_ready(void *context)
{
	struct tls_session *t = context;

	return t->error < 0 || gnutls_record_check_pending(t->gnutls) > 0 ||
	       t->below.ops->ready(t->below.context);
}

static void session_free(struct tls_session *t)
{
	if (t->gnutls)
		gnutls_deinit(t->gnutls);
	tls_keys_done(&t->shown);
	free(t->gather);
	free(t);
}

/* close_notify, as far as it goes without waiting; nothing follows it. */
static void layer_end(void *context)
{
	struct tls_session *t = context;

	if (t->error == 0) {
		grant(t, 0);
		ignore(gnutls_bye(t->gnutls, GNUTLS_SHUT_WR));
		t->error = -EPIPE;
	}
	if (t->below.ops->end)
		t->below.ops->end(t->below.context);
}

static void layer_done(void *context)
{
	struct tls_session *t = context;

	if (t->error == 0) {
		grant(t, GOODBYE_MS);
		ignore(gnutls_bye(t->gnutls, GNUTLS_SHUT_WR));
	}
	stream_below_done(&t->below);
	session_free(t);
}

static const struct stream_ops layer_ops = {
	.read = layer_read,
	.write = layer_write,
	.ready = layer_ready,
	.end = layer_end,
	.done = layer_done,
};

/* ---- a session begins ---- */

/* The suites stand in the hello as it came; GnuTLS keeps them to itself. Our
 * order of groups and ciphers is for whom it costs no round trip. */
static int on_hello(gnutls_session_t session, unsigned type, unsigned when,
		    unsigned incoming, const gnutls_datum_t *message)
{
	struct tls_session *t = gnutls_session_get_ptr(session);

	/* what was chosen for the first hello stays: RFC 8446 §4.1.4 */
	if (!incoming || t->greeted)
		return 0;
	t->greeted = true;
	tls_hello_read((struct slice){ (char *)message->data, message->size },
		       &t->tls->ecdsa, &t->hello);
	if (!t->tls->in_our_order || t->hello.suits)
		return 0;
	return gnutls_priority_set_direct(session, tls_side_their_order, NULL);
}

static int offer_alpn(struct tls_session *t)
{
	gnutls_datum_t name = { (unsigned char *)t->tls->alpn,
				(unsigned)strlen(t->tls->alpn) };

	/* who asks for other protocols only is refused: RFC 7301 §3.2 */
	return name.size == 0
		       ? 0
		       : gnutls_alpn_set_protocols(t->gnutls, &name, 1,
						   GNUTLS_ALPN_MANDATORY);
}

static int set_up_server(struct tls_session *t)
{
	int r = offer_alpn(t);

	if (r == 0 && t->tls->ticket_key.size > 0)
		r = gnutls_session_ticket_enable_server(t->gnutls,
							&t->tls->ticket_key);
	if (t->tls->asks_client)
		gnutls_certificate_server_set_request(t->gnutls,
						      GNUTLS_CERT_REQUEST);
	gnutls_handshake_set_hook_function(t->gnutls,
					   GNUTLS_HANDSHAKE_CLIENT_HELLO,
					   GNUTLS_HOOK_PRE, on_hello);
	return r;
}

static int set_up(struct tls_session *t)
{
	unsigned flags = GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL;
	int r = gnutls_init(
		&t->gnutls,
		flags | (t->tls->server ? GNUTLS_SERVER : GNUTLS_CLIENT));

	if (r < 0)
		return r;
	gnutls_session_set_ptr(t->gnutls, t);
	gnutls_transport_set_ptr(t->gnutls, t);
	gnutls_transport_set_pull_function(t->gnutls, pull);
	gnutls_transport_set_pull_timeout_function(t->gnutls, pull_timeout);
	gnutls_transport_set_vec_push_function(t->gnutls, push);
	gnutls_handshake_set_max_packet_length(t->gnutls, HANDSHAKE_MAX);
	gnutls_handshake_set_timeout(t->gnutls, 0); /* ours is until_ms */
	r = gnutls_priority_set(t->gnutls, t->tls->priority);
	if (r == 0)
		r = gnutls_credentials_set(t->gnutls, GNUTLS_CRD_CERTIFICATE,
					   t->tls->credentials);
	return r == 0 && t->tls->server ? set_up_server(t) : r;
}

static int begin(struct tls *tls, struct stream *s, struct tls_session **ret)
{
	struct tls_session *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	*t = (struct tls_session){ .tls = tls, .stream = s };
	t->gather = malloc(GATHER_BYTES);
	r = t->gather && set_up(t) == 0 ? 0 : -ENOMEM;
	if (r == 0)
		r = stream_push(s, &layer_ops, t, &t->below);
	if (r < 0) {
		session_free(t);
		return r;
	}
	*ret = t;
	return 0;
}

/* ---- the handshake, and what came of it ---- */

static void say(struct tls_info *ret, const char *what)
{
	(void)snprintf(ret->trouble, sizeof(ret->trouble), "%s", what);
}

static void say_why(struct tls_session *t, int r, struct tls_info *ret)
{
	const char *alert = NULL;

	if (r == GNUTLS_E_FATAL_ALERT_RECEIVED ||
	    r == GNUTLS_E_WARNING_ALERT_RECEIVED)
		alert = gnutls_alert_get_name(gnutls_alert_get(t->gnutls));
	if (t->error < 0)
		say(ret, strerror(-t->error));
	else if (r == GNUTLS_E_AGAIN)
		say(ret, "the peer took too long");
	else if (alert)
		(void)snprintf(ret->trouble, sizeof(ret->trouble),
			       "the peer refused: %s", alert);
	else
		say(ret, gnutls_strerror(r));
}

static int shake(struct tls_session *t, struct tls_info *ret)
{
	int r;

	grant(t, stream_wait_ms(t->stream));
	do
		r = gnutls_handshake(t->gnutls);
	while (r < 0 && goes_on(t, r));
	if (r == 0)
		return 0;
	say_why(t, r, ret);
	return give_up(t, r);
}

/* Text from the peer; what is no short line of text is nothing. */
static void take_text(char ret[TLS_NAME_MAX], const char *p, size_t n)
{
	if (n == 0 || n >= TLS_NAME_MAX)
		return;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] <= ' ' || (unsigned char)p[i] >= 127)
			return;
	memcpy(ret, p, n);
	ret[n] = '\0';
}

/* RFC 9266 §3: with TLS 1.2 only where the master secret is bound to the
 * session (RFC 7627). */
static void take_binding(struct tls_session *t, struct tls_info *ret)
{
	gnutls_datum_t d = { 0 };

	if (gnutls_protocol_get_version(t->gnutls) < GNUTLS_TLS1_3 &&
	    !gnutls_session_ext_master_secret_status(t->gnutls))
		return;
	if (gnutls_session_channel_binding(t->gnutls, GNUTLS_CB_TLS_EXPORTER,
					   &d) < 0)
		return;
	if (d.size <= sizeof(ret->binding)) {
		memcpy(ret->binding, d.data, d.size);
		ret->binding_n = d.size;
	}
	gnutls_free(d.data);
}

static void take_cipher(struct tls_session *t, struct tls_info *ret)
{
	const char *version = gnutls_protocol_get_name(
		gnutls_protocol_get_version(t->gnutls));
	const char *cipher = gnutls_ciphersuite_get(t->gnutls);

	(void)snprintf(ret->version, sizeof(ret->version), "%s",
		       version ? version : "");
	(void)snprintf(ret->cipher, sizeof(ret->cipher), "%s",
		       cipher ? cipher : "");
	ret->resumed = gnutls_session_is_resumed(t->gnutls) != 0;
	take_binding(t, ret);
}

static void take_server_name(struct tls_session *t, struct tls_info *ret)
{
	char name[TLS_NAME_MAX];
	size_t n = sizeof(name);
	unsigned type;

	if (gnutls_server_name_get(t->gnutls, name, &n, &type, 0) == 0 &&
	    type == GNUTLS_NAME_DNS)
		take_text(ret->server, name, strnlen(name, n));
}

/* ---- whom a certificate names ---- */

static void take_mailbox(gnutls_x509_crt_t crt, char ret[TLS_NAME_MAX])
{
	char text[TLS_NAME_MAX];
	int r = 0;

	for (unsigned i = 0; ret[0] == '\0'; i++) {
		size_t n = sizeof(text);

		r = gnutls_x509_crt_get_subject_alt_name(crt, i, text, &n,
							 NULL);
		if (r == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			return;
		if (r == GNUTLS_SAN_RFC822NAME)
			take_text(ret, text, n);
	}
}

static void take_common_name(gnutls_x509_crt_t crt, char ret[TLS_NAME_MAX])
{
	char text[TLS_NAME_MAX];
	size_t n = sizeof(text);

	if (gnutls_x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0,
					  0, text, &n) == 0)
		take_text(ret, text, n);
}

static void take_client_name(struct tls_session *t, struct tls_info *ret)
{
	unsigned n = 0;
	const gnutls_datum_t *der = gnutls_certificate_get_peers(t->gnutls, &n);
	gnutls_x509_crt_t crt;

	if (!der || n == 0 || gnutls_x509_crt_init(&crt) < 0)
		return;
	if (gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER) == 0) {
		take_mailbox(crt, ret->client);
		if (ret->client[0] == '\0')
			take_common_name(crt, ret->client);
	}
	gnutls_x509_crt_deinit(crt);
}

/* Is the peer's chain trusted, for that purpose and name? Says why not. */
static bool verify(struct tls_session *t, const char *purpose, const char *host,
		   struct tls_info *ret)
{
	gnutls_typed_vdata_st data[2] = {
		{ GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)purpose, 0 },
		{ GNUTLS_DT_DNS_HOSTNAME, (unsigned char *)host, 0 },
	};
	unsigned status = 0;
	gnutls_datum_t text = { 0 };
	int r = gnutls_certificate_verify_peers(t->gnutls, data, host ? 2 : 1,
						&status);

	if (r < 0)
		say(ret, gnutls_strerror(r));
	if (r == 0 && status != 0 &&
	    gnutls_certificate_verification_status_print(
		    status, GNUTLS_CRT_X509, &text, 0) == 0)
		say(ret, (const char *)text.data);
	gnutls_free(text.data);
	return r == 0 && status == 0;
}

int tls_session_accept(struct tls *tls, struct stream *s, struct tls_info *ret)
{
	struct tls_info info = { 0 };
	struct tls_session *t;
	unsigned n;
	int r = begin(tls, s, &t);

	if (r == 0)
		r = shake(t, &info);
	else
		say(&info, strerror(-r));
	if (r == 0) {
		take_cipher(t, &info);
		take_server_name(t, &info);
		if (tls->asks_client &&
		    gnutls_certificate_get_peers(t->gnutls, &n))
			info.verified = verify(t, GNUTLS_KP_TLS_WWW_CLIENT,
					       NULL, &info);
		if (info.verified)
			take_client_name(t, &info);
	}
	*ret = info;
	return r;
}

/* ---- the client's side ---- */

static bool is_address(const char *host)
{
	unsigned char ip[16];

	return inet_pton(AF_INET, host, ip) == 1 ||
	       inet_pton(AF_INET6, host, ip) == 1;
}

/* As a certificate has it: "[192.0.2.1]" without brackets, "a.example." without
 * the dot. */
static void plain_host(const char *host, char ret[TLS_NAME_MAX])
{
	size_t n = strlen(host);

	if (n >= TLS_NAME_MAX)
		n = TLS_NAME_MAX - 1;
	if (n > 1 && host[0] == '[' && host[n - 1] == ']') {
		host++;
		n -= 2;
	} else if (n > 1 && host[n - 1] == '.') {
		n--;
	}
	memcpy(ret, host, n);
	ret[n] = '\0';
}

static int greet(struct tls_session *t, const char *host, bool must,
		 struct tls_info *ret)
{
	int r;

	/* RFC 6066 §3: no addresses */
	if (host[0] != '\0' && !is_address(host) &&
	    gnutls_server_name_set(t->gnutls, GNUTLS_NAME_DNS, host,
				   strlen(host)) < 0)
		ignore(0); /* not a name that anyone has a certificate for */
	r = shake(t, ret);
	if (r < 0)
		return r;
	take_cipher(t, ret);
	ret->verified = host[0] != '\0' &&
			verify(t, GNUTLS_KP_TLS_WWW_SERVER, host, ret);
	if (ret->verified || !must)
		return 0;
	ignore(gnutls_alert_send(t->gnutls, GNUTLS_AL_FATAL,
				 GNUTLS_A_BAD_CERTIFICATE));
	t->error = -EPROTO;
	return -EPROTO;
}

int tls_session_connect(struct tls *tls, struct stream *s, const char *host,
			bool must, struct tls_info *ret)
{
	struct tls_info info = { 0 };
	char plain[TLS_NAME_MAX];
	struct tls_session *t;
	int r = begin(tls, s, &t);

	plain_host(host ? host : "", plain);
	if (r == 0)
		r = greet(t, plain, must, &info);
	else
		say(&info, strerror(-r));
	*ret = info;
	return r;
}

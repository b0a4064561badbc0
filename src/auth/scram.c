/* SPDX-License-Identifier: ISC */
/* See scram.h. Must never leave a password behind in memory. */
#include "auth/scram.h"

#include <nettle/base64.h>
#include <nettle/pbkdf2.h>
#include <sys/random.h>

#include "auth/auth.h"
#include "auth/sasl.h"
#include "base/digest.h"

static int decode(struct slice text, uint8_t *ret, size_t most, size_t *ret_n)
{
	uint8_t bytes[BASE64_DECODE_LENGTH(SCRAM_TEXT_MAX)];
	struct base64_decode_ctx ctx;
	size_t n = sizeof(bytes);

	if (text.n > SCRAM_TEXT_MAX)
		return -EINVAL;
	base64_decode_init(&ctx);
	if (!base64_decode_update(&ctx, &n, bytes, text.n, text.p) ||
	    !base64_decode_final(&ctx) || n == 0 || n > most)
		return -EINVAL;
	memcpy(ret, bytes, n);
	*ret_n = n;
	return 0;
}

static int next_bytes(struct slice *rest, uint8_t *ret, size_t most,
		      size_t *ret_n)
{
	struct slice field;

	return slice_field(rest, ',', &field) ? decode(field, ret, most, ret_n)
					      : -EINVAL;
}

int scram_parse(struct slice text, struct scram_keys *ret)
{
	struct scram_keys k = { 0 };
	struct slice field;
	size_t stored = 0, server = 0;

	if (!slice_field(&text, ',', &field) ||
	    slice_number(field, 1, SCRAM_ITER_MAX, &k.iterations) < 0 ||
	    next_bytes(&text, k.salt, sizeof(k.salt), &k.salt_n) < 0 ||
	    next_bytes(&text, k.stored, sizeof(k.stored), &stored) < 0 ||
	    next_bytes(&text, k.server, sizeof(k.server), &server) < 0)
		return -EINVAL;
	if (text.p || stored != SCRAM_KEY_BYTES || server != SCRAM_KEY_BYTES)
		return -EINVAL;
	*ret = k;
	return 0;
}

static void encode(const uint8_t *p, size_t n, char *ret)
{
	base64_encode_raw(ret, n, p);
	ret[BASE64_ENCODE_RAW_LENGTH(n)] = '\0';
}

void scram_format(const struct scram_keys *k, char ret[SCRAM_TEXT_MAX])
{
	char salt[BASE64_ENCODE_RAW_LENGTH(SCRAM_SALT_MAX) + 1];
	char stored[BASE64_ENCODE_RAW_LENGTH(SCRAM_KEY_BYTES) + 1];
	char server[BASE64_ENCODE_RAW_LENGTH(SCRAM_KEY_BYTES) + 1];

	encode(k->salt, k->salt_n, salt);
	encode(k->stored, SCRAM_KEY_BYTES, stored);
	encode(k->server, SCRAM_KEY_BYTES, server);
	(void)snprintf(ret, SCRAM_TEXT_MAX, "%u,%s,%s,%s",
		       (unsigned)k->iterations, salt, stored, server);
}

static void hmac(struct slice key, struct slice text,
		 uint8_t ret[SCRAM_KEY_BYTES])
{
	struct digest_keyed d;

	digest_keyed_start(&d, key);
	digest_keyed_add(&d, text);
	digest_keyed_end(&d, ret);
}

static void make_keys(const char *prepared, struct scram_keys *k)
{
	uint8_t salted[SCRAM_KEY_BYTES], client[SCRAM_KEY_BYTES];
	const struct slice key = { (char *)salted, sizeof(salted) };
	struct sha256_ctx sha;

	pbkdf2_hmac_sha256(strlen(prepared), (const uint8_t *)prepared,
			   (unsigned)k->iterations, k->salt_n, k->salt,
			   sizeof(salted), salted);
	hmac(key, SLICE("Client Key"), client);
	hmac(key, SLICE("Server Key"), k->server);
	sha256_init(&sha);
	sha256_update(&sha, sizeof(client), client);
	sha256_digest(&sha, SCRAM_KEY_BYTES, k->stored);
	explicit_bzero(salted, sizeof(salted));
	explicit_bzero(client, sizeof(client));
}

/* RFC 4013: nothing in printable ASCII is mapped, normalised or prohibited. */
static bool is_prepared(struct slice password)
{
	for (size_t i = 0; i < password.n; i++)
		if (password.p[i] < ' ' || password.p[i] > '~')
			return false;
	return true;
}

static int prepare_and_make(const char *text, struct scram_keys *keys)
{
	const struct sasl_module *m = sasl_module();
	char *prepared = NULL;
	int r = m ? m->prepare(text, &prepared) : -ENOENT;

	if (r < 0)
		return r;
	make_keys(prepared, keys);
	m->drop(prepared);
	return 0;
}

int scram_derive(struct slice password, struct scram_keys *keys)
{
	char text[AUTH_PASSWORD_MAX + 1];
	int r = 0;

	if (password.n == 0 || password.n > AUTH_PASSWORD_MAX ||
	    memchr(password.p, '\0', password.n))
		return -EINVAL;
	memcpy(text, password.p, password.n);
	text[password.n] = '\0';
	if (is_prepared(password))
		make_keys(text, keys);
	else
		r = prepare_and_make(text, keys);
	explicit_bzero(text, sizeof(text));
	return r;
}

int scram_fresh(struct slice password, uint64_t iterations,
		struct scram_keys *ret)
{
	struct scram_keys k = { .iterations = iterations,
				.salt_n = SCRAM_SALT_NEW };
	int r;

	if (getrandom(k.salt, SCRAM_SALT_NEW, 0) != SCRAM_SALT_NEW)
		return -EIO;
	r = scram_derive(password, &k);
	if (r == 0)
		*ret = k;
	explicit_bzero(&k, sizeof(k));
	return r;
}

int scram_fits(const struct scram_keys *keys, struct slice password)
{
	struct scram_keys k = *keys;
	int r = scram_derive(password, &k);
	int fits = digest_same(k.stored, keys->stored, SCRAM_KEY_BYTES);

	explicit_bzero(&k, sizeof(k));
	return r == -ENOMEM || r == -ENOENT ? r : r == 0 && fits;
}

static void fake_bytes(struct slice secret, struct slice what,
		       struct slice name, uint8_t ret[SCRAM_KEY_BYTES])
{
	struct digest_keyed d;

	digest_keyed_start(&d, secret);
	digest_keyed_add(&d, what);
	digest_keyed_add(&d, name);
	digest_keyed_end(&d, ret);
}

int scram_fake(struct slice secret, struct slice name,
	       const struct scram_shape *shape, struct scram_keys *ret)
{
	uint8_t salt[2 * SCRAM_KEY_BYTES];
	struct scram_keys k = { .iterations = shape->iterations,
				.salt_n = shape->salt_n };

	_Static_assert(sizeof(salt) >= SCRAM_SALT_MAX, "the longest");
	fake_bytes(secret, SLICE("salt 1:"), name, salt);
	fake_bytes(secret, SLICE("salt 2:"), name, salt + SCRAM_KEY_BYTES);
	memcpy(k.salt, salt, k.salt_n);
	if (getrandom(k.stored, SCRAM_KEY_BYTES, 0) != SCRAM_KEY_BYTES ||
	    getrandom(k.server, SCRAM_KEY_BYTES, 0) != SCRAM_KEY_BYTES)
		return -EIO;
	*ret = k;
	return 0;
}

uint32_t scram_fake_point(struct slice secret, struct slice name)
{
	uint8_t bytes[SCRAM_KEY_BYTES];
	uint32_t point;

	fake_bytes(secret, SLICE("shape:"), name, bytes);
	memcpy(&point, bytes, sizeof(point));
	return point;
}

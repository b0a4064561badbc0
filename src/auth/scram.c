/* SPDX-License-Identifier: ISC */
/* See scram.h. */
#include "auth/scram.h"

#include <gsasl.h>
#include <nettle/base64.h>
#include <nettle/memops.h>
#include <sys/random.h>

#include "auth/auth.h"

/* RFC 7677 §4 wants 4096 at least; the client alone pays for it, once a login,
 * and a phone does this many in a fifth of a second. */
#define ITERATIONS 65536
#define SALT_BYTES 16
#define KEY_BYTES  32

struct keys {
	char client[KEY_BYTES], server[KEY_BYTES], stored[KEY_BYTES];
};

static int derive(struct slice password, unsigned iterations, const char *salt,
		  size_t salt_n, struct keys *ret)
{
	char text[AUTH_PASSWORD_MAX + 1], salted[KEY_BYTES];
	char *prepared = NULL;
	int r;

	if (password.n == 0 || password.n >= sizeof(text) ||
	    memchr(password.p, '\0', password.n))
		return -EINVAL;
	memcpy(text, password.p, password.n);
	text[password.n] = '\0';
	r = gsasl_saslprep(text, 0, &prepared, NULL);
	if (r == GSASL_OK) {
		r = gsasl_scram_secrets_from_password(
			GSASL_HASH_SHA256, prepared, iterations, salt, salt_n,
			salted, ret->client, ret->server, ret->stored);
		explicit_bzero(prepared, strlen(prepared));
		gsasl_free(prepared);
		r = r == GSASL_OK ? 0 : -EIO;
	} else {
		r = r == GSASL_MALLOC_ERROR ? -ENOMEM : -EINVAL;
	}
	explicit_bzero(text, sizeof(text));
	explicit_bzero(salted, sizeof(salted));
	return r;
}

static void encode(const char *bytes, size_t n, char *ret)
{
	base64_encode_raw(ret, n, (const uint8_t *)bytes);
	ret[BASE64_ENCODE_RAW_LENGTH(n)] = '\0';
}

int scram_make(struct slice password, char ret[SCRAM_MAX])
{
	char salt[SALT_BYTES], text[3][64];
	struct keys keys;
	int r;

	if (getrandom(salt, sizeof(salt), 0) != sizeof(salt))
		return -EIO;
	r = derive(password, ITERATIONS, salt, sizeof(salt), &keys);
	if (r == 0) {
		encode(salt, sizeof(salt), text[0]);
		encode(keys.stored, KEY_BYTES, text[1]);
		encode(keys.server, KEY_BYTES, text[2]);
		(void)snprintf(ret, SCRAM_MAX, "%u,%s,%s,%s", ITERATIONS,
			       text[0], text[1], text[2]);
	}
	explicit_bzero(&keys, sizeof(keys));
	explicit_bzero(text, sizeof(text));
	return r;
}

static bool take(struct slice *rest, size_t least, char *ret, size_t room)
{
	struct slice field;

	if (!slice_field(rest, ',', &field) || field.n < least ||
	    field.n >= room || memchr(field.p, '\0', field.n))
		return false;
	memcpy(ret, field.p, field.n);
	ret[field.n] = '\0';
	return true;
}

static bool decode(const char *text, char *ret, size_t room, size_t *ret_n)
{
	struct base64_decode_ctx ctx;
	uint8_t bytes[64];
	size_t n = sizeof(bytes);

	base64_decode_init(&ctx);
	if (strlen(text) >= sizeof(bytes) ||
	    !base64_decode_update(&ctx, &n, bytes, strlen(text), text) ||
	    !base64_decode_final(&ctx) || n > room)
		return false;
	memcpy(ret, bytes, n);
	explicit_bzero(bytes, sizeof(bytes));
	*ret_n = n;
	return true;
}

int scram_parse(struct slice text, struct scram *ret)
{
	struct scram s;
	char bytes[64];
	uint64_t n;
	size_t got;

	if (!take(&text, 1, s.iterations, sizeof(s.iterations)) ||
	    !take(&text, 8, s.salt, sizeof(s.salt)) ||
	    !take(&text, 44, s.stored, sizeof(s.stored)) ||
	    !take(&text, 44, s.server, sizeof(s.server)) || text.n > 0 ||
	    slice_number(slice_of(s.iterations), 4096, 10000000, &n) < 0 ||
	    !decode(s.salt, bytes, sizeof(bytes), &got) ||
	    !decode(s.stored, bytes, sizeof(bytes), &got) || got != KEY_BYTES ||
	    !decode(s.server, bytes, sizeof(bytes), &got) || got != KEY_BYTES)
		return -EBADMSG;
	*ret = s;
	explicit_bzero(bytes, sizeof(bytes));
	return 0;
}

int scram_is(const struct scram *s, struct slice password)
{
	char salt[64], stored[64];
	size_t salt_n, stored_n;
	struct keys keys;
	uint64_t n;
	int r;

	if (slice_number(slice_of(s->iterations), 1, UINT32_MAX, &n) < 0 ||
	    !decode(s->salt, salt, sizeof(salt), &salt_n) ||
	    !decode(s->stored, stored, sizeof(stored), &stored_n))
		return -EBADMSG;
	r = derive(password, (unsigned)n, salt, salt_n, &keys);
	if (r == 0)
		r = stored_n == KEY_BYTES &&
		    memeql_sec(keys.stored, stored, KEY_BYTES);
	explicit_bzero(&keys, sizeof(keys));
	return r == -EINVAL ? 0 : r;
}

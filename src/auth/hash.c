/* SPDX-License-Identifier: ISC */
/* See hash.h. The only file that knows libxcrypt. */
#include "auth/hash.h"

#include <crypt.h>

#include "auth/auth.h"

_Static_assert(AUTH_HASH_MAX >= CRYPT_OUTPUT_SIZE, "a hash fits");

static int copy(struct slice s, char *ret, size_t room)
{
	if (s.n >= room || memchr(s.p, '\0', s.n))
		return -EINVAL;
	memcpy(ret, s.p, s.n);
	ret[s.n] = '\0';
	return 0;
}

static int run(const char *password, const char *setting, char *ret)
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	const char *hash;
	int r = 0;

	if (!data)
		return -ENOMEM;
	errno = 0;
	hash = crypt_r(password, setting, data);
	/* "*0" and "*1" are how crypt(3) fails */
	if (!hash || hash[0] == '*')
		r = errno == ENOMEM ? -ENOMEM : -EINVAL;
	else
		memcpy(ret, hash, strlen(hash) + 1);
	explicit_bzero(data, sizeof(*data));
	free(data);
	return r;
}

int hash_again(struct slice password, struct slice hash, char *ret)
{
	char secret[AUTH_PASSWORD_MAX + 1];
	char setting[AUTH_HASH_MAX];
	int r = copy(password, secret, sizeof(secret));

	if (r == 0)
		r = copy(hash, setting, sizeof(setting));
	if (r == 0)
		r = run(secret, setting, ret);
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(setting, sizeof(setting));
	return r;
}

int hash_fresh(struct slice password, char *ret)
{
	char *salt = crypt_gensalt_ra(NULL, 0, NULL, 0);
	int r;

	if (!salt)
		return errno == ENOMEM ? -ENOMEM : -EIO;
	r = hash_again(password, slice_of(salt), ret);
	free(salt);
	return r == -EINVAL ? -EIO : r;
}

/* DES: 13 octets, or 11 more for each 8 of a long password; BSDi: 20. To
 * libxcrypt the salt is enough, and a password as it is looks like one. */
static bool has_old_length(struct slice hash)
{
	if (hash.p[0] == '$')
		return true;
	return hash.p[0] == '_' ? hash.n == 20
				: hash.n >= 13 && (hash.n - 2) % 11 == 0;
}

enum auth_hash_kind auth_hash_judge(struct slice hash)
{
	char setting[AUTH_HASH_MAX];

	if (hash.n == 0)
		return AUTH_HASH_NONE;
	if (hash.p[0] == '!' || hash.p[0] == '*')
		return AUTH_HASH_LOCKED;
	if (copy(hash, setting, sizeof(setting)) < 0)
		return AUTH_HASH_BAD;
	switch (crypt_checksalt(setting)) {
	case CRYPT_SALT_OK:
		return AUTH_HASH_GOOD;
	case CRYPT_SALT_METHOD_LEGACY:
	case CRYPT_SALT_TOO_CHEAP:
		return has_old_length(hash) ? AUTH_HASH_WEAK : AUTH_HASH_BAD;
	default:
		return AUTH_HASH_BAD;
	}
}

/* SPDX-License-Identifier: ISC */
/* See house.h. */
#include <criterion/criterion.h>

#include "auth/auth.h"
#include "tests/unit/auth/house.h"

char auth_house_config[64];
static char dir[] = "/tmp/postern-auth.XXXXXX";
static char users[64];

void auth_house_new(void)
{
	char hash[AUTH_HASH_MAX];
	FILE *f;

	cr_assert(mkdtemp(dir));
	(void)snprintf(auth_house_config, sizeof(auth_house_config),
		       "%s/postern.conf", dir);
	(void)snprintf(users, sizeof(users), "%s/users", dir);
	cr_assert_eq(auth_hash(SLICE("pencil"), hash), 0);
	f = fopen(users, "w");
	(void)fprintf(f, "alice:%s:shop/alice:quota=1M\n", hash);
	cr_assert_eq(fclose(f), 0);
	f = fopen(auth_house_config, "w");
	(void)fprintf(f,
		      "[host]\nname = mx.example\n[users]\nfile = %s\n[auth]\n"
		      "passwords = %s/passwords\nsecret = %s/secret\n"
		      "brake =\nmemory =\nsystem = no\n[log]\nto = none\n",
		      users, dir, dir);
	cr_assert_eq(fclose(f), 0);
}

void auth_house_done(void)
{
	char secret[64];

	(void)snprintf(secret, sizeof(secret), "%s/secret", dir);
	(void)unlink(secret);
	(void)unlink(auth_house_config);
	(void)unlink(users);
	(void)rmdir(dir);
}

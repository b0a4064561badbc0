/* SPDX-License-Identifier: ISC */
/* crypt(3) with its memory wiped. Passwords hold no NUL and are at most
 * AUTH_PASSWORD_MAX long. */
#pragma once

#include "base/slice.h"

/* Hash with the library's default method, its default cost and a random salt;
 * `ret` has room for AUTH_HASH_MAX. 0, -ENOMEM, or -EIO. */
int hash_fresh(struct slice password, char *ret) MUST_LOOK;

/* Hash as `hash` was made. 0, -EINVAL (it is no hash), or -ENOMEM. */
int hash_again(struct slice password, struct slice hash, char *ret) MUST_LOOK;

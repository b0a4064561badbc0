/* SPDX-License-Identifier: ISC */
/* The system's accounts, by PAM (service "postern"). */
#pragma once

#include "auth/auth.h"

/* peer_ip may be empty. AUTH_NO also where PAM was not built in. */
enum auth_outcome pam_password(const char *name, const char *password,
			       const char *peer_ip) MUST_LOOK;
bool pam_is_built(void);

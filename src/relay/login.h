/* SPDX-License-Identifier: ISC */
/* Logging in at a smarthost, with what the credentials file has. */
#pragma once

#include "conf/settings.h"
#include "smtp/client.h"

/* As smtp_client_login; also OUTCOME_LATER 4.7.8 where the credentials cannot
 * be had. */
struct outcome login_run(const struct settings *s, struct smtp_client *c,
			 struct slice name);

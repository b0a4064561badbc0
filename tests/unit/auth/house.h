/* SPDX-License-Identifier: ISC */
/* A configuration for the real postern-authd in a folder of its own: alice,
 * whose password is "pencil", with the mailbox shop/alice. Use: .init =
 * auth_house_new, .fini = auth_house_done. */
#pragma once

extern char auth_house_config[64]; /* its path */

void auth_house_new(void);
void auth_house_done(void);

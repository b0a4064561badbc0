/* SPDX-License-Identifier: ISC */
/* What names, paths and addresses in configuration files look like. None of
 * these takes the empty slice. */
#pragma once

#include "base/slice.h"

/* A host or domain name in ASCII (RFC 1123 §2.1, and '_'): labels of 1 to 63
 * octets, 253 in all; no final dot. */
bool shape_is_host(struct slice s);

/* A next hop that names its host, as hop_parse takes it. */
bool shape_is_hop(struct slice s);

/* A server by its address: "192.0.2.1", "192.0.2.1:5353", "[::1]:5353",
 * "::1". */
bool shape_is_server(struct slice s);

/* From the root. */
bool shape_is_path(struct slice s);

/* "alice", "alice@example.org": not the whole grammar, which is mail's. */
bool shape_is_mailbox(struct slice s);

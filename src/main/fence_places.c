/* SPDX-License-Identifier: ISC */
/* See fence_places.h. Rules bind to what is there when they are made: a file
 * that is replaced by another meanwhile is out of reach, a directory's new
 * files are not. */
#include "main/fence_places.h"

#include "config.h"
#include "auth/sasl.h"
#include "base/landlock.h"
#include "conf/map_index.h"
#include "mail/idna.h"
#include "net/tls_module.h"

#define SMTP   (1U << FENCE_SMTP)
#define KEEPER (1U << FENCE_KEEPER)
#define POP3   (1U << FENCE_POP3)
#define HOUSE  (1U << FENCE_HOUSE)
#define JUDGE  (1U << FENCE_JUDGE)
#define RUN    (1U << FENCE_RUN)
#define WORKER (1U << FENCE_WORKER)
#define MAIL   (KEEPER | HOUSE | RUN)
#define TLS    (SMTP | POP3)
#define ALL    (TLS | MAIL | JUDGE | WORKER)

#define SEE   (LAND_READ | LAND_LIST)
#define NAMES (LAND_LIST | LAND_MAKE | LAND_MOVE | LAND_REMOVE)
#define KEEP  (NAMES | LAND_READ | LAND_WRITE | LAND_TRUNCATE)

#define AT(field) offsetof(struct settings, field)

/* clang-format off */
const struct fence_place fence_places[] = {
	/* what stream_end puts in the place of a pipe */
	{ ALL, LAND_READ | LAND_WRITE, .path = "/dev/null" },
	/* times of day in lines for syslog */
	{ ALL, SEE, .path = "/etc/localtime" },

	/* ---- mail ---- */
	{ MAIL, KEEP | LAND_MAKE_DIR, .setting = AT(store.directory) },
	/* which mailboxes there are; what is in them, the keeper knows */
	{ SMTP, LAND_LIST, .setting = AT(store.directory) },
	/* what is being written can be read, what waits cannot */
	{ SMTP, KEEP, .setting = AT(queue.directory), .below = "/tmp" },
	{ SMTP, NAMES, .setting = AT(queue.directory), .below = "/new" },
	{ SMTP, NAMES | LAND_MAKE_DIR, .setting = AT(queue.directory),
	  .below = "/due" },
	{ RUN, KEEP | LAND_MAKE_DIR | LAND_REMOVE_DIR,
	  .setting = AT(queue.directory) },
	/* messages are open already; the memory of hosts is not */
	{ WORKER, KEEP, .setting = AT(queue.directory), .below = "/tmp" },
	{ WORKER, KEEP, .setting = AT(queue.directory), .below = "/hosts" },

	/* ---- logins; where mail goes is open already (route_new) ---- */
	{ JUDGE, SEE, .setting = AT(users.file) },
	{ JUDGE, SEE, .setting = AT(auth.passwords) },
	{ JUDGE, SEE, .setting = AT(users.file), .below = MAP_INDEX_SUFFIX },
	{ JUDGE, SEE, .setting = AT(auth.passwords),
	  .below = MAP_INDEX_SUFFIX },
	{ JUDGE, KEEP, .setting = AT(auth.secret), .below = ".." },
	{ JUDGE, KEEP, .setting = AT(auth.brake), .below = ".." },
	{ JUDGE, KEEP, .setting = AT(auth.memory), .below = ".." },

	/* ---- TLS ---- */
	{ TLS, SEE, .setting = AT(tls.directory) },
	{ TLS, SEE, .setting = AT(tls.client_ca) },
	{ RUN | WORKER, SEE, .setting = AT(relay.tls_ca) },
	{ RUN | WORKER, SEE, .setting = AT(relay.tls_certificate) },
	{ RUN | WORKER, SEE, .setting = AT(relay.tls_key) },
	{ RUN | WORKER, SEE, .setting = AT(relay.credentials) },
	{ RUN | WORKER, SEE, .path = "/etc/ssl" },
	{ TLS | RUN | WORKER, SEE, .path = "/etc/gnutls" },

	/* ---- libraries that are loaded when they are wanted, authorities ---- */
	{ TLS | RUN | WORKER | JUDGE, SEE, .path = "/etc/ld.so.cache" },
	{ TLS | RUN | WORKER | JUDGE, SEE, .path = "/usr" },
	{ TLS | RUN | WORKER | JUDGE, SEE, .path = PKGLIBDIR },
	{ TLS | RUN | WORKER, LAND_READ, .module = TLS_MODULE_FILE },
	{ SMTP | RUN | WORKER, LAND_READ, .module = IDNA_FILE },
	{ JUDGE | RUN | WORKER, LAND_READ, .module = SASL_MODULE_FILE },

	/* ---- names of accounts and hosts ---- */
	{ SMTP | RUN, SEE, .path = "/etc/passwd" },
	{ SMTP | RUN, SEE, .path = "/etc/nsswitch.conf" },
	{ SMTP | RUN, SEE, .path = "/var/lib/extrausers" },
	{ SMTP | RUN, SEE, .path = "/var/lib/sss" },
	{ SMTP | RUN, SEE, .path = "/run/systemd/userdb" },
	{ RUN | WORKER, SEE, .path = "/etc/resolv.conf" },
	{ RUN | WORKER, SEE, .path = "/etc/hosts" },
	{ RUN | WORKER, SEE, .path = "/etc/host.conf" },
	{ RUN | WORKER, SEE, .path = "/etc/gai.conf" },
};
/* clang-format on */

const size_t fence_places_n = ARRAY_LEN(fence_places);

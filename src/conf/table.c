/* SPDX-License-Identifier: ISC */
/* See table.h. A line here, a field in struct settings, an entry in
 * postern.conf(5): the tests want all three. */
#include "conf/table.h"

#define AT(field) offsetof(struct settings, field)
#define DAY       (24 * 60 * 60ULL)
#define MANY      1000000000ULL
#define MIB       (1ULL << 20)

/* clang-format off */
const struct setting settings_table[] = {
	{ "host", "name", SETTING_HOST, AT(host.name), 0, 0, "", NULL,
	  "Our name: in the greeting, HELO and Received. Empty: the kernel's "
	  "host name." },
	{ "host", "postmaster", SETTING_MAILBOX, AT(host.postmaster), 1, 0,
	  "postmaster", NULL,
	  "Who gets mail for <postmaster> where no user or alias has that "
	  "name, or the alias cannot be followed, and double bounces." },

	{ "domains", "local", SETTING_DOMAINS, AT(domains.local), 0, 0, "",
	  NULL, "Domains whose names are users and aliases. Empty: our host "
	  "name." },
	{ "domains", "virtual", SETTING_DOMAINS, AT(domains.virtual_), 0, 0,
	  "", NULL, "Domains of which only whole addresses, name@domain, are "
	  "looked up." },

	{ "users", "file", SETTING_PATH, AT(users.file), 1, 0,
	  SYSCONFDIR "/postern/users", NULL,
	  "Users, their password hashes and mailboxes: postern-users(5)." },
	{ "users", "aliases", SETTING_PATH, AT(users.aliases), 0, 0,
	  "/etc/aliases", NULL, "Aliases: postern-aliases(5). Empty: none." },
	{ "users", "system", SETTING_BOOL, AT(users.system), 0, 1, "yes", NULL,
	  "The system's accounts have mailboxes too." },
	{ "users", "system_uid_min", SETTING_NUMBER, AT(users.system_uid_min),
	  0, UINT32_MAX - 1, "1000", NULL,
	  "Accounts below this user id have none." },
	{ "users", "delimiter", SETTING_CHOICE, AT(users.delimiter), 0, 0, "+",
	  "+ - = _ #", "What stands behind it in a local part is not part of "
	  "the user's name. Empty: all is." },

	{ "store", "directory", SETTING_PATH, AT(store.directory), 1, 0,
	  "/var/mail", NULL, "Where the mailboxes are." },
	{ "store", "lock_wait", SETTING_SECONDS, AT(store.lock_wait_s), 0, 600,
	  "10 s", NULL, "How long to wait for the locks of a mailbox." },
	{ "store", "dotlock", SETTING_BOOL, AT(store.dotlock), 0, 1, "yes",
	  NULL, "Lock with NAME.lock too, as Debian's policy has it, not with "
	  "fcntl(2) alone." },

	{ "quota", "size", SETTING_OCTETS, AT(quota.octets), 0,
	  QUOTA_OCTETS_MAX, "0", NULL,
	  "How large a mailbox may be. 0: without limit." },
	{ "quota", "messages", SETTING_NUMBER, AT(quota.messages), 0, MANY,
	  "0", NULL, "How many messages it may hold. 0: without limit." },
	{ "quota", "domains", SETTING_QUOTAS, AT(quota.domains), 0, 0, "",
	  NULL, "Other limits for single domains: example.org=500MB/10000 "
	  "(size and messages; either may be left out, or none)." },
	{ "quota", "warn", SETTING_PERCENT, AT(quota.warn_percent), 0, 100,
	  "90 %", NULL, "At this share of a limit the mailbox gets a message "
	  "that says so. 0 %: never." },

	{ "notice", "biff", SETTING_BOOL, AT(notice.biff), 0, 1, "no", NULL,
	  "Tell comsat(8), or what listens in its place, of each new message: "
	  "user@offset." },
	{ "notice", "biff_address", SETTING_SERVER, AT(notice.biff_address), 1,
	  0, "127.0.0.1:512", NULL, "Where it listens (UDP)." },

	{ "proxy", "networks", SETTING_NETWORKS, AT(proxy.networks), 0, 0, "",
	  NULL, "Proxies: each of their connections begins with a PROXY header "
	  "that names the client, or is closed. Nobody else's is believed." },
	{ "proxy", "ports", SETTING_PORTS, AT(proxy.ports), 0, 0, "", NULL,
	  "Our ports that they do so with. Empty: all." },
	{ "proxy", "wait", SETTING_SECONDS, AT(proxy.wait_s), 1, 300, "5 s",
	  NULL, "How long to wait for the header." },

	{ "smtp", "networks", SETTING_NETWORKS, AT(smtp.networks), 0, 0,
	  "127.0.0.0/8 ::1/128", NULL,
	  "Peers that may send mail to anywhere without a login." },
	{ "smtp", "xclient", SETTING_NETWORKS, AT(smtp.xclient), 0, 0, "",
	  NULL, "Peers that may say whom they speak for, and who has logged "
	  "in there (XCLIENT)." },
	{ "smtp", "message_max", SETTING_OCTETS, AT(smtp.message_max), 1024,
	  MIB << 20, "50 MiB", NULL,
	  "The largest message taken, line ends counted as CRLF (SIZE, "
	  "RFC 1870)." },
	{ "smtp", "recipients_max", SETTING_NUMBER, AT(smtp.recipients_max), 1,
	  5000, "1000", NULL, "Recipients of one message (RFC 5321: at least "
	  "100)." },
	{ "smtp", "errors_max", SETTING_NUMBER, AT(smtp.errors_max), 1, MANY,
	  "20", NULL, "Commands refused before the connection is closed." },
	{ "smtp", "commands_max", SETTING_NUMBER, AT(smtp.commands_max), 10,
	  MANY, "1000", NULL, "Commands without a message in between before "
	  "the connection is closed." },
	{ "smtp", "text_line_max", SETTING_OCTETS, AT(smtp.text_line_max),
	  1000, MIB << 10, "1 MiB", NULL,
	  "The longest line of a message (RFC 5321: 1000 octets)." },
	{ "smtp", "hops_max", SETTING_NUMBER, AT(smtp.hops_max), 10, 10000,
	  "100", NULL,
	  "Received fields at which a message is taken to be going round in "
	  "circles." },
	{ "smtp", "logins_max", SETTING_NUMBER, AT(smtp.logins_max), 1, 1000,
	  "5", NULL, "Failed logins before the connection is closed." },
	{ "smtp", "require_tls", SETTING_BOOL, AT(smtp.require_tls), 0, 1,
	  "yes", NULL, "Submission: neither AUTH nor MAIL before STARTTLS, "
	  "unless auth.cleartext allows it there." },
	{ "smtp", "own_sender", SETTING_BOOL, AT(smtp.own_sender), 0, 1, "no",
	  NULL, "Who has logged in sends only from addresses that lead to his "
	  "own mailbox." },
	{ "smtp", "command_timeout", SETTING_SECONDS, AT(smtp.command_s), 1,
	  DAY, "5 min", NULL, "How long to wait for a command." },
	{ "smtp", "data_timeout", SETTING_SECONDS, AT(smtp.data_s), 1, DAY,
	  "3 min", NULL, "How long to wait for the next piece of a message." },
	{ "smtp", "session_timeout", SETTING_SECONDS, AT(smtp.session_s), 0,
	  7 * DAY, "1 h", NULL, "How long a session may last in all. 0: for "
	  "ever." },
	{ "smtp", "greet_wait", SETTING_MS, AT(smtp.greet_wait_ms), 0, 60000,
	  "0 s", NULL, "Strangers wait this long for the greeting: who talks "
	  "meanwhile is no mail host." },
	{ "smtp", "tarpit", SETTING_MS, AT(smtp.tarpit_ms), 0, 60000, "0 s",
	  NULL, "Strangers wait so long for each refusal, and so much longer "
	  "for each further one." },
	{ "smtp", "tarpit_max", SETTING_MS, AT(smtp.tarpit_max_ms), 0, 60000,
	  "10 s", NULL, "But never longer than this." },

	{ "rates", "file", SETTING_PATH, AT(rates.file), 0, 0,
	  "/run/postern/count/rates", NULL, "What all processes count in; it "
	  "may be lost. Empty: nothing is counted." },
	{ "rates", "connections", SETTING_RATE, AT(rates.connections), 0, 0,
	  "none", NULL, "Connections of one source." },
	{ "rates", "messages", SETTING_RATE, AT(rates.messages), 0, 0, "none",
	  NULL, "MAIL commands of one source." },
	{ "rates", "recipients", SETTING_RATE, AT(rates.recipients), 0, 0,
	  "none", NULL, "RCPT commands of one source." },
	{ "rates", "failed_recipients", SETTING_RATE,
	  AT(rates.failed_recipients), 0, 0, "100/1 h", NULL, "Recipients that "
	  "do not exist, or are not ours, of one source." },
	{ "rates", "user_messages", SETTING_RATE, AT(rates.user_messages), 0,
	  0, "none", NULL, "MAIL commands of one login." },
	{ "rates", "user_recipients", SETTING_RATE, AT(rates.user_recipients),
	  0, 0, "1000/1 h", NULL, "RCPT commands of one login." },
	{ "rates", "ipv4_prefix", SETTING_NUMBER, AT(rates.ipv4_prefix), 8, 32,
	  "32", NULL, "Addresses that have so many bits in common are one "
	  "source." },
	{ "rates", "ipv6_prefix", SETTING_NUMBER, AT(rates.ipv6_prefix), 16,
	  128, "64", NULL, "The same of IPv6." },

	{ "trust", "networks", SETTING_NETWORKS, AT(trust.networks), 0, 0, "",
	  NULL, "Peers that are never held up: neither by a rate nor by what "
	  "stands here or in [greylist]. Those of smtp.networks and this host "
	  "never are." },
	{ "trust", "allow_lists", SETTING_LISTS, AT(trust.allow_lists), 0, 0,
	  "", NULL, "Lists of good hosts, asked by DNS: neither refused nor "
	  "greylisted." },
	{ "trust", "greylist_lists", SETTING_LISTS, AT(trust.greylist_lists),
	  0, 0, "", NULL, "Lists of suspects: greylisted." },
	{ "trust", "refuse_lists", SETTING_LISTS, AT(trust.refuse_lists), 0,
	  0, "", NULL, "Lists of those whose mail is refused." },
	{ "trust", "helo", SETTING_CHOICE, AT(trust.helo), 1, 0, "no",
	  "no greylist refuse", "What becomes of who says HELO with our own "
	  "name, with another address than his, or with no full name: no "
	  "(nothing), greylist or refuse." },
	{ "trust", "reverse", SETTING_CHOICE, AT(trust.reverse), 1, 0, "no",
	  "no greylist refuse", "What becomes of an address whose name does "
	  "not lead back to it: no (nothing), greylist or refuse." },
	{ "trust", "wait", SETTING_MS, AT(trust.wait_ms), 100, 60000, "5 s",
	  NULL, "How long to wait for all these answers: what has not come "
	  "then does not count." },

	{ "greylist", "file", SETTING_PATH, AT(greylist.file), 1, 0,
	  LOCALSTATEDIR "/lib/postern/greylist/seen", NULL,
	  "Who has tried, and who has come back." },
	{ "greylist", "everybody", SETTING_BOOL, AT(greylist.everybody), 0, 1,
	  "no", NULL, "Greylist all strangers, not suspects alone." },
	{ "greylist", "delay", SETTING_SECONDS, AT(greylist.delay_s), 1, DAY,
	  "5 min", NULL, "Who comes back no sooner is no spammer's tool." },
	{ "greylist", "window", SETTING_SECONDS, AT(greylist.window_s), 3600,
	  30 * DAY, "2 d", NULL, "Who comes back no later, either." },
	{ "greylist", "known", SETTING_SECONDS, AT(greylist.known_s), 3600,
	  366 * DAY, "36 d", NULL, "Who has come back is known so long, from "
	  "his last message on." },

	{ "pop3", "login_delay", SETTING_SECONDS, AT(pop3.login_delay_s), 0,
	  DAY, "0 s", NULL, "Least time between two logins to a mailbox "
	  "(RFC 2449)." },
	{ "pop3", "idle_timeout", SETTING_SECONDS, AT(pop3.idle_s), 1, DAY,
	  "10 min", NULL, "How long to wait for a command (RFC 1939: at least "
	  "10 min)." },
	{ "pop3", "session_timeout", SETTING_SECONDS, AT(pop3.session_s), 0,
	  7 * DAY, "4 h", NULL, "How long a session may last in all. 0: for "
	  "ever." },
	{ "pop3", "logins_max", SETTING_NUMBER, AT(pop3.logins_max), 1, 1000,
	  "5", NULL, "Failed logins before the connection is closed." },

	{ "auth", "socket", SETTING_PATH, AT(auth.socket), 0, 0,
	  "/run/postern/auth", NULL, "Where postern-authd(8) listens. Empty, or "
	  "nothing there: the program is started." },
	{ "auth", "program", SETTING_PATH, AT(auth.program), 1, 0,
	  SBINDIR "/postern-authd", NULL, "The program that judges logins, "
	  "where no socket leads to it." },
	{ "auth", "passwords", SETTING_PATH, AT(auth.passwords), 1, 0,
	  SYSCONFDIR "/postern/passwords", NULL,
	  "Password hashes and SCRAM keys: postern-passwords(5)." },
	{ "auth", "checkpassword", SETTING_PATH, AT(auth.checkpassword), 0, 0,
	  "", NULL, "A program of the checkpassword kind that judges passwords "
	  "in place of the files; there is no SCRAM then. Empty: none." },
	{ "auth", "secret", SETTING_PATH, AT(auth.secret), 1, 0,
	  LOCALSTATEDIR "/lib/postern-auth/secret", NULL, "A random secret, "
	  "made when missing: with it names that are no users look like users "
	  "to SCRAM." },
	{ "auth", "mechanisms", SETTING_CHOICES, AT(auth.mechanisms), 0, 0,
	  "auto", "auto SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN EXTERNAL",
	  "The SASL mechanisms offered, where they can be used. auto: "
	  "SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN EXTERNAL, of which "
	  "SCRAM only where all users can have keys. Empty: none." },
	{ "auth", "cleartext", SETTING_CHOICE, AT(auth.cleartext), 1, 0,
	  "auto", "auto yes no", "Take passwords that are not encrypted: auto "
	  "(from this host, and from all while there is no certificate), yes "
	  "or no." },
	{ "auth", "system", SETTING_CHOICE, AT(auth.system), 1, 0, "yes",
	  "no yes only", "The system's accounts log in through PAM: no, yes "
	  "(who is not in the users file), or only they." },
	{ "auth", "iterations", SETTING_NUMBER, AT(auth.iterations), 4096,
	  10000000, "100000", NULL, "Rounds for new SCRAM keys (RFC 7677: at "
	  "least 4096)." },
	{ "auth", "brake", SETTING_PATH, AT(auth.brake), 0, 0,
	  "/run/postern-auth/brake", NULL, "Failed logins are remembered "
	  "here, by source and by account. Empty: they are not." },
	{ "auth", "failures", SETTING_NUMBER, AT(auth.failures), 1, 10000,
	  "10", NULL, "Failures in a row before further logins have to wait." },
	{ "auth", "relief", SETTING_SECONDS, AT(auth.relief_s), 1, DAY,
	  "1 min", NULL, "In this time one failure is forgiven." },
	{ "auth", "memory", SETTING_PATH, AT(auth.memory), 0, 0,
	  "/run/postern-auth/memory", NULL, "Right passwords are remembered "
	  "here, as keyed hashes: where nothing outlives the boot. Empty: they "
	  "are not." },
	{ "auth", "remember", SETTING_SECONDS, AT(auth.remember_s), 0, DAY,
	  "1 h", NULL, "A right password is known so long without the slow "
	  "hash. 0: not at all." },

	{ "queue", "directory", SETTING_PATH, AT(queue.directory), 1, 0,
	  "/var/spool/postern", NULL, "Where mail waits." },
	{ "queue", "retry_min", SETTING_SECONDS, AT(queue.retry_min_s), 1,
	  30 * DAY, "5 min", NULL, "Pause behind the first failure; it "
	  "doubles with each." },
	{ "queue", "retry_max", SETTING_SECONDS, AT(queue.retry_max_s), 1,
	  30 * DAY, "4 h", NULL, "The longest pause." },
	{ "queue", "warn", SETTING_SECONDS, AT(queue.warn_s), 0,
	  365 * DAY, "4 h", NULL, "Tell the sender that a message is late. "
	  "0: never." },
	{ "queue", "expire", SETTING_SECONDS, AT(queue.expire_s), 1,
	  365 * DAY, "5 d", NULL, "Give up, and return the message." },

	{ "relay", "routes", SETTING_PATH, AT(relay.routes), 0, 0,
	  SYSCONFDIR "/postern/routes", NULL,
	  "Next hops of single domains: postern-routes(5). Empty: none." },
	{ "relay", "smarthost", SETTING_HOP, AT(relay.smarthost), 0, 0, "",
	  NULL, "The next hop of all other mail, as in postern-routes(5): "
	  "[192.0.2.1]:587, or a name. Empty: as DNS says (MX)." },
	{ "relay", "port", SETTING_NUMBER, AT(relay.port), 1, 65535, "25",
	  NULL, "Where other hosts listen, unless a route says otherwise." },
	{ "relay", "workers", SETTING_NUMBER, AT(relay.workers), 1, 1000, "20",
	  NULL, "Destinations served at the same time." },
	{ "relay", "per_connection", SETTING_NUMBER, AT(relay.per_connection),
	  1, MANY, "100", NULL, "Messages sent over one connection." },
	{ "relay", "connect_timeout", SETTING_SECONDS, AT(relay.connect_s), 1,
	  3600, "30 s", NULL, "How long to wait for a connection." },
	{ "relay", "tls", SETTING_CHOICE, AT(relay.tls), 1, 0,
	  "opportunistic", "never opportunistic required verify",
	  "TLS with other hosts, unless a route says otherwise: never, "
	  "opportunistic (where offered), required, or verify (the certificate "
	  "too)." },
	{ "relay", "tls_ca", SETTING_PATH, AT(relay.tls_ca), 0, 0, "", NULL,
	  "Whom to trust for that (PEM). Empty: the system's authorities." },
	{ "relay", "tls_certificate", SETTING_PATH, AT(relay.tls_certificate),
	  0, 0, "", NULL, "Our own certificate chain (PEM), for hosts that "
	  "ask for one. Empty: none." },
	{ "relay", "tls_key", SETTING_PATH, AT(relay.tls_key), 0, 0, "", NULL,
	  "Its key. Empty: it is in the same file." },
	{ "relay", "credentials", SETTING_PATH, AT(relay.credentials), 0, 0,
	  SYSCONFDIR "/postern/credentials", NULL, "What auth= in a next hop "
	  "names: lines NAME:user:password, for nobody else to read. Empty: "
	  "none." },

	{ "tls", "certificates", SETTING_PATHS, AT(tls.certificates), 0, 0,
	  SYSCONFDIR "/postern/tls/*.pem "
	  "/etc/letsencrypt/live/*/fullchain.pem", NULL,
	  "Certificate chains (PEM) that postern tls publish reads, patterns "
	  "allowed; the key is privkey.pem beside fullchain.pem, NAME.key "
	  "beside NAME.pem." },
	{ "tls", "directory", SETTING_PATH, AT(tls.directory), 1, 0,
	  "/var/lib/postern/tls", NULL,
	  "Where they are published, and read by each connection." },
	{ "tls", "priority", SETTING_TEXT, AT(tls.priority), 0, 0, "", NULL,
	  "Protocols and ciphers in GnuTLS's words. Empty: the system's "
	  "policy (@SYSTEM), or what RFC 9325 recommends." },
	{ "tls", "client_ca", SETTING_PATH, AT(tls.client_ca), 0, 0, "", NULL,
	  "Who signs client certificates (PEM), so that they are asked for. "
	  "Empty: they are not." },

	{ "dns", "server", SETTING_SERVER, AT(dns.server), 0, 0, "", NULL,
	  "The resolver to ask: 192.0.2.1 or [::1]:5353. Empty: as "
	  "resolv.conf(5) says." },
	{ "dns", "timeout", SETTING_SECONDS, AT(dns.timeout_s), 1, 300, "20 s",
	  NULL, "How long to wait for an answer." },

	{ "acceptor", "sessions", SETTING_NUMBER, AT(acceptor.sessions), 1,
	  100000, "1000", NULL, "Sessions at the same time of a program that "
	  "was handed a listening socket (Accept=no); who is one too many is "
	  "told so." },
	{ "acceptor", "per_source", SETTING_NUMBER, AT(acceptor.per_source), 0,
	  100000, "50", NULL, "Of them from one source; smtp.networks and "
	  "proxy.networks are not counted. 0: all." },
	{ "acceptor", "source_bits_4", SETTING_NUMBER, AT(acceptor.bits4), 1,
	  32, "32", NULL, "Leading bits of an IPv4 address that make a "
	  "source." },
	{ "acceptor", "source_bits_6", SETTING_NUMBER, AT(acceptor.bits6), 1,
	  128, "64", NULL, "Leading bits of an IPv6 address that make a "
	  "source." },
	{ "acceptor", "idle", SETTING_SECONDS, AT(acceptor.idle_s), 0, DAY,
	  "1 min", NULL, "Without a session for so long it ends; the next "
	  "connection starts it again. 0: never." },

	{ "log", "to", SETTING_CHOICE, AT(log.to), 1, 0, "auto",
	  "auto journal syslog stderr none", "Where events are written: auto, "
	  "journal, syslog, stderr or none." },
	{ "log", "level", SETTING_NUMBER, AT(log.level), 3, 7, "6", NULL,
	  "How much: 3 (errors), 4 (warnings), 5 (every message and login), "
	  "6 (every session too) or 7 (debugging)." },
};
/* clang-format on */

const size_t settings_table_n = ARRAY_LEN(settings_table);

size_t setting_bytes(enum setting_type type)
{
	switch (type) {
	case SETTING_BOOL:
		return sizeof(bool);
	case SETTING_NUMBER:
	case SETTING_SECONDS:
	case SETTING_MS:
	case SETTING_OCTETS:
	case SETTING_PERCENT:
		return sizeof(uint64_t);
	case SETTING_DOMAINS:
	case SETTING_PATHS:
		return sizeof(struct words);
	case SETTING_NETWORKS:
		return sizeof(struct networks);
	case SETTING_PORTS:
		return sizeof(struct ports);
	case SETTING_QUOTAS:
		return sizeof(struct domain_quotas);
	case SETTING_RATE:
		return sizeof(struct rate);
	case SETTING_LISTS:
		return sizeof(struct dns_lists);
	default:
		return sizeof(struct slice);
	}
}

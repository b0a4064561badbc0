/* SPDX-License-Identifier: ISC */
/* What a stranger sends where a handshake is due: the first byte is the size
 * of the pieces, the second how much of the rest comes before the handshake
 * begins (and must be forgotten). The certificate is made at the start. */
#include <assert.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "net/tls_gnutls.h"

static char top[] = "/tmp/postern-fuzz-tls.XXXXXX";

static void put(const char *name, struct slice a, struct slice b)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", top, name);
	f = fopen(path, "w");
	assert(f && fwrite(a.p, 1, a.n, f) == a.n &&
	       fwrite(b.p, 1, b.n, f) == b.n && fclose(f) == 0);
}

static void forget(void)
{
	static const char *const names[] = { "default.ecdsa.pem",
					     "ticket.key" };
	char path[128];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", top, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(top);
}

static struct tls *server(void)
{
	static struct tls *t;
	struct tls_server_config config = { .directory = top, .alpn = "pop3" };
	struct buf chain = BUF(16384), key = BUF(16384);
	char name[] = "mail.example.org";
	char *names[] = { name };
	int r;

	if (t)
		return t;
	r = mkdtemp(top) ? tls_self_signed(names, 1, 9, &chain, &key) : -errno;
	assert(r == 0);
	put("default.ecdsa.pem", buf_slice(&key), buf_slice(&chain));
	put("ticket.key", SLICE("0123456789abcdef0123456789abcdef"),
	    SLICE("0123456789abcdef0123456789abcdef"));
	buf_done(&chain);
	buf_done(&key);
	r = tls_server_new(&config, &t);
	assert(r == 0);
	(void)atexit(forget);
	return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = { (const char *)data, size };
	struct buf out = BUF(1 << 20);
	const struct tls_suites suites = { { 0x1301, 0xc02b }, 2 };
	struct tls_hello hello;
	struct tls_info info;
	struct stream *s;
	char name[TLS_NAME_MAX];
	int r;

	if (size < 2)
		return 0;
	tls_hello_read(slice_from(all, 2), &suites, &hello);
	if (tls_name_judge(slice_from(all, 2), name) == 0)
		assert(!strchr(name, '/') && !strstr(name, "..") &&
		       name[0] != '.' && name[0] != '\0');
	s = stream_new_memory(slice_from(all, 2), data[0], &out);
	assert(s);
	stream_deadline(s, 1000, 2000);
	if (data[1] > 0 && stream_fill(s) > 0)
		stream_consume(s, data[1]);
	r = tls_accept(server(), s, &info);
	/* nobody guesses our half of the key exchange */
	assert(r < 0 && info.trouble[0] != '\0');
	assert(stream_peek(s).n == 0 && stream_fill(s) < 0);
	stream_free(s);
	buf_done(&out);
	return 0;
}

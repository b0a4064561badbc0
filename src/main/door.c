/* SPDX-License-Identifier: ISC */
/* See door.h. Must never write to the connection. */
#include "main/door.h"

#include <sys/socket.h>
#include <sys/stat.h>

static bool peer_of_environment(struct peer *ret)
{
	static const char *const names[] = { "REMOTE_ADDR", "TCPREMOTEIP",
					     "TCP6REMOTEIP", "REMOTE_HOST" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);

		if (value && peer_parse(slice_of(value), ret) == 0)
			return true;
	}
	return false;
}

static void name_peer(struct door *d)
{
	peer_text(&d->peer, d->peer_text);
	peer_literal(&d->peer, d->peer_literal);
	d->peer_ip[0] = '\0';
	if (peer_has_ip(&d->peer))
		memcpy(d->peer_ip, d->peer_text, sizeof(d->peer_ip));
}

int door_open(const char *claimed, struct door *ret)
{
	struct door d = { .peer = { .kind = PEER_NONE } };
	struct stat st;
	int r;

	d.socket = fstat(STDIN_FILENO, &st) == 0 && S_ISSOCK(st.st_mode);
	if (claimed) {
		r = peer_parse(slice_of(claimed), &d.peer);
		if (r < 0)
			return r;
	} else if (d.socket) {
		/* a socketpair has no name: what the environment says of the
		 * peer was put there by whoever made the pair */
		r = peer_of_socket(STDIN_FILENO, &d.peer);
		if (r < 0 && !peer_of_environment(&d.peer))
			d.peer.kind = PEER_NONE;
	}
	name_peer(&d);
	*ret = d;
	return 0;
}

void door_stand_in(struct door *d, const struct peer *client)
{
	memcpy(d->proxy_text, d->peer_text, sizeof(d->proxy_text));
	if (client)
		d->peer = *client;
	else
		d->peer.kind = PEER_BEHIND;
	name_peer(d);
}

struct stream *door_stream(void)
{
	return stream_new_fd(STDIN_FILENO, STDOUT_FILENO);
}

bool door_stderr_is_ours(void)
{
	struct stat in, err;

	if (fstat(STDERR_FILENO, &err) < 0)
		return false;
	if (fstat(STDIN_FILENO, &in) < 0 || !S_ISSOCK(in.st_mode))
		return true;
	return in.st_dev != err.st_dev || in.st_ino != err.st_ino;
}

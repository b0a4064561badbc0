/* SPDX-License-Identifier: ISC */
/* See tls_cert.h: a stranger chooses the name, and a file is opened by it. */
#include "net/tls_cert.h"

int tls_name_judge(struct slice name, char ret[TLS_NAME_MAX])
{
	char plain[TLS_NAME_MAX];

	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	if (name.n == 0 || name.n > 253 || name.p[0] == '.')
		return -EINVAL;
	for (size_t i = 0; i < name.n; i++) {
		char c = ascii_lower(name.p[i]);
		bool dot = c == '.' && name.p[i - 1] != '.';

		if (!dot && !ascii_is_alnum(c) && c != '-')
			return -EINVAL;
		plain[i] = c;
	}
	memcpy(ret, plain, name.n);
	ret[name.n] = '\0';
	return 0;
}

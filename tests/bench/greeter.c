/* SPDX-License-Identifier: ISC */
/* greeter: the least that an SMTP session can be, on standard input and output:
 * a greeting, 250 for each line, the end behind QUIT. What systemd takes for an
 * instance of it, it takes for any. */
#include <string.h>
#include <unistd.h>

static void say(const char *text)
{
	if (write(STDOUT_FILENO, text, strlen(text)) < 0)
		_exit(1);
}

int main(void)
{
	char line[512];
	ssize_t n;

	say("220 greeter\r\n");
	while ((n = read(STDIN_FILENO, line, sizeof(line))) > 0) {
		say("250 ok\r\n");
		if (line[0] == 'Q')
			return 0;
	}
	return n < 0;
}

/* SPDX-License-Identifier: ISC */
/* mailbox PATH COUNT MEAN: an mbox of COUNT messages of MEAN octets in the
 * middle: headers of about 600, bodies of exponentially varied size with lines
 * of 40 to 76. The same arguments give the same bytes. */
#include <err.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define HEAD   640 /* From_ line and separator too */
#define LEAST  40
#define BUFFER (1U << 20)
#define LETTERS                                                                \
	"abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789+/"

static uint64_t state = 88172645463325252U;

/* xorshift64 */
static uint32_t draw(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 33) % below;
}

static void head(FILE *f, long i)
{
	fprintf(f, "From s%u@far.example Mon Nov 23 07:15:03 2026\n",
		draw(999));
	fprintf(f, "Return-Path: <s%u@far.example>\n", draw(999));
	fprintf(f, "Delivered-To: alice@red.example\n");
	for (int hop = 0; hop < 2; hop++)
		fprintf(f,
			"Received: from mx%d.far.example ([192.0.2.%u])\n"
			"\tby mail%d.red.example with ESMTP id %08x%08x\n"
			"\tfor <alice@red.example>; "
			"Mon, 23 Nov 2026 07:15:0%d +0000\n",
			hop, draw(256), hop, draw(1U << 30), draw(1U << 30),
			3 - hop);
	fprintf(f, "Date: Mon, 23 Nov 2026 07:15:01 +0000\n");
	fprintf(f, "From: \"Somebody %u\" <s@far.example>\n", draw(999));
	fprintf(f, "To: Alice <alice@red.example>\n");
	fprintf(f, "Subject: message %ld of many, about %x\n", i,
		draw(1U << 30));
	fprintf(f, "Message-ID: <%ld.%x@far.example>\n", i, draw(1U << 30));
	fprintf(f, "MIME-Version: 1.0\n"
		   "Content-Type: text/plain; charset=utf-8\n"
		   "Content-Transfer-Encoding: 8bit\n\n");
}

/* One line of what people write, now and then one that must be changed on its
 * way out. */
static long line(FILE *f, const char *letters)
{
	uint32_t kind = draw(400), n = 39 + draw(37);
	uint32_t from = draw(sizeof(LETTERS) - 1);

	if (kind < 2)
		fputs(kind ? ">From here" : ".dot first", f);
	fwrite(letters + from, 1, n, f);
	fputc('\n', f);
	return (long)n + 1;
}

static void message(FILE *f, long i, double mean, const char *letters)
{
	double even = (draw(1U << 30) + 1.0) / (double)(1U << 30);
	long left = LEAST + (long)(-log(even) * (mean - HEAD - LEAST));

	head(f, i);
	while (left > 0)
		left -= line(f, letters);
	fputc('\n', f);
}

int main(int argc, char **argv)
{
	static char letters[2 * sizeof(LETTERS) + 80], buffer[BUFFER];
	long count = argc == 4 ? atol(argv[2]) : 0;
	double mean = argc == 4 ? atof(argv[3]) : 0;
	FILE *f = count > 0 ? fopen(argv[1], "w") : NULL;

	if (!f || mean < HEAD + LEAST)
		errx(64, "usage: mailbox PATH COUNT MEAN");
	setvbuf(f, buffer, _IOFBF, sizeof(buffer));
	for (size_t i = 0; i + 1 < sizeof(letters); i++)
		letters[i] = LETTERS[i % (sizeof(LETTERS) - 1)];
	for (long i = 0; i < count; i++)
		message(f, i, mean, letters);
	return fclose(f) == 0 ? 0 : 1;
}

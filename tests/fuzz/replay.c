/* SPDX-License-Identifier: ISC */
/* Stands in for libFuzzer in ordinary builds: gives every file named on the
 * command line (or in the directories named there) to the target once, so
 * that seeds and crashes found before run as tests under any compiler. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int one(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data;
	size_t size;
	struct stat st;

	if (!f || fstat(fileno(f), &st) < 0) {
		perror(path);
		return 1;
	}
	/* exactly as large as the input, so that an overrun shows */
	data = malloc(st.st_size > 0 ? (size_t)st.st_size : 1);
	size = data ? fread(data, 1, (size_t)st.st_size, f) : 0;
	(void)fclose(f);
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

static int all(const char *path, size_t *count)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char name[4096];
	int bad = 0;

	if (!dir) {
		(*count)++;
		return one(path);
	}
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(name, sizeof(name), "%s/%s", path,
			       entry->d_name);
		bad |= all(name, count);
	}
	(void)closedir(dir);
	return bad;
}

int main(int argc, char **argv)
{
	size_t count = 0;
	int bad = 0;

	for (int i = 1; i < argc; i++)
		bad |= all(argv[i], &count);
	(void)printf("%zu inputs\n", count);
	return bad != 0 || count == 0;
}

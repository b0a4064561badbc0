/* SPDX-License-Identifier: ISC */
/* See ledger.h: a memfd, mapped. */
#include "main/ledger.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/slice.h"

/* To be counted up with every change of struct ledger: programs of two versions
 * that agree on it take over from each other. */
#define SHAPE "postern ledger 2"

static struct ledger *map(int fd)
{
	void *p = mmap(NULL, sizeof(struct ledger), PROT_READ | PROT_WRITE,
		       MAP_SHARED, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int fd_of_environment(void)
{
	const char *text = getenv(LEDGER_VARIABLE);
	uint64_t fd;
	struct stat st;

	if (!text || slice_number(slice_of(text), 3, INT_MAX, &fd) < 0 ||
	    fstat((int)fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_size != (off_t)sizeof(struct ledger))
		return -1;
	return (int)fd;
}

static struct ledger *found(void)
{
	int fd = fd_of_environment();
	struct ledger *l = fd < 0 ? NULL : map(fd);

	if (!l)
		return NULL;
	if (l->fd == fd && strncmp(l->version, SHAPE, sizeof(l->version)) == 0)
		return l;
	(void)munmap(l, sizeof(*l)); /* of an other version */
	return NULL;
}

static struct ledger *made(void)
{
	/* not close-on-exec: the next program is to have it */
	int fd = memfd_create("postern-ledger", 0);
	struct ledger *l;
	char text[16];

	if (fd < 0)
		return NULL;
	l = ftruncate(fd, sizeof(*l)) == 0 ? map(fd) : NULL;
	(void)snprintf(text, sizeof(text), "%d", fd);
	if (!l || setenv(LEDGER_VARIABLE, text, 1) < 0) {
		(void)close(fd); /* nothing is in it */
		return NULL;
	}
	l->fd = fd;
	(void)snprintf(l->version, sizeof(l->version), "%s", SHAPE);
	return l;
}

struct ledger *ledger_open(void)
{
	struct ledger *l = found();

	return l ? l : made();
}

void ledger_keep(struct ledger *l)
{
	/* it goes on without */
	(void)madvise(l, sizeof(*l), MADV_DONTFORK);
}

struct ledger_row *ledger_find(struct ledger *l, pid_t pid)
{
	for (size_t i = 0; i < LEDGER_ROWS; i++)
		if (l->rows[i].pid == pid)
			return &l->rows[i];
	return NULL;
}

struct ledger_row *ledger_take(struct ledger *l)
{
	struct ledger_row *row = ledger_find(l, 0);

	if (row)
		row->number = ++l->acceptors;
	return row;
}

void ledger_give_back(struct ledger *l, struct ledger_row *row)
{
	l->served += row->served;
	l->refused += row->refused;
	row->live = row->served = row->refused = 0;
	row->pid = 0;
}

struct ledger_row *ledger_oldest(struct ledger *l)
{
	struct ledger_row *oldest = NULL;

	for (size_t i = 0; i < LEDGER_ROWS; i++)
		if (l->rows[i].pid != 0 &&
		    (!oldest || l->rows[i].number < oldest->number))
			oldest = &l->rows[i];
	return oldest;
}

struct ledger_sum ledger_sum(const struct ledger *l)
{
	struct ledger_sum sum = { 0, 0, l->served, l->refused };

	for (size_t i = 0; i < LEDGER_ROWS; i++) {
		sum.acceptors += l->rows[i].pid != 0;
		sum.live += l->rows[i].live;
		sum.served += l->rows[i].served;
		sum.refused += l->rows[i].refused;
	}
	return sum;
}

void ledger_signal(const struct ledger *l, int signal)
{
	for (size_t i = 0; i < LEDGER_ROWS; i++)
		if (l->rows[i].pid != 0)
			(void)kill(l->rows[i].pid, signal); /* or gone */
}

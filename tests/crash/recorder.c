/* SPDX-License-Identifier: ISC */
/* See recorder.h. */
#include "recorder.h"

#include <assert.h>
#include <setjmp.h>
#include <sys/mman.h>

#include "wraps.h"

#define KNOWN_MOST 4096
#define FDS_MOST   1024
#define ACTS_MOST  4
#define PID_FIRST  100000
#define DEPTH_MOST 8

struct known {
	dev_t dev;
	ino_t real;
	uint32_t inode;
	bool untouched; /* since it was put there with these times */
	struct times times;
};

static struct {
	struct log *log; /* NULL: off */
	struct known known[KNOWN_MOST];
	size_t n;
	uint32_t last_inode;
	unsigned boot;

	/* processes, one within the other */
	jmp_buf *death[DEPTH_MOST];
	pid_t pid[DEPTH_MOST], processes;
	size_t depth;
	unsigned char owner[FDS_MOST];

	struct {
		size_t index;
		void (*act)(void *);
		void *context;
	} acts[ACTS_MOST];
} rec;

/* ---- inodes ---- */

void recorder_forget_inodes(void)
{
	rec.n = 0;
	rec.last_inode = ROOT_INODE;
}

void recorder_count_from(uint32_t inode)
{
	if (inode > rec.last_inode)
		rec.last_inode = inode;
}

void recorder_know(const struct stat *real, uint32_t inode,
		   const struct times *times)
{
	struct known *k = &rec.known[rec.n++];

	assert(rec.n <= KNOWN_MOST);
	k->dev = real->st_dev;
	k->real = real->st_ino;
	k->inode = inode;
	k->untouched = times != NULL;
	if (times)
		k->times = *times;
	recorder_count_from(inode);
}

/* The latest first: real numbers are used again. */
static struct known *find(const struct stat *st)
{
	for (size_t i = rec.n; i-- > 0;)
		if (rec.known[i].real == st->st_ino &&
		    rec.known[i].dev == st->st_dev)
			return &rec.known[i];
	return NULL;
}

static struct known *find_fd(int fd)
{
	struct stat st;

	return __real_fstat64(fd, &st) < 0 ? NULL : find(&st);
}

uint32_t recorder_inode(int fd)
{
	const struct known *k = find_fd(fd);

	return k ? k->inode : 0;
}

uint32_t recorder_born(int fd, uint32_t inode)
{
	struct stat st;

	if (__real_fstat64(fd, &st) < 0)
		abort();
	if (inode == 0)
		inode = rec.last_inode + 1;
	recorder_know(&st, inode, NULL);
	return inode;
}

void recorder_changed(int fd)
{
	struct known *k = find_fd(fd);

	if (k)
		k->untouched = false;
}

void recorder_disguise(struct stat *st)
{
	const struct known *k = find(st);

	if (!k)
		return;
	st->st_ino = k->inode;
	if (!k->untouched)
		return;
	st->st_mtim = k->times.modified;
	st->st_ctim = k->times.changed;
}

/* ---- recording ---- */

void recorder_on(struct log *log)
{
	rec.log = log;
}

void recorder_off(void)
{
	rec.log = NULL;
}

bool recorder_is_on(void)
{
	return rec.log != NULL;
}

size_t recorder_note(const struct op *op)
{
	if (!rec.log)
		return 0;
	log_add(rec.log, op);
	return rec.log->n - 1;
}

void recorder_at(size_t index, void (*act)(void *), void *context)
{
	for (size_t i = 0; i < ACTS_MOST; i++) {
		if (rec.acts[i].act)
			continue;
		rec.acts[i].index = index;
		rec.acts[i].act = act;
		rec.acts[i].context = context;
		return;
	}
	abort();
}

void recorder_at_nothing(void)
{
	memset(rec.acts, 0, sizeof(rec.acts));
}

void recorder_event(void)
{
	if (!rec.log)
		return;
	for (size_t i = 0; i < ACTS_MOST; i++) {
		void (*act)(void *) = rec.acts[i].act;

		if (!act || rec.log->n < rec.acts[i].index)
			continue;
		rec.acts[i].act = NULL;
		act(rec.acts[i].context);
	}
}

/* ---- processes ---- */

static void close_all_of(size_t depth)
{
	for (int fd = 0; fd < FDS_MOST; fd++) {
		if (rec.owner[fd] < depth)
			continue;
		(void)__real_close(fd); /* as the kernel does */
		rec.owner[fd] = 0;
	}
}

bool recorder_process(void (*work)(void *), void *context)
{
	jmp_buf here;
	size_t depth = ++rec.depth;
	volatile bool lived = true; /* setjmp(3) asks for it */

	assert(depth < DEPTH_MOST);
	rec.death[depth] = &here;
	rec.pid[depth] = PID_FIRST + ++rec.processes;
	if (setjmp(here) == 0) {
		work(context);
	} else {
		lived = false;
		close_all_of(rec.depth);
	}
	rec.depth--;
	return lived;
}

_Noreturn void recorder_die(void)
{
	assert(rec.depth > 0);
	longjmp(*rec.death[rec.depth], 1);
}

pid_t recorder_pid(void)
{
	return rec.depth > 0 ? rec.pid[rec.depth] : __real_getpid();
}

bool recorder_alive(pid_t pid)
{
	for (size_t i = 1; i <= rec.depth; i++)
		if (rec.pid[i] == pid)
			return true;
	return false;
}

void recorder_opened(int fd)
{
	assert(fd < FDS_MOST);
	if (fd >= 0)
		rec.owner[fd] = (unsigned char)rec.depth;
}

void recorder_closed(int fd)
{
	if (fd >= 0 && fd < FDS_MOST)
		rec.owner[fd] = 0;
}

/* ---- the boot ---- */

void recorder_set_boot(unsigned number)
{
	rec.boot = number;
}

int recorder_open_boot(void)
{
	char text[64];
	int n = snprintf(text, sizeof(text),
			 "%08x-0000-4000-8000-000000000000\n", rec.boot);
	int fd = memfd_create("boot_id", MFD_CLOEXEC);

	if (fd < 0 || __real_pwrite64(fd, text, (size_t)n, 0) != n)
		abort();
	recorder_opened(fd);
	return fd;
}

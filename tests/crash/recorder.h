/* SPDX-License-Identifier: ISC */
/* The recorder: stands between the store and the C library (wraps.c, by the
 * linker's --wrap), does what is asked for, and writes down what changed the
 * disk. It also plays the world around: who is alive, which boot this is, when
 * a process dies, which call fails. One per program; statics, because the C
 * library's functions have no room for a context. */
#pragma once

#include <sys/stat.h>

#include "log.h"

#define ROOT_INODE 1 /* of the mail directory */

/* ---- what there is: real inodes and the numbers the log knows them by ---- */

void recorder_forget_inodes(void);
/* times: what stat(2) says of it until it is changed. */
void recorder_know(const struct stat *real, uint32_t inode,
		   const struct times *times);
/* The number of a descriptor's file; 0: none of ours. */
uint32_t recorder_inode(int fd);
/* Give a file that was just made the next free number, or `inode` if not 0. */
uint32_t recorder_born(int fd, uint32_t inode);
/* It has been changed: stat(2) tells the truth from now on. */
void recorder_changed(int fd);
/* Put the numbers and times of the log into a result of stat(2). */
void recorder_disguise(struct stat *st);
/* Numbers given out from now on are higher than that. */
void recorder_count_from(uint32_t inode);

/* ---- recording ---- */

void recorder_on(struct log *log);
void recorder_off(void);
bool recorder_is_on(void);
/* Where in the log; nothing is noted, 0, when it is off. */
size_t recorder_note(const struct op *op);
/* A call that changes the disk is about to be made: here one dies, or another
 * process has its turn. */
void recorder_event(void);

/* ---- processes ---- */

/* Run `work` as a process of its own. False: it died (recorder_die); its
 * descriptors are closed then, its memory is lost. */
bool recorder_process(void (*work)(void *), void *context);
pid_t recorder_pid(void);
bool recorder_alive(pid_t pid);
_Noreturn void recorder_die(void);
void recorder_opened(int fd);
void recorder_closed(int fd);

/* When the log is `index` long, `act` once before the next event. */
void recorder_at(size_t index, void (*act)(void *), void *context);
void recorder_at_nothing(void);

/* Which boot the store is told. */
void recorder_set_boot(unsigned number);
int recorder_open_boot(void);

/* ---- trouble ---- */

enum call {
	CALL_WRITE,
	CALL_SYNC,
	CALL_SIZE,
	CALL_CREATE,
	CALL_NAME,
	CALL_OPEN,
	CALL_READ,
	CALL_STAT,
	CALL_LOCK,
	CALL_MODE,
	CALL_MAP,
	CALL_CLOSE,
	CALLS
};

#define SHORT_HALF 10001 /* "errors" of reads and writes: fewer octets */
#define SHORT_ONE  10002

struct fault {
	size_t at; /* the call that fails, 1 …; 0: none */
	int error;
	bool lasting; /* and all behind it that can fail so */
	bool limited; /* instead: files may grow to `limit_octets` only */
	uint64_t limit_octets;
};

/* Have it ready; calls are counted, and fail, between the two others. */
void trouble_prepare(const struct fault *f);
void trouble_begin(void);
void trouble_end(void);

/* How many calls there were; which one was it, 1 …; did one fail? */
size_t trouble_calls(void);
enum call trouble_call(size_t i);
bool trouble_came(void);
const char *trouble_name(enum call call);

/* May a call fail so? */
bool trouble_fits(enum call call, int error);
/* A call is about to be made. False: errno is set, do not make it. *n: how
 * many octets it is to move; may become fewer. */
bool recorder_gate(enum call call, size_t *n);

/* SPDX-License-Identifier: ISC */
/* What a porter and its acceptors know of one another: memory they share, a
 * row for each acceptor. It outlives the program that comes in the porter's
 * place after an upgrade. Sessions never see it. */
#pragma once

#include "base/base.h"

#define LEDGER_ROWS 64

/* Written by its acceptor alone, but for the pid. */
struct ledger_row {
	_Atomic pid_t pid;        /* 0: free */
	_Atomic uint64_t number;  /* the how manieth acceptor it is */
	_Atomic uint64_t live;    /* sessions */
	_Atomic uint64_t served;  /* and those that ended */
	_Atomic uint64_t refused; /* came, and were one too many */
};

struct ledger {
	char version[32];
	int fd;
	uint64_t acceptors;       /* there have been */
	uint64_t served, refused; /* by those that have ended */
	_Atomic bool wanted;      /* to be loaded by acceptors */
	struct ledger_row rows[LEDGER_ROWS];
};

/* The one that the environment names (LEDGER_VARIABLE, a descriptor), if it is
 * of this version, else a new one; NULL: no memory. Either way the next
 * program in our place finds it. */
#define LEDGER_VARIABLE "POSTERN_LEDGER"
struct ledger *ledger_open(void);

/* From now on a process that this one forks does not have it. */
void ledger_keep(struct ledger *l);

/* A row for a new acceptor; NULL: all are taken. */
struct ledger_row *ledger_take(struct ledger *l);

/* The row of that process, or NULL. */
struct ledger_row *ledger_find(struct ledger *l, pid_t pid);

/* Its process has ended. */
void ledger_give_back(struct ledger *l, struct ledger_row *row);

/* The one that began first of those there are; NULL: there is none. */
struct ledger_row *ledger_oldest(struct ledger *l);

struct ledger_sum {
	uint64_t acceptors, live, served, refused;
};
struct ledger_sum ledger_sum(const struct ledger *l);

/* Send `signal` to every acceptor there is. */
void ledger_signal(const struct ledger *l, int signal);

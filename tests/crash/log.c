/* SPDX-License-Identifier: ISC */
/* See log.h. A test that has no memory left ends here. */
#include "log.h"

#include <assert.h>

static char *copy_name(const char *name)
{
	char *copy = name ? strdup(name) : NULL;

	assert(copy || !name);
	return copy;
}

void log_add(struct log *l, const struct op *op)
{
	struct op own = *op;

	if (l->n == l->room) {
		l->room = l->room > 0 ? l->room * 2 : 64;
		l->ops = reallocarray(l->ops, l->room, sizeof(*l->ops));
		assert(l->ops);
	}
	if (op->data.n > 0) {
		char *data = malloc(op->data.n);

		assert(data);
		memcpy(data, op->data.p, op->data.n);
		own.data.p = data;
	}
	own.name = copy_name(op->name);
	own.old_name = copy_name(op->old_name);
	l->ops[l->n++] = own;
}

void log_copy(struct log *to, const struct log *from, size_t n, bool marks_only)
{
	for (size_t i = 0; i < n; i++)
		if (!marks_only || from->ops[i].kind >= OP_BEGIN)
			log_add(to, &from->ops[i]);
}

void log_reset(struct log *l)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->ops[i].data.n > 0)
			free((char *)(uintptr_t)l->ops[i].data.p);
		free(l->ops[i].name);
		free(l->ops[i].old_name);
	}
	free(l->ops);
	*l = (struct log){ 0 };
}

static void print_op(const struct op *o)
{
	switch (o->kind) {
	case OP_WRITE:
		printf("write     inode %u at %llu, %zu octets", o->inode,
		       (unsigned long long)o->at, o->data.n);
		break;
	case OP_SIZE:
		printf("size      inode %u: %llu", o->inode,
		       (unsigned long long)o->at);
		break;
	case OP_MODE:
		printf("mode      inode %u: %o", o->inode, (unsigned)o->mode);
		break;
	case OP_NAME:
		printf("%s    %u/%s is inode %u", o->mode ? "create" : "link  ",
		       o->inode, o->name, o->named);
		break;
	case OP_RENAME:
		printf("rename    %u/%s to %s, inode %u", o->inode, o->old_name,
		       o->name, o->named);
		break;
	case OP_UNLINK:
		printf("unlink    %u/%s", o->inode, o->name);
		break;
	case OP_SYNC_BEGIN:
	case OP_SYNC_END:
		printf("%s inode %u %s", o->whole ? "fsync    " : "fdatasync",
		       o->inode,
		       o->kind == OP_SYNC_BEGIN ? "begins" : "is done");
		break;
	case OP_BEGIN:
		printf("step %zu begins", o->step);
		break;
	case OP_END:
		printf("step %zu ends: %d", o->step, o->result);
		break;
	}
}

void log_print(const struct log *l, size_t from, size_t to)
{
	for (size_t i = from; i < to && i < l->n; i++) {
		printf("  %3zu  ", i);
		print_op(&l->ops[i]);
		printf("\n");
	}
}

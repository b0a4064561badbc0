/* SPDX-License-Identifier: ISC */
/* fence-compile: makes the filters of fence_filters.h out of fence_table.c,
 * with libseccomp, while postern is built: a session that starts has neither
 * to load that library nor to compile anything. Never installed. */
#include <linux/filter.h>
#include <seccomp.h>
#include <sys/mman.h>

#include "main/fence_table.h"

#define NUMBERS_MAX 1024 /* of system calls, to be named in the log */

#define NAME_MAX_CALL 64

static int add(scmp_filter_ctx ctx, const struct fence_call *c, struct slice s)
{
	uint32_t action = c->error ? SCMP_ACT_ERRNO(c->error) : SCMP_ACT_ALLOW;
	char name[NAME_MAX_CALL];
	int number;
	struct scmp_arg_cmp must[2];
	unsigned n = 0;

	(void)snprintf(name, sizeof(name), "%.*s", SLICE_ARG(s));
	number = seccomp_syscall_resolve_name(name);
	if (number == __NR_SCMP_ERROR)
		return 0; /* newer than this libseccomp */
	for (size_t i = 0; i < ARRAY_LEN(c->must); i++) {
		const struct fence_argument *a = &c->must[i];

		if (a->test == FENCE_IS)
			must[n++] = SCMP_CMP64(a->index, SCMP_CMP_MASKED_EQ,
					       a->mask, a->value);
		else if (a->test == FENCE_ABOVE)
			must[n++] = SCMP_CMP64(a->index, SCMP_CMP_GT, a->value);
	}
	return seccomp_rule_add_array(ctx, action, number, n, must);
}

static int add_all(scmp_filter_ctx ctx, const struct fence_call *c)
{
	struct slice names = slice_of(c->names), name;
	int r = 0;

	while (r == 0 && (name = slice_word(&names)).n > 0) {
		r = add(ctx, c, name);
		if (r < 0)
			(void)fprintf(stderr, "%.*s: %s\n", SLICE_ARG(name),
				      strerror(-r));
	}
	return r;
}

static int fill(scmp_filter_ctx ctx, unsigned program)
{
	int r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
				 SCMP_ACT_KILL_PROCESS);

	if (r == 0)
		r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (size_t i = 0; i < fence_calls_n && r == 0; i++)
		if (fence_calls[i].who & 1U << program)
			r = add_all(ctx, &fence_calls[i]);
	return r;
}

static int print_code(int fd, unsigned program)
{
	struct sock_filter step;
	ssize_t n;

	(void)printf("static const struct sock_filter filter_%u[] = {\n",
		     program);
	while ((n = read(fd, &step, sizeof(step))) == sizeof(step))
		(void)printf("\t{ %u, %u, %u, %uU },\n", step.code, step.jt,
			     step.jf, step.k);
	(void)printf("};\n");
	return n < 0 ? -errno : 0;
}

static int compile(unsigned program)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_TRAP);
	int fd = memfd_create("filter", MFD_CLOEXEC);
	int r = ctx && fd >= 0 ? fill(ctx, program) : -ENOMEM;

	if (r == 0)
		r = seccomp_export_bpf(ctx, fd);
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	if (r == 0)
		r = print_code(fd, program);
	if (ctx)
		seccomp_release(ctx);
	if (fd >= 0)
		(void)close(fd); /* memory */
	return r;
}

static void print_list(void)
{
	(void)printf("static const struct sock_fprog filters[] = {\n");
	for (unsigned i = 0; i < FENCE_PROGRAMS; i++)
		(void)printf("\t{ sizeof(filter_%u) / sizeof(filter_%u[0]), "
			     "(struct sock_filter *)filter_%u },\n",
			     i, i, i);
	(void)printf("};\n");
}

/* What a call that killed was called. */
static void print_names(void)
{
	uint32_t here = seccomp_arch_native();

	(void)printf("static const char *const call_names[] = {\n");
	for (int i = 0; i < NUMBERS_MAX; i++) {
		char *name = seccomp_syscall_resolve_num_arch(here, i);

		if (name)
			(void)printf("\t[%d] = \"%s\",\n", i, name);
		free(name);
	}
	(void)printf("};\n");
}

int main(void)
{
	(void)printf("/* Made by fence-compile. */\n");
	for (unsigned i = 0; i < FENCE_PROGRAMS; i++)
		if (compile(i) < 0)
			return 1;
	print_list();
	print_names();
	return fflush(stdout) == 0 ? 0 : 1;
}

/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "cli/mailboxes.h"
#include "stage.h"

/* Owners other than us can be given by root alone. */
static uid_t owner(void)
{
	return geteuid() == 0 ? 4242 : geteuid();
}

static int make(const char *name, enum mailboxes_done *ret)
{
	int dir = open("mail", O_RDONLY | O_DIRECTORY);
	int r = mailboxes_make(dir, name, owner(), getegid(), ret);

	cr_assert_eq(close(dir), 0);
	return r;
}

static void check(const char *path)
{
	struct stat st;

	cr_assert_eq(lstat(path, &st), 0);
	cr_assert(S_ISREG(st.st_mode));
	cr_assert_eq(st.st_mode & 07777, 0660);
	cr_assert_eq(st.st_uid, owner());
	cr_assert_eq(st.st_gid, getegid());
}

Test(mailboxes, are_made_once, .init = stage_enter, .fini = stage_leave)
{
	enum mailboxes_done done;

	cr_assert_eq(make("alice", &done), 0);
	cr_assert_eq(done, MAILBOX_MADE);
	check("mail/alice");
	cr_assert_eq(make("alice", &done), 0);
	cr_assert_eq(done, MAILBOX_FINE);
}

Test(mailboxes, are_mended, .init = stage_enter, .fini = stage_leave)
{
	enum mailboxes_done done;
	struct stat st;

	stage_write("mail/alice", "From x\n");
	cr_assert_eq(make("alice", &done), 0);
	cr_assert_eq(done, MAILBOX_MENDED);
	check("mail/alice");
	cr_assert_eq(stat("mail/alice", &st), 0);
	cr_assert_eq(st.st_size, 7);
}

/* Who may write to the mail directory must not get a file of root's. */
Test(mailboxes, no_link_is_followed, .init = stage_enter, .fini = stage_leave)
{
	enum mailboxes_done done;
	struct stat st;

	stage_write("shadow", "secret");
	cr_assert_eq(chmod("shadow", 0600), 0);
	cr_assert_eq(symlink("../shadow", "mail/soft"), 0);
	cr_assert_eq(link("shadow", "mail/hard"), 0);
	cr_assert_eq(mkfifo("mail/fifo", 0600), 0);
	cr_assert_eq(mkdir("mail/dir", 0700), 0);
	cr_assert_eq(make("soft", &done), -ELOOP);
	cr_assert_eq(make("hard", &done), -EMLINK);
	cr_assert_eq(make("fifo", &done), -EINVAL);
	cr_assert_lt(make("dir", &done), 0);
	cr_assert_eq(stat("shadow", &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0600);
	cr_assert_eq(st.st_uid, geteuid());
}

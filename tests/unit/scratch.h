/* SPDX-License-Identifier: ISC */
/* An empty file for one test, and a clock that stands still at 1,700,000,000 s.
 * Use: TestSuite(name, .init = scratch_new, .fini = scratch_done). */
#pragma once

extern char scratch_path[];

void scratch_new(void);
void scratch_done(void);

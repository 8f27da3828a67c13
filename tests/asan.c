// SPDX-License-Identifier: Apache-2.0
/* Linked into what `make asan` builds: a finding ends with a status that no test expects, even
 * where a test clears the environment. */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *__asan_default_options(void)
{
	return "exitcode=99:detect_stack_use_after_return=1:strict_string_checks=1:"
	       "allocator_may_return_null=1";
}

const char *__ubsan_default_options(void)
{
	return "exitcode=99:print_stacktrace=1";
}

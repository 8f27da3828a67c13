/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err: why something failed, said once, where the fact is known.
 *
 * Fallible functions return 0 or -1 and take a struct err * last. It is filled by the place that
 * knows the fact and is left untouched on success, so calls chain with ||. Callers add context
 * with err_wrap() on the way up. Nothing below the command line prints.
 *
 *     if (file_read(path, LIMIT, &bytes, err) || parse(&bytes, err))
 *             return err_wrap(err, "playbook '%s'", path);
 *
 * Messages: lower case, no full stop, what failed first, the subject in single quotes.
 */
#ifndef CORDON_ERR_H
#define CORDON_ERR_H

/* Each code is something a caller decides on; the exit status follows from it (run_status_of). */
enum err_code {
	ERR_NONE,
	ERR_USAGE,	 /* the command line is wrong */
	ERR_INPUT,	 /* a file, a document or a value from outside is not acceptable */
	ERR_NOT_FOUND,	 /* no such principal, key, run, playbook */
	ERR_REFUSED,	 /* a guard said no, or nobody confirmed */
	ERR_CREDENTIALS, /* none found, or not usable */
	ERR_DENIED,	 /* AWS says that we may not */
	ERR_THROTTLED,	 /* AWS asks us to slow down, and kept asking */
	ERR_AWS,	 /* any other error that AWS answered with */
	ERR_NETWORK,	 /* no answer: DNS, connect, TLS, time-out, cut connection */
	ERR_PROTOCOL,	 /* an answer that cannot be understood */
	ERR_IO,		 /* a local file or folder */
	ERR_INTERRUPTED, /* a signal asked us to stop */
};

struct err {
	enum err_code code;
	char message[1024];
	char aws_code[128];   /* AWS's own error code, verbatim, or "" */
	char request_id[128]; /* AWS's request id, or "" */
};

#define ERR_INIT                 \
	{                        \
		.code = ERR_NONE \
	}

/* Fills err and returns -1. */
int err_set(struct err *err, enum err_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4), nonnull(1, 3)));

/* Puts "format: " before the message and returns -1; the code stays. */
int err_wrap(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3), nonnull(1, 2)));

/* The code's name in JSON: "usage", "input", "not-found", ... */
const char *err_code_name(enum err_code code) __attribute__((returns_nonnull));

#endif

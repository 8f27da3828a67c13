// SPDX-License-Identifier: Apache-2.0
#include "cordon/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
	[ERR_NONE] = "none",
	[ERR_USAGE] = "usage",
	[ERR_INPUT] = "input",
	[ERR_NOT_FOUND] = "not-found",
	[ERR_REFUSED] = "refused",
	[ERR_CREDENTIALS] = "credentials",
	[ERR_DENIED] = "denied",
	[ERR_THROTTLED] = "throttled",
	[ERR_AWS] = "aws",
	[ERR_NETWORK] = "network",
	[ERR_PROTOCOL] = "protocol",
	[ERR_IO] = "io",
	[ERR_INTERRUPTED] = "interrupted",
};

int err_set(struct err *err, enum err_code code, const char *format, ...)
{
	va_list args;

	err->code = code;
	err->aws_code[0] = '\0';
	err->request_id[0] = '\0';
	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	return -1;
}

int err_wrap(struct err *err, const char *format, ...)
{
	char old[sizeof(err->message)];
	va_list args;

	memcpy(old, err->message, sizeof(old));
	va_start(args, format);
	int n = vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(err->message))
		return -1;
	/* A message that no longer fits is cut at its end; what failed stands first. */
	size_t room = sizeof(err->message) - (size_t)n;
	if (snprintf(err->message + n, room, ": %s", old) < 0)
		err->message[n] = '\0';
	return -1;
}

const char *err_code_name(enum err_code code)
{
	if ((size_t)code >= sizeof(names) / sizeof(names[0]))
		return "unknown";
	return names[code];
}

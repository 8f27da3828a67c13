/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server: an HTTP server on loopback, in processes of its own, that answers by a table.
 *
 *     static const struct answer *choose(const char *request) {...}     runs in the server
 *     server_begin(choose);
 *     ... server_url, server_shared->requests, server_shared->last ...
 *     server_end();
 */
#ifndef TESTS_SERVER_H
#define TESTS_SERVER_H

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SERVER_REQUEST_MAX = 65536, SERVER_COUNTERS = 64 };

enum answer_how {
	ANSWER_KEEP,   /* and keep the connection */
	ANSWER_CLOSE,  /* and close it, as announced */
	ANSWER_CUT,    /* close it without an answer */
	ANSWER_HALF,   /* close it in the middle of the body */
	ANSWER_SILENT, /* never */
	ANSWER_RAW,    /* the body is all that is sent */
};

struct answer {
	enum answer_how how;
	int status;
	const char *headers; /* each closed by CR LF; NULL: none */
	const char *body;
};

typedef const struct answer *server_choose(const char *request);

struct server_shared {
	int requests, connections;
	int counters[SERVER_COUNTERS]; /* for choose() */
	char last[SERVER_REQUEST_MAX];
};

static struct server_shared *server_shared;
static pid_t server_pid;
static int server_port;
static char server_url[64];

static inline int server_count(int *counter)
{
	return __atomic_fetch_add(counter, 1, __ATOMIC_SEQ_CST);
}

static inline void server_write(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, bytes, length);

		if (n <= 0)
			_exit(0);
		bytes += n;
		length -= (size_t)n;
	}
}

/* A whole request, headers and body; ends the process where there is none. */
static inline void server_read(int fd, char request[static SERVER_REQUEST_MAX])
{
	size_t length = 0;
	size_t want = SERVER_REQUEST_MAX;

	while (length < want) {
		ssize_t n = read(fd, request + length, SERVER_REQUEST_MAX - 1 - length);

		if (n <= 0)
			_exit(0);
		length += (size_t)n;
		request[length] = '\0';
		const char *end = strstr(request, "\r\n\r\n");
		const char *size = strcasestr(request, "\r\nContent-Length:");
		if (end)
			want = (size_t)(end - request) + 4;
		if (end && size && size < end)
			want += strtoul(size + 17, NULL, 10);
	}
}

static inline void server_answer(int fd, const struct answer *a)
{
	const char *body = a->body ? a->body : "";
	char head[1024];

	if (a->how == ANSWER_CUT)
		_exit(0);
	while (a->how == ANSWER_SILENT)
		pause();
	if (a->how == ANSWER_RAW) {
		server_write(fd, body, strlen(body));
		_exit(0);
	}
	snprintf(head, sizeof(head), "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n%s%s\r\n", a->status,
		 strlen(body), a->how == ANSWER_CLOSE ? "Connection: close\r\n" : "",
		 a->headers ? a->headers : "");
	server_write(fd, head, strlen(head));
	server_write(fd, body, a->how == ANSWER_HALF ? strlen(body) / 2 : strlen(body));
	if (a->how != ANSWER_KEEP)
		_exit(0);
}

static inline void server_serve(int fd, server_choose *choose)
{
	static char request[SERVER_REQUEST_MAX];

	server_count(&server_shared->connections);
	for (;;) {
		server_read(fd, request);
		server_count(&server_shared->requests);
		memcpy(server_shared->last, request, strlen(request) + 1);
		server_answer(fd, choose(request));
	}
}

static inline void server_listen(int fd, server_choose *choose)
{
	signal(SIGCHLD, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int connection = accept(fd, NULL, NULL);

		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(fd);
			server_serve(connection, choose);
		}
		close(connection);
	}
}

/* A socket that listens on loopback, and its port. */
static inline int server_socket(int *ret_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) || listen(fd, 128) ||
	    getsockname(fd, (struct sockaddr *)&address, &size))
		abort();
	*ret_port = ntohs(address.sin_port);
	return fd;
}

static inline void server_begin(server_choose *choose)
{
	int fd = server_socket(&server_port);

	server_shared = mmap(NULL, sizeof(*server_shared), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (server_shared == MAP_FAILED)
		abort();
	snprintf(server_url, sizeof(server_url), "http://127.0.0.1:%d/", server_port);
	fflush(stdout);
	server_pid = fork();
	if (server_pid < 0)
		abort();
	if (server_pid == 0)
		server_listen(fd, choose);
	close(fd);
}

static inline void server_end(void)
{
	kill(server_pid, SIGKILL);
	waitpid(server_pid, NULL, 0);
	munmap(server_shared, sizeof(*server_shared));
}

#endif

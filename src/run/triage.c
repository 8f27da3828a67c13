// SPDX-License-Identifier: Apache-2.0
/* The files of a triage: folders, gzip, threads. What is in them is the trail's to say. */
#include "cordon/triage.h"

#include "cordon/buf.h"
#include "cordon/file.h"
#include "cordon/json.h"
#include "cordon/run.h"
#include "cordon/secret.h"
#include "cordon/text.h"
#include "cordon/trail.h"
#include "gunzip.h"
#include "lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	PIECE = 64 << 10, /* what malloc() does not ask the kernel for each time */
	WORKERS_MOST = 8,
	DEPTH_MOST = 40,
	FILES_MOST = 1 << 22,
	PATH_LENGTH = 4096,
	/* Deflate reaches 1032 to 1; logs that repeat a lot, some dozens. */
	BOMB_RATIO = 400,
	BOMB_LEAST = 256 << 20,
};

struct work {
	const struct run_triage *options;
	struct trail *trail;
	pthread_mutex_t lock; /* of the trail and of everything below */
	pthread_cond_t done;
	char *names;   /* all paths, each closed by a NUL */
	size_t *paths; /* where each begins */
	size_t used, size;
	size_t count, room, next, finished, running;
	uint64_t bytes; /* read so far; atomic */
};

/* One file on its way. */
struct reading {
	struct work *work;
	struct trail_input *in;
	struct gunzip *gzip; /* NULL: it is none */
	uint64_t raw, plain;
	unsigned char *out;
	const char *failure;
};

static void *or_die(void *p)
{
	if (!p)
		abort();
	return p;
}

static void sink(void *arg, const struct trail_record *record)
{
	struct work *work = arg;

	pthread_mutex_lock(&work->lock);
	trail_add(work->trail, record);
	pthread_mutex_unlock(&work->lock);
}

static bool is_bomb(const struct reading *r)
{
	return r->plain > BOMB_LEAST && r->plain / BOMB_RATIO > r->raw;
}

static void take_gzip(struct reading *r, unsigned char *bytes, size_t length)
{
	bool bad = false;
	size_t made;

	gunzip_give(r->gzip, bytes, length);
	while ((made = gunzip_take(r->gzip, r->out, PIECE, &bad)) > 0) {
		r->plain += made;
		trail_input_feed(r->in, (const char *)r->out, made);
		if (trail_input_refused(r->in))
			return;
		if (is_bomb(r)) {
			r->failure = "a gzip bomb: read up to there";
			return;
		}
	}
	if (bad)
		r->failure = "damaged gzip: read up to there";
}

static void take(struct reading *r, unsigned char *bytes, size_t length)
{
	static const unsigned char magic[] = {0x1f, 0x8b};

	if (r->raw == 0 && length >= 2 && memcmp(bytes, magic, 2) == 0) {
		r->gzip = gunzip_new();
		r->out = or_die(secret_malloc(PIECE));
	}
	r->raw += length;
	if (r->gzip)
		take_gzip(r, bytes, length);
	else
		trail_input_feed(r->in, (const char *)bytes, length);
}

static bool asked_to_stop(const struct work *work)
{
	return work->options->stopped && work->options->stopped();
}

static void read_all(struct reading *r, int fd)
{
	unsigned char *bytes = or_die(secret_malloc(PIECE));

	for (;;) {
		ssize_t n = read(fd, bytes, PIECE);
		if (n < 0 && errno == EINTR && !asked_to_stop(r->work))
			continue;
		if (n < 0)
			r->failure = strerrordesc_np(errno);
		if (n <= 0 || asked_to_stop(r->work))
			break;
		__atomic_fetch_add(&r->work->bytes, (uint64_t)n, __ATOMIC_RELAXED);
		take(r, bytes, (size_t)n);
		if (r->failure || trail_input_refused(r->in))
			break;
	}
	if (r->gzip && !gunzip_is_whole(r->gzip) && !r->failure && !trail_input_refused(r->in))
		r->failure = "the gzip file is cut off: read up to there";
	secret_free(bytes);
}

static void close_file(struct work *work, const char *path, const struct trail_input *in,
		       const char *failure)
{
	pthread_mutex_lock(&work->lock);
	trail_close(work->trail, path, in, failure);
	work->finished++;
	pthread_mutex_unlock(&work->lock);
}

/* A device or pipe that was named is read; one that lies in a folder was left out before. */
static void read_file(struct work *work, const char *path)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0) {
		close_file(work, path, NULL, strerrordesc_np(errno));
		return;
	}
	struct reading r = {.work = work, .in = trail_input_new(sink, work)};
	trail_input_stop_if(r.in, work->options->stopped);
	read_all(&r, fd);
	trail_input_end(r.in);
	close_file(work, standard ? "standard input" : path, r.in, r.failure);
	gunzip_free(r.gzip);
	secret_free(r.out);
	trail_input_free(r.in);
	if (!standard)
		close(fd);
}

static void *worker(void *arg)
{
	struct work *work = arg;

	for (;;) {
		pthread_mutex_lock(&work->lock);
		size_t at = work->next < work->count && !asked_to_stop(work) ? work->next++
									     : SIZE_MAX;
		if (at == SIZE_MAX) {
			work->running--;
			pthread_cond_signal(&work->done);
		}
		pthread_mutex_unlock(&work->lock);
		if (at == SIZE_MAX)
			return NULL;
		read_file(work, work->names + work->paths[at]);
	}
}

static void add_path(struct work *work, const char *path)
{
	size_t length = strlen(path) + 1;

	if (work->count == work->room) {
		work->room = work->room ? work->room * 2 : 64;
		work->paths = or_die(reallocarray(work->paths, work->room, sizeof(*work->paths)));
	}
	if (work->size - work->used < length) {
		work->size = work->size * 2 + length + PATH_LENGTH;
		work->names = or_die(realloc(work->names, work->size));
	}
	memcpy(work->names + work->used, path, length);
	work->paths[work->count++] = work->used;
	work->used += length;
}

static void leave_out(struct work *work, const char *path, const char *why)
{
	trail_close(work->trail, path, NULL, why);
}

static void add_found(struct work *work, const char *path, int depth);

static void add_folder(struct work *work, const char *path, int depth)
{
	struct err err = ERR_INIT;
	char **names = NULL;
	size_t count = 0;

	if (depth > DEPTH_MOST) {
		leave_out(work, path, "folders nested too deep");
		return;
	}
	if (file_list(path, &names, &count, &err)) {
		leave_out(work, path, err.message);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		autobuf struct buf inner = BUF_INIT(PATH_LENGTH);
		buf_addf(&inner, "%s/%s", path, names[i]);
		if (inner.failed)
			leave_out(work, path, "a path that is too long");
		else
			add_found(work, buf_text(&inner), depth + 1);
	}
	file_list_free(names, count);
}

/* What lies in a folder: a link out of it, or to itself, is not followed. */
static void add_found(struct work *work, const char *path, int depth)
{
	struct stat is;

	if (lstat(path, &is))
		leave_out(work, path, strerrordesc_np(errno));
	else if (S_ISDIR(is.st_mode))
		add_folder(work, path, depth);
	else if (!S_ISREG(is.st_mode))
		leave_out(work, path, "no regular file");
	else if (work->count >= FILES_MOST)
		leave_out(work, path, "more files than can be read at once");
	else
		add_path(work, path);
}

static void find_files(struct work *work)
{
	for (size_t i = 0; i < work->options->file_count; i++) {
		const char *path = work->options->files[i];
		struct stat is;

		if (strcmp(path, "-") != 0 && stat(path, &is) == 0 && S_ISDIR(is.st_mode))
			add_folder(work, path, 0);
		else
			add_path(work, path);
	}
}

static void say_progress(struct work *work)
{
	autobuf struct buf text = BUF_INIT(256);

	if (!work->options->tell)
		return;
	buf_addf(&text, "%zu of %zu files read, %llu MB", work->finished, work->count,
		 (unsigned long long)(__atomic_load_n(&work->bytes, __ATOMIC_RELAXED) >> 20));
	json_auto_t *event = jx_pack("{s:s, s:s}", "event", "progress", "text", buf_text(&text));
	work->options->tell(work->options->arg, event);
}

/* The main thread waits and tells; what takes less than a second is not told. */
static void wait_for_all(struct work *work)
{
	struct timespec until;

	pthread_mutex_lock(&work->lock);
	while (work->running) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec++;
		int state = pthread_cond_timedwait(&work->done, &work->lock, &until);
		if (state == ETIMEDOUT && work->running)
			say_progress(work);
	}
	pthread_mutex_unlock(&work->lock);
}

static void read_files(struct work *work)
{
	pthread_t threads[WORKERS_MOST];
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t want = cores < 1 ? 1 : (size_t)cores;
	size_t count = 0;

	if (want > WORKERS_MOST)
		want = WORKERS_MOST;
	if (want > work->count)
		want = work->count;
	pthread_mutex_lock(&work->lock);
	while (count < want && pthread_create(&threads[count], NULL, worker, work) == 0)
		count++;
	work->running = count;
	pthread_mutex_unlock(&work->lock);
	if (count == 0 && want) {
		work->running = 1;
		worker(work);
	}
	wait_for_all(work);
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

static int parse_bound(const char *text, bool end, time_t *ret_at)
{
	autobuf struct buf whole = BUF_INIT(64);
	bool date = strlen(text) == 10;

	buf_add(&whole, text);
	if (date)
		buf_add(&whole, end ? "T23:59:59Z" : "T00:00:00Z");
	return whole.failed || text_parse_time(buf_text(&whole), ret_at) ? -1 : 0;
}

bool run_triage_time_ok(const char *text)
{
	time_t at = 0;

	return parse_bound(text, false, &at) == 0;
}

static int check_seeds(const struct run_triage *o, struct err *err)
{
	json_t *ip;
	size_t i;

	json_array_foreach (o->ips, i, ip) {
		if (!trail_ip_ok(json_string_value(ip)))
			return err_set(err, ERR_USAGE,
				       "--ip is a public address; '%.100s' is none that one person "
				       "has for himself",
				       json_string_value(ip));
	}
	return 0;
}

static int options_of(const struct run_triage *o, struct trail_options *ret_options,
		      struct err *err)
{
	struct trail_options to = {.now = time(NULL),
				   .keys = o->keys,
				   .events = o->events,
				   .ips = o->ips,
				   .users = o->users,
				   .roles = o->roles};

	if ((o->from && parse_bound(o->from, false, &to.from)) ||
	    (o->to && parse_bound(o->to, true, &to.to)))
		return err_set(err, ERR_USAGE, "--from and --to are dates or times");
	if (to.from && to.to && to.from > to.to)
		return err_set(err, ERR_USAGE, "--from lies after --to");
	if (getrandom(&to.seed, sizeof(to.seed), 0) != (ssize_t)sizeof(to.seed))
		return err_set(err, ERR_IO, "cannot get random bytes");
	*ret_options = to;
	return check_seeds(o, err);
}

/* That CloudTrail knows of nothing is an answer; a file that says nothing is a mistake. */
static int status_of(const struct run_triage *o, const json_t *document)
{
	const json_t *sources = json_object_get(document, "sources");
	bool nothing = !o->lookup &&
		       (json_integer_value(json_object_get(sources, "files_read")) == 0 ||
			(json_integer_value(json_object_get(sources, "events")) == 0 &&
			 json_integer_value(json_object_get(sources, "alerts")) == 0 &&
			 json_array_size(json_object_get(sources, "skipped")) != 0));

	if (json_integer_value(json_object_get(sources, "not_kept")))
		return STATUS_PARTLY;
	if (o->fail_on_findings && json_array_size(json_object_get(document, "findings")))
		return STATUS_NO;
	return nothing ? STATUS_USAGE : STATUS_DONE;
}

int run_triage(const struct run_triage *options, json_t **ret_document, int *ret_status,
	       struct err *err)
{
	struct trail_options trail_options;
	struct work work = {.options = options,
			    .lock = PTHREAD_MUTEX_INITIALIZER,
			    .done = PTHREAD_COND_INITIALIZER};
	json_auto_t *lookups = NULL;
	int ret = 0;

	*ret_status = STATUS_USAGE;
	if (options_of(options, &trail_options, err))
		return -1;
	work.trail = trail_new(&trail_options);
	find_files(&work);
	read_files(&work);
	if (asked_to_stop(&work))
		ret = err_set(err, ERR_INTERRUPTED, "stopped before all files were read");
	else if (options->lookup)
		ret = lookup_all(options, &trail_options, work.trail, &lookups, err);
	if (ret) {
		*ret_status = run_status_of(err);
	} else {
		*ret_document = trail_document(work.trail);
		if (lookups)
			jx_set(json_object_get(*ret_document, "sources"), "lookups",
			       json_incref(lookups));
		*ret_status = status_of(options, *ret_document);
	}
	trail_free(work.trail);
	free(work.names);
	free(work.paths);
	return ret;
}

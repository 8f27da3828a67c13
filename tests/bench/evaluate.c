// SPDX-License-Identifier: Apache-2.0
/*
 * Measures the evaluator: POLICIES names a file with a list of documents. All known actions for a
 * principal with all of them; then 15,000 principals with one each and 77 actions.
 */
#include "cordon/evaluate.h"
#include "cordon/embedded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { MOST = 30000, PRINCIPALS = 15000, ASKED = 77, ROUNDS = 5 };

static const char *actions[MOST];
static size_t action_count;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void read_actions(void)
{
	char *text = strdup(embedded_find("src/reach/iam-actions.tsv")->bytes);
	char *line;

	while (text && (line = strsep(&text, "\n"))) {
		line[strcspn(line, "\t")] = '\0';
		if (*line && *line != '#' && action_count < MOST)
			actions[action_count++] = line;
	}
}

static size_t allowed(const struct policy_set *set, size_t count, size_t step)
{
	struct context *context = context_new(true);
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		const struct request request = {.principal = "arn:aws:iam::111122223333:user/a",
						.action = actions[i * step],
						.resource = "*",
						.context = context};
		struct decision decision;
		policy_evaluate(set, &request, BOUND_MAY, &decision);
		found += decision.effect == EFFECT_ALLOW;
	}
	context_free(context);
	return found;
}

/* The best of some rounds, each with compiling. */
static double all_actions(const json_t *documents, size_t *ret_found)
{
	double best = 1e9;

	for (int round = 0; round < ROUNDS; round++) {
		struct policy *policies[16] = {NULL};
		struct policy_set set = {0};
		double start = now();
		for (size_t i = 0; i < json_array_size(documents) && i < 16; i++) {
			policies[i] = policy_compile(json_array_get(documents, i), LAYER_IDENTITY,
						     "p");
			policy_set_add(&set, policies[i], 0);
		}
		*ret_found = allowed(&set, action_count, 1);
		double took = now() - start;
		best = took < best ? took : best;
		policy_set_release(&set);
		for (size_t i = 0; i < 16; i++)
			policy_free(policies[i]);
	}
	return best;
}

static double all_principals(const json_t *documents)
{
	double start = now();

	for (size_t i = 0; i < PRINCIPALS; i++) {
		const json_t *document = json_array_get(documents, i % json_array_size(documents));
		struct policy *policy = policy_compile(document, LAYER_IDENTITY, "p");
		struct policy_set set = {0};
		policy_set_add(&set, policy, 0);
		allowed(&set, ASKED, action_count / ASKED);
		policy_set_release(&set);
		policy_free(policy);
	}
	return now() - start;
}

int main(int argc, char **argv)
{
	json_t *documents = argc == 2 ? json_load_file(argv[1], 0, NULL) : NULL;
	struct rusage usage;
	size_t found = 0;

	if (json_array_size(documents) == 0) {
		fprintf(stderr, "usage: %s POLICIES\n", argv[0]);
		return 2;
	}
	read_actions();
	double one = all_actions(documents, &found);
	double many = all_principals(documents);
	getrusage(RUSAGE_SELF, &usage);
	printf("%zu %zu %.1f %.1f %ld\n", action_count, found, one, many, usage.ru_maxrss);
	json_decref(documents);
	return 0;
}

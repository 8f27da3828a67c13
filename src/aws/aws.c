// SPDX-License-Identifier: Apache-2.0
#include "cordon/aws.h"

#include "cordon/text.h"
#include "door.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	QUOTA = 500,
	SKEW_SECONDS = 240,	  /* AWS accepts about 300 */
	SKEW_MAX_SECONDS = 86400, /* more, and what we sign would be of use to others for long */
	CLOCK_SLACK_SECONDS = 5,
	IN_FLIGHT = 20, /* a signature does not age in a queue: as many as http has connections */
	IN_FLIGHT_MAX = 64, /* where a rate was asked for that fewer cannot reach */
	ANSWER_MS = 200,    /* so long an answer may take, and the rate is reached */
	WARM_FIRST = 9,	    /* enough, with those of the first answers, for a user\'s first look */
	WARM_PAUSE_MS = 25,
};

static const struct {
	const char *name;
	const char *id; /* in AWS_ENDPOINT_URL_IAM and in the config file */
} services[DOOR_SERVICES] = {{"iam", "IAM"}, {"sts", "STS"}};

static int open_service(struct aws *aws, size_t i, struct err *err)
{
	struct door_service *service = &aws->services[i];
	const char *url = NULL;

	service->name = services[i].name;
	if (config_endpoint_url(aws->config, services[i].id, &url, &service->typed, err))
		return -1;
	struct endpoint_request request = {.service = service->name,
					   .region = config_region(aws->config),
					   .url = url,
					   .fips = config_fips(aws->config),
					   .dualstack = config_dualstack(aws->config)};
	return endpoint_resolve(&request, &service->endpoint, err);
}

static bool is_configured(const struct aws *aws, const char *variable, const char *key)
{
	return config_env_value(aws->config, variable) ||
	       config_profile_value(aws->config, key, true);
}

static void set_pace(struct aws *aws)
{
	rate_begin(&aws->rate, (double)door_ms() / 1000, IN_FLIGHT);
	aws->rate.adapts = config_retry_mode(aws->config) == CONFIG_RETRY_ADAPTIVE;
	aws->patient = !is_configured(aws, "AWS_RETRY_MODE", "retry_mode") &&
		       !is_configured(aws, "AWS_MAX_ATTEMPTS", "max_attempts");
}

static int open_all(struct aws *aws, const struct config_options *options, config_env *env,
		    struct err *err)
{
	if (config_open(options, env, &aws->config, err))
		return -1;
	/* Finding credentials sends calls too. */
	set_pace(aws);
	for (size_t i = 0; i < DOOR_SERVICES; i++) {
		if (open_service(aws, i, err))
			return -1;
	}
	struct http_options http = {.ca_bundle = config_ca_bundle(aws->config),
				    .user_agent = "cordon/" CORDON_VERSION};
	if (http_open(&http, &aws->http, err))
		return -1;
	return door_find_credentials(aws, err);
}

int aws_open(const struct config_options *options, config_env *env, struct aws **ret_aws,
	     struct err *err)
{
	struct aws *aws = calloc(1, sizeof(*aws));

	if (!aws)
		abort();
	aws->quota = QUOTA;
	if (open_all(aws, options, env, err)) {
		aws_close(aws);
		return -1;
	}
	*ret_aws = aws;
	return 0;
}

void aws_limit(struct aws *aws, long per_second)
{
	size_t window = (size_t)per_second * ANSWER_MS / 1000;

	window = window < IN_FLIGHT ? IN_FLIGHT : window > IN_FLIGHT_MAX ? IN_FLIGHT_MAX : window;
	rate_set(&aws->rate, (double)door_ms() / 1000, (double)per_second, window);
	http_connections(aws->http, (long)window);
}

void aws_expect(struct aws *aws, size_t count)
{
	aws->expected = count < IN_FLIGHT ? count : IN_FLIGHT;
}

/* Handshakes are work: what is needed last begins when the first ones are on their way. */
int door_warm(struct aws *aws)
{
	size_t count = aws->expected;
	long long left = aws->warm_ms - door_ms();

	if (count == 0)
		return WARM_PAUSE_MS;
	if (left > 0)
		return (int)left;
	count = count < WARM_FIRST || aws->warm_ms ? count : WARM_FIRST;
	http_warm(aws->http, aws->services[0].endpoint.url, count);
	aws->expected -= count;
	aws->warm_ms = aws->expected ? door_ms() + WARM_PAUSE_MS : 0;
	return WARM_PAUSE_MS;
}

void aws_close(struct aws *aws)
{
	if (!aws)
		return;
	http_close(aws->http);
	credentials_release(&aws->credentials);
	door_places_free(aws->places);
	secret_release(&aws->used_code);
	if (aws->config)
		config_free(aws->config);
	free(aws);
}

const struct door_service *door_service(const struct aws *aws, const char *name)
{
	for (size_t i = 0; i < DOOR_SERVICES; i++) {
		if (text_equal(aws->services[i].name, name))
			return &aws->services[i];
	}
	return NULL;
}

long long door_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* A Date header has whole seconds and comes late, so each is a lower bound of AWS's time: of two
 * that nearly agree the greater counts, and our time does not jump back between two replies. */
void door_heard(struct aws *aws, const struct http_reply *reply)
{
	if (reply->outcome != HTTP_ANSWERED || !reply->date_trusted)
		return;
	time_t behind = aws_now(aws) - reply->date;
	if (aws->clock_known && behind >= 0 && behind <= CLOCK_SLACK_SECONDS)
		return;
	aws->clock_known = true;
	aws->date = reply->date;
	aws->date_at_ms = door_ms();
}

time_t aws_now(const struct aws *aws)
{
	if (!aws->clock_known)
		return time(NULL);
	return aws->date + (time_t)((door_ms() - aws->date_at_ms) / 1000);
}

long aws_clock_offset(const struct aws *aws)
{
	return aws->clock_known ? (long)(aws_now(aws) - time(NULL)) : 0;
}

bool aws_clock_known(const struct aws *aws)
{
	return aws->clock_known;
}

/* Our own clock until AWS refuses it: a Date header alone is no reason to sign for another time. */
time_t door_signing_time(const struct aws *aws)
{
	return aws->skewed ? aws_now(aws) : time(NULL);
}

bool door_correct_clock(struct aws *aws, const struct http_reply *reply, time_t signed_at)
{
	if (!reply->date_trusted)
		return false;
	long ahead = (long)(reply->date - signed_at);
	if (labs(ahead) <= SKEW_SECONDS)
		return false;
	bool near = labs(ahead) <= SKEW_MAX_SECONDS;
	snprintf(aws->clock_warning, sizeof(aws->clock_warning),
		 "the clock of this machine is %ld s %s AWS's; %s", labs(ahead),
		 ahead > 0 ? "behind" : "ahead of",
		 near ? "requests are signed with AWS's" : "set it first");
	aws->skewed = aws->skewed || near;
	return near;
}

const char *aws_endpoint(const struct aws *aws, const char *service)
{
	const struct door_service *s = door_service(aws, service);

	return s ? s->endpoint.url : NULL;
}

const char *aws_endpoint_custom(const struct aws *aws, const char **ret_service)
{
	for (size_t i = 0; i < DOOR_SERVICES; i++) {
		if (!aws->services[i].endpoint.custom)
			continue;
		*ret_service = services[i].id;
		return aws->services[i].endpoint.url;
	}
	return NULL;
}

bool aws_endpoint_typed(const struct aws *aws)
{
	bool custom = false;

	for (size_t i = 0; i < DOOR_SERVICES; i++) {
		if (aws->services[i].endpoint.custom && !aws->services[i].typed)
			return false;
		custom = custom || aws->services[i].endpoint.custom;
	}
	return custom;
}

const char *aws_partition(const struct aws *aws)
{
	return aws->services[0].endpoint.partition;
}

const char *aws_region(const struct aws *aws)
{
	return aws->services[0].endpoint.signing_region;
}

const char *aws_configured_region(const struct aws *aws)
{
	return config_region(aws->config);
}

const char *aws_access_key_id(const struct aws *aws)
{
	return aws->credentials.access_key_id;
}

const char *aws_credential_source(const struct aws *aws)
{
	return aws->credentials.source;
}

time_t aws_credential_expiry(const struct aws *aws)
{
	return aws->credentials.expires;
}

const json_t *aws_credential_chain(const struct aws *aws)
{
	return aws->credentials.chain;
}

const char *aws_warning(const struct aws *aws, size_t i)
{
	const char *const own[] = {aws->clock_warning, aws->renewal_warning};
	size_t count = 0;

	for (const char *warning = NULL; (warning = config_warning(aws->config, count)); count++) {
		if (count == i)
			return warning;
	}
	for (size_t j = 0; j < sizeof(own) / sizeof(own[0]); j++) {
		if (own[j][0] && count++ == i)
			return own[j];
	}
	return NULL;
}

unsigned long aws_requests(const struct aws *aws)
{
	return aws->requests;
}

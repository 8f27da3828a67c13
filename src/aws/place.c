// SPDX-License-Identifier: Apache-2.0
/* Endpoints of services that are asked in many Regions; each is resolved once. */
#include "cordon/err.h"
#include "cordon/text.h"
#include "door.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name, *id; /* as in aws.c */
} regional[] = {{"cloudtrail", "CloudTrail"}};

struct door_place {
	struct door_place *next;
	const char *service; /* of the table */
	char *region;
	struct endpoint endpoint;
};

static const char *service_id(const char *service)
{
	for (size_t i = 0; i < sizeof(regional) / sizeof(regional[0]); i++) {
		if (text_equal(regional[i].name, service))
			return regional[i].id;
	}
	return NULL;
}

static int resolve(const struct aws *aws, const char *service, const char *region,
		   struct endpoint *ret_endpoint, struct err *err)
{
	const char *id = service_id(service);
	const char *url = NULL;
	bool typed = false;

	if (!id)
		return err_set(err, ERR_REFUSED, "no such service '%s'", service);
	if (config_endpoint_url(aws->config, id, &url, &typed, err))
		return -1;
	struct endpoint_request request = {.service = service,
					   .region = region,
					   .url = url,
					   .fips = config_fips(aws->config),
					   .dualstack = config_dualstack(aws->config)};
	return endpoint_resolve(&request, ret_endpoint, err);
}

static struct door_place *new_place(const char *service, const char *region,
				    const struct endpoint *endpoint)
{
	struct door_place *place = calloc(1, sizeof(*place));

	if (!place)
		abort();
	place->service = service;
	place->endpoint = *endpoint;
	if (region && !(place->region = strdup(region)))
		abort();
	return place;
}

const struct endpoint *door_endpoint(struct aws *aws, const char *service, const char *region,
				     struct err *err)
{
	const struct door_service *fixed = door_service(aws, service);
	struct endpoint endpoint;

	if (fixed)
		return &fixed->endpoint;
	region = region ? region : config_region(aws->config);
	for (struct door_place *p = aws->places; p; p = p->next) {
		if (text_equal(p->service, service) &&
		    (region ? text_equal(p->region, region) : !p->region))
			return &p->endpoint;
	}
	if (resolve(aws, service, region, &endpoint, err))
		return NULL;
	struct door_place *place = new_place(service, region, &endpoint);
	place->next = aws->places;
	aws->places = place;
	return &place->endpoint;
}

void door_places_free(struct door_place *places)
{
	while (places) {
		struct door_place *next = places->next;
		free(places->region);
		free(places);
		places = next;
	}
}

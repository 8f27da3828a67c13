// SPDX-License-Identifier: Apache-2.0
#include "cordon/endpoint.h"

#include "cordon/err.h"
#include "cordon/text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { PLAIN, FIPS, DUALSTACK, FIPS_DUALSTACK, VARIANT_COUNT };

/* From botocore's partitions.json and the endpoint rules of IAM; tests/live holds it against them.
 * `roots` are what a partition's Region names begin with, each followed by -word-number. */
struct partition {
	const char *id;
	const char *roots;
	const char *global;   /* its pseudo-Region, or NULL */
	const char *implicit; /* the Region meant by it */
	const char *suffix, *dualstack_suffix;
	const char *iam[VARIANT_COUNT];
	const char *iam_region; /* IAM is signed with it, whatever the Region */
};

static const struct partition partitions[] = {
	{
		.id = "aws",
		.roots = "us eu ap sa ca me af il mx",
		.global = "aws-global",
		.implicit = "us-east-1",
		.suffix = "amazonaws.com",
		.dualstack_suffix = "api.aws",
		.iam = {"iam.amazonaws.com", "iam-fips.amazonaws.com", "iam.global.api.aws",
			"iam-fips.global.api.aws"},
		.iam_region = "us-east-1",
	},
	{
		.id = "aws-cn",
		.roots = "cn",
		.global = "aws-cn-global",
		.implicit = "cn-northwest-1",
		.suffix = "amazonaws.com.cn",
		.dualstack_suffix = "api.amazonwebservices.com.cn",
		.iam = {"iam.cn-north-1.amazonaws.com.cn", "iam-fips.amazonaws.com.cn",
			"iam.global.api.amazonwebservices.com.cn",
			"iam-fips.api.amazonwebservices.com.cn"},
		.iam_region = "cn-north-1",
	},
	{
		.id = "aws-eusc",
		.roots = "eusc-de",
		.implicit = "eusc-de-east-1",
		.suffix = "amazonaws.eu",
		.dualstack_suffix = "api.amazonwebservices.eu",
		.iam = {"iam.eusc-de-east-1.amazonaws.eu", "iam-fips.amazonaws.eu",
			"iam.global.api.amazonwebservices.eu", "iam-fips.api.amazonwebservices.eu"},
		.iam_region = "eusc-de-east-1",
	},
	{
		.id = "aws-iso",
		.roots = "us-iso",
		.global = "aws-iso-global",
		.implicit = "us-iso-east-1",
		.suffix = "c2s.ic.gov",
		.dualstack_suffix = "api.aws.ic.gov",
		.iam = {"iam.us-iso-east-1.c2s.ic.gov", "iam-fips.us-iso-east-1.c2s.ic.gov",
			"iam.api.aws.ic.gov", "iam-fips.api.aws.ic.gov"},
		.iam_region = "us-iso-east-1",
	},
	{
		.id = "aws-iso-b",
		.roots = "us-isob",
		.global = "aws-iso-b-global",
		.implicit = "us-isob-east-1",
		.suffix = "sc2s.sgov.gov",
		.dualstack_suffix = "api.aws.scloud",
		.iam = {"iam.us-isob-east-1.sc2s.sgov.gov", "iam-fips.us-isob-east-1.sc2s.sgov.gov",
			"iam.api.aws.scloud", "iam-fips.api.aws.scloud"},
		.iam_region = "us-isob-east-1",
	},
	{
		.id = "aws-iso-e",
		.roots = "eu-isoe",
		.global = "aws-iso-e-global",
		.implicit = "eu-isoe-west-1",
		.suffix = "cloud.adc-e.uk",
		.dualstack_suffix = "api.cloud-aws.adc-e.uk",
		.iam = {"iam.eu-isoe-west-1.cloud.adc-e.uk", "iam-fips.cloud.adc-e.uk",
			"iam.api.cloud-aws.adc-e.uk", "iam-fips.api.cloud-aws.adc-e.uk"},
		.iam_region = "eu-isoe-west-1",
	},
	{
		.id = "aws-iso-f",
		.roots = "us-isof",
		.global = "aws-iso-f-global",
		.implicit = "us-isof-south-1",
		.suffix = "csp.hci.ic.gov",
		.dualstack_suffix = "api.aws.hci.ic.gov",
		.iam = {"iam.us-isof-south-1.csp.hci.ic.gov", "iam-fips.csp.hci.ic.gov",
			"iam.api.aws.hci.ic.gov", "iam-fips.api.aws.hci.ic.gov"},
		.iam_region = "us-isof-south-1",
	},
	{
		.id = "aws-us-gov",
		.roots = "us-gov",
		.global = "aws-us-gov-global",
		.implicit = "us-gov-west-1",
		.suffix = "amazonaws.com",
		.dualstack_suffix = "api.aws",
		.iam = {"iam.us-gov.amazonaws.com", "iam.us-gov.amazonaws.com",
			"iam.us-gov.api.aws", "iam.us-gov.api.aws"},
		.iam_region = "us-gov-west-1",
	},
};

static const char digits[] = "0123456789";
static const char region_letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
static const char host_letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-._";

/* "^root-\w+-\d+$" */
static bool region_follows(const char *region, const char *root, size_t root_length)
{
	const char *at = region + root_length;

	if (strncmp(region, root, root_length) != 0 || *at++ != '-')
		return false;
	size_t word = strcspn(at, "-");
	if (word == 0 || at[word] != '-')
		return false;
	at += word + 1;
	return *at && text_only(at, digits);
}

static bool region_is_in(const char *region, const struct partition *partition)
{
	if (text_equal(region, partition->global))
		return true;
	for (const char *root = partition->roots; *root;) {
		size_t length = strcspn(root, " ");

		if (region_follows(region, root, length))
			return true;
		root += length + strspn(root + length, " ");
	}
	return false;
}

/* A Region that no partition knows is taken for a new one of the first. */
static const struct partition *partition_of(const char *region)
{
	for (size_t i = 0; i < sizeof(partitions) / sizeof(partitions[0]); i++) {
		if (region_is_in(region, &partitions[i]))
			return &partitions[i];
	}
	return &partitions[0];
}

/* It becomes a part of a host name, so it must be one. */
static bool is_region(const char *region)
{
	size_t length = strlen(region);

	return length > 0 && length < 64 && text_only(region, region_letters) && region[0] != '-' &&
	       region[length - 1] != '-' && !text_only(region, digits);
}

struct answer {
	char host[256];
	char signing_region[64];
};

static void iam_host(const struct partition *partition, const char *region, int variant,
		     struct answer *ret_answer)
{
	(void)region;
	snprintf(ret_answer->host, sizeof(ret_answer->host), "%s", partition->iam[variant]);
	snprintf(ret_answer->signing_region, sizeof(ret_answer->signing_region), "%s",
		 partition->iam_region);
}

/* NAME.REGION.SUFFIX. Where botocore would make a host name of a pseudo-Region that does not exist,
 * the Region meant. */
static void regional_host(const char *name, const struct partition *partition, const char *region,
			  int variant, struct answer *ret_answer)
{
	bool is_gov = strcmp(partition->id, "aws-us-gov") == 0;
	bool fips = variant == FIPS_DUALSTACK || (variant == FIPS && !is_gov);
	const char *real = text_equal(region, partition->global) ? partition->implicit : region;

	snprintf(ret_answer->host, sizeof(ret_answer->host), "%s%s.%s.%s", name,
		 fips ? "-fips" : "", real,
		 variant >= DUALSTACK ? partition->dualstack_suffix : partition->suffix);
	snprintf(ret_answer->signing_region, sizeof(ret_answer->signing_region), "%s", real);
}

static void sts_host(const struct partition *partition, const char *region, int variant,
		     struct answer *ret_answer)
{
	regional_host("sts", partition, region, variant, ret_answer);
	if (text_equal(region, partitions[0].global) && variant == PLAIN)
		snprintf(ret_answer->host, sizeof(ret_answer->host), "sts.amazonaws.com");
}

/* IAM Identity Center. */
static void portal_host(const struct partition *partition, const char *region, int variant,
			struct answer *ret_answer)
{
	regional_host("portal.sso", partition, region, variant, ret_answer);
}

static void oidc_host(const struct partition *partition, const char *region, int variant,
		      struct answer *ret_answer)
{
	regional_host("oidc", partition, region, variant, ret_answer);
}

/* Regional without exception: a pseudo-Region stands for the one that is meant by it. */
static void cloudtrail_host(const struct partition *partition, const char *region, int variant,
			    struct answer *ret_answer)
{
	bool is_gov = strcmp(region, "us-gov-east-1") == 0 || strcmp(region, "us-gov-west-1") == 0;
	bool is_fips = variant == FIPS_DUALSTACK || (variant == FIPS && !is_gov);
	const char *real = text_equal(region, partition->global) ? partition->implicit : region;
	const char *suffix = variant >= DUALSTACK ? partition->dualstack_suffix : partition->suffix;

	snprintf(ret_answer->host, sizeof(ret_answer->host), "cloudtrail%s.%s.%s",
		 is_fips ? "-fips" : "", real, suffix);
	snprintf(ret_answer->signing_region, sizeof(ret_answer->signing_region), "%s", real);
}

typedef void host_rule(const struct partition *partition, const char *region, int variant,
		       struct answer *ret_answer);

static const struct {
	const char *name;
	host_rule *rule;
} services[] = {
	{"iam", iam_host},    {"sts", sts_host},       {"cloudtrail", cloudtrail_host},
	{"sso", portal_host}, {"sso-oidc", oidc_host},
};

static host_rule *rule_of(const char *service)
{
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		if (strcmp(services[i].name, service) == 0)
			return services[i].rule;
	}
	return NULL;
}

/* A custom URL in its parts. */
struct url {
	bool is_tls;
	char host[256]; /* lower case, IPv6 in brackets */
	long port;	/* 0: the scheme's own */
	const char *path;
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static int bad(struct err *err, const char *url, const char *what)
{
	return err_set(err, ERR_USAGE, "endpoint URL '%s': %s", url, what);
}

static bool is_v6(const char *host, struct in6_addr *ret_address)
{
	char inner[INET6_ADDRSTRLEN];
	size_t length = strlen(host);

	if (length < 4 || length - 2 >= sizeof(inner) || host[0] != '[' || host[length - 1] != ']')
		return false;
	memcpy(inner, host + 1, length - 2);
	inner[length - 2] = '\0';
	return inet_pton(AF_INET6, inner, ret_address) == 1;
}

static bool is_host(const char *host)
{
	struct in6_addr v6;

	if (host[0] == '[')
		return is_v6(host, &v6);
	return *host && text_only(host, host_letters) && host[0] != '.' && host[0] != '-';
}

/* 127.0.0.1.example.org and 0177.1 are none: only what is surely here may go unencrypted. */
static bool is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (strcmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return is_v6(host, &v6) && IN6_IS_ADDR_LOOPBACK(&v6);
}

static bool has_scheme(const char *text, const char *scheme)
{
	for (; *scheme; scheme++, text++) {
		if (lower(*text) != *scheme)
			return false;
	}
	return true;
}

static int parse_scheme(const char **at, const char *text, struct url *url, struct err *err)
{
	static const struct {
		const char *text;
		bool is_tls;
	} schemes[] = {{"https://", true}, {"http://", false}};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (!has_scheme(text, schemes[i].text))
			continue;
		url->is_tls = schemes[i].is_tls;
		*at = text + strlen(schemes[i].text);
		return 0;
	}
	return bad(err, text, "begins neither with https:// nor with http://");
}

static int parse_port(const char *text, const char *port, struct url *url, struct err *err)
{
	if (text_parse_number(port, 1, 65535, &url->port) || !text_only(port, digits))
		return bad(err, text, "the port is no number from 1 to 65535");
	if (url->port == (url->is_tls ? 443 : 80))
		url->port = 0;
	return 0;
}

static int parse_authority(const char **at, const char *text, struct url *url, struct err *err)
{
	size_t length = strcspn(*at, "/");

	if (length >= sizeof(url->host))
		return bad(err, text, "the host name is too long");
	for (size_t i = 0; i < length; i++)
		url->host[i] = lower((*at)[i]);
	url->host[length] = '\0';
	*at += length;
	char *bracket = strrchr(url->host, ']');
	char *colon = strchr(bracket ? bracket : url->host, ':');
	if (colon)
		*colon = '\0';
	if (!is_host(url->host))
		return bad(err, text, "this is no host name");
	return colon ? parse_port(text, colon + 1, url, err) : 0;
}

static int parse_url(const char *text, struct url *ret_url, struct err *err)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789-._~:/[]!$&'()*+,;=%";
	const char *at = text;

	/* A password must not be repeated. */
	if (strchr(text, '@'))
		return err_set(err, ERR_USAGE, "endpoint URL: it holds a user name or '@'");
	if (strpbrk(text, "?#"))
		return bad(err, text, "holds a query or a fragment");
	if (!text_only(text, allowed))
		return bad(err, text, "holds a character that a URL cannot hold");
	if (parse_scheme(&at, text, ret_url, err) || parse_authority(&at, text, ret_url, err))
		return -1;
	ret_url->path = at;
	if (!ret_url->is_tls && !is_loopback(ret_url->host))
		return bad(err, text, "http is for this machine alone; use https");
	return 0;
}

static bool fits(int printed, size_t size)
{
	return printed >= 0 && (size_t)printed < size;
}

static int fill_custom(const struct endpoint_request *request, struct endpoint *endpoint,
		       struct err *err)
{
	struct url url = {0};
	char port[8] = "";

	if (request->fips || request->dualstack)
		return err_set(err, ERR_USAGE,
			       "FIPS and dual-stack endpoints cannot go with an endpoint URL");
	if (parse_url(request->url, &url, err))
		return -1;
	if (url.port)
		snprintf(port, sizeof(port), ":%ld", url.port);
	if (!fits(snprintf(endpoint->host, sizeof(endpoint->host), "%s%s", url.host, port),
		  sizeof(endpoint->host)) ||
	    !fits(snprintf(endpoint->path, sizeof(endpoint->path), "%s",
			   *url.path ? url.path : "/"),
		  sizeof(endpoint->path)) ||
	    !fits(snprintf(endpoint->url, sizeof(endpoint->url), "http%s://%s%s",
			   url.is_tls ? "s" : "", endpoint->host, endpoint->path),
		  sizeof(endpoint->url)))
		return bad(err, request->url, "is too long");
	return 0;
}

/* A custom URL that spells out a host of AWS's own for this service and Region is not custom. */
static bool is_own(const struct endpoint *endpoint, host_rule *rule,
		   const struct partition *partition, const char *region)
{
	struct answer answer;

	for (int variant = PLAIN; variant < VARIANT_COUNT; variant++) {
		rule(partition, region, variant, &answer);
		if (text_has_prefix(endpoint->url, "https://") &&
		    strcmp(endpoint->host, answer.host) == 0 && strcmp(endpoint->path, "/") == 0)
			return true;
	}
	return false;
}

int endpoint_resolve(const struct endpoint_request *request, struct endpoint *ret_endpoint,
		     struct err *err)
{
	const char *region = request->region ? request->region : partitions[0].global;
	int variant = (request->fips ? FIPS : PLAIN) + (request->dualstack ? DUALSTACK : PLAIN);
	host_rule *rule = rule_of(request->service);
	struct endpoint endpoint = {.path = "/"};
	struct answer answer;

	if (!rule)
		return err_set(err, ERR_USAGE, "no endpoint is known for '%s'", request->service);
	if (!is_region(region))
		return err_set(err, ERR_INPUT, "'%s' is not the name of a Region", region);
	const struct partition *partition = partition_of(region);
	rule(partition, region, variant, &answer);
	snprintf(endpoint.partition, sizeof(endpoint.partition), "%s", partition->id);
	memcpy(endpoint.signing_region, answer.signing_region, sizeof(endpoint.signing_region));
	if (request->url) {
		if (fill_custom(request, &endpoint, err))
			return -1;
		endpoint.custom = !is_own(&endpoint, rule, partition, region);
	} else {
		snprintf(endpoint.host, sizeof(endpoint.host), "%s", answer.host);
		snprintf(endpoint.url, sizeof(endpoint.url), "https://%s/", answer.host);
	}
	*ret_endpoint = endpoint;
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "cordon/endpoint.h"
#include "cordon/err.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* tests/live/test_endpoint_oracle.py asks botocore for all of them; here is one of each kind. */
static void test_own(void)
{
	static const struct {
		const char *service, *region;
		bool fips, dualstack;
		const char *host, *signing_region, *partition;
	} rows[] = {
		{"iam", NULL, 0, 0, "iam.amazonaws.com", "us-east-1", "aws"},
		{"iam", "eu-central-1", 0, 0, "iam.amazonaws.com", "us-east-1", "aws"},
		{"iam", "eu-central-1", 1, 0, "iam-fips.amazonaws.com", "us-east-1", "aws"},
		{"iam", "eu-central-1", 0, 1, "iam.global.api.aws", "us-east-1", "aws"},
		{"iam", "eu-central-1", 1, 1, "iam-fips.global.api.aws", "us-east-1", "aws"},
		{"iam", "aws-global", 0, 0, "iam.amazonaws.com", "us-east-1", "aws"},
		{"iam", "cn-northwest-1", 0, 0, "iam.cn-north-1.amazonaws.com.cn", "cn-north-1",
		 "aws-cn"},
		{"iam", "us-gov-east-1", 1, 0, "iam.us-gov.amazonaws.com", "us-gov-west-1",
		 "aws-us-gov"},
		{"iam", "us-iso-west-1", 0, 0, "iam.us-iso-east-1.c2s.ic.gov", "us-iso-east-1",
		 "aws-iso"},
		{"iam", "us-isob-east-1", 0, 1, "iam.api.aws.scloud", "us-isob-east-1",
		 "aws-iso-b"},
		{"iam", "eu-isoe-west-1", 1, 0, "iam-fips.cloud.adc-e.uk", "eu-isoe-west-1",
		 "aws-iso-e"},
		{"iam", "us-isof-south-1", 1, 1, "iam-fips.api.aws.hci.ic.gov", "us-isof-south-1",
		 "aws-iso-f"},
		{"iam", "eusc-de-east-1", 0, 0, "iam.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1",
		 "aws-eusc"},
		{"iam", "mars-east-1", 0, 0, "iam.amazonaws.com", "us-east-1", "aws"},
		{"sts", NULL, 0, 0, "sts.amazonaws.com", "us-east-1", "aws"},
		{"sts", "aws-global", 0, 0, "sts.amazonaws.com", "us-east-1", "aws"},
		{"sts", "aws-global", 1, 0, "sts-fips.us-east-1.amazonaws.com", "us-east-1", "aws"},
		{"sts", "us-east-1", 0, 0, "sts.us-east-1.amazonaws.com", "us-east-1", "aws"},
		{"sts", "mx-north-99", 0, 1, "sts.mx-north-99.api.aws", "mx-north-99", "aws"},
		{"sts", "us-gov-west-1", 1, 0, "sts.us-gov-west-1.amazonaws.com", "us-gov-west-1",
		 "aws-us-gov"},
		{"sts", "us-gov-west-1", 1, 1, "sts-fips.us-gov-west-1.api.aws", "us-gov-west-1",
		 "aws-us-gov"},
		{"sts", "cn-north-1", 0, 0, "sts.cn-north-1.amazonaws.com.cn", "cn-north-1",
		 "aws-cn"},
		{"sts", "aws-cn-global", 0, 0, "sts.cn-northwest-1.amazonaws.com.cn",
		 "cn-northwest-1", "aws-cn"},
		{"sts", "mars-east-1", 0, 0, "sts.mars-east-1.amazonaws.com", "mars-east-1", "aws"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct endpoint_request request = {rows[i].service, rows[i].region, NULL,
						   rows[i].fips, rows[i].dualstack};
		struct endpoint e = {.custom = true};
		struct err err = ERR_INIT;
		char url[300];

		INT_EQ(endpoint_resolve(&request, &e, &err), 0, "row %zu is found", i);
		snprintf(url, sizeof(url), "https://%s/", rows[i].host);
		STR_EQ(e.url, url, "%s: url", url);
		STR_EQ(e.host, rows[i].host, "%s: host", url);
		STR_EQ(e.path, "/", "%s: path", url);
		STR_EQ(e.signing_region, rows[i].signing_region, "%s: signed", url);
		STR_EQ(e.partition, rows[i].partition, "%s: partition", url);
		OK(!e.custom, "%s: AWS's own", url);
	}
}

static void test_custom(void)
{
	static const struct {
		const char *given, *url, *host, *path;
		bool custom;
	} rows[] = {
		{"https://Proxy.Example.ORG", "https://proxy.example.org/", "proxy.example.org",
		 "/", true},
		{"HTTPS://h/", "https://h/", "h", "/", true},
		{"https://h:443/A/b%20c", "https://h/A/b%20c", "h", "/A/b%20c", true},
		{"https://h:80/a/", "https://h:80/a/", "h:80", "/a/", true},
		{"http://localhost:5000", "http://localhost:5000/", "localhost:5000", "/", true},
		{"http://LOCALHOST:80", "http://localhost/", "localhost", "/", true},
		{"http://127.0.0.1:5000/x", "http://127.0.0.1:5000/x", "127.0.0.1:5000", "/x",
		 true},
		{"http://127.255.255.254", "http://127.255.255.254/", "127.255.255.254", "/", true},
		{"http://[::1]:8080", "http://[::1]:8080/", "[::1]:8080", "/", true},
		{"http://[0:0::0001]", "http://[0:0::0001]/", "[0:0::0001]", "/", true},
		{"https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443/", "[2001:db8::1]:8443",
		 "/", true},
		{"https://iam.amazonaws.com", "https://iam.amazonaws.com/", "iam.amazonaws.com",
		 "/", false},
		{"https://IAM-fips.amazonaws.com:443/", "https://iam-fips.amazonaws.com/",
		 "iam-fips.amazonaws.com", "/", false},
		{"https://iam.amazonaws.com:8443", "https://iam.amazonaws.com:8443/",
		 "iam.amazonaws.com:8443", "/", true},
		{"https://iam.amazonaws.com/x", "https://iam.amazonaws.com/x", "iam.amazonaws.com",
		 "/x", true},
		{"https://iam.amazonaws.com.example.org", "https://iam.amazonaws.com.example.org/",
		 "iam.amazonaws.com.example.org", "/", true},
		{"https://sts.amazonaws.com", "https://sts.amazonaws.com/", "sts.amazonaws.com",
		 "/", true},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct endpoint_request request = {.service = "iam", .url = rows[i].given};
		struct endpoint e = {0};
		struct err err = ERR_INIT;

		INT_EQ(endpoint_resolve(&request, &e, &err), 0, "%s is taken", rows[i].given);
		STR_EQ(e.url, rows[i].url, "%s: url", rows[i].given);
		STR_EQ(e.host, rows[i].host, "%s: host", rows[i].given);
		STR_EQ(e.path, rows[i].path, "%s: path", rows[i].given);
		STR_EQ(e.signing_region, "us-east-1", "%s: signed", rows[i].given);
		OK(e.custom == rows[i].custom, "%s: custom", rows[i].given);
	}
}

static void test_custom_region(void)
{
	static const struct {
		const char *service, *region, *want;
	} rows[] = {
		{"iam", "eu-west-1", "us-east-1"},
		{"iam", "cn-northwest-1", "cn-north-1"},
		{"sts", "eu-west-1", "eu-west-1"},
		{"sts", NULL, "us-east-1"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct endpoint_request request = {rows[i].service, rows[i].region,
						   "http://localhost:5000", false, false};
		struct endpoint e = {0};
		struct err err = ERR_INIT;

		INT_EQ(endpoint_resolve(&request, &e, &err), 0, "%s is found", rows[i].service);
		STR_EQ(e.signing_region, rows[i].want, "%s: signed", rows[i].service);
	}
}

static void test_refused(void)
{
	static const struct {
		const char *url;
		bool fips, dualstack;
	} rows[] = {
		{"", 0, 0},
		{"iam.amazonaws.com", 0, 0},
		{"ftp://h/", 0, 0},
		{"file:///etc/passwd", 0, 0},
		{"https://", 0, 0},
		{"https:///x", 0, 0},
		{"https://user@h/", 0, 0},
		{"https://user:secret@h/", 0, 0},
		{"https://h/a@b", 0, 0},
		{"https://h/?x=1", 0, 0},
		{"https://h?x", 0, 0},
		{"https://h/#f", 0, 0},
		{"https://h/a b", 0, 0},
		{"https://h/\n", 0, 0},
		{"https://h\r\nX: y/", 0, 0},
		{"https://h\t/", 0, 0},
		{"https://h\\evil/", 0, 0},
		{"https://\303\244.example/", 0, 0},
		{"https://h%2eexample/", 0, 0},
		{"https://.h/", 0, 0},
		{"https://-h/", 0, 0},
		{"https://h:/", 0, 0},
		{"https://h:0/", 0, 0},
		{"https://h:65536/", 0, 0},
		{"https://h:-1/", 0, 0},
		{"https://h:+1/", 0, 0},
		{"https://h:80:90/", 0, 0},
		{"https://h:1x/", 0, 0},
		{"https://[::1/", 0, 0},
		{"https://::1/", 0, 0},
		{"https://[]/", 0, 0},
		{"https://[::g]/", 0, 0},
		{"https://[::1]x/", 0, 0},
		{"https://[fe80::1%25eth0]/", 0, 0},
		{"http://iam.amazonaws.com/", 0, 0},
		{"http://127.0.0.1.example.org/", 0, 0},
		{"http://localhost.example.org/", 0, 0},
		{"http://127.1/", 0, 0},
		{"http://0177.0.0.1/", 0, 0},
		{"http://2130706433/", 0, 0},
		{"http://126.0.0.1/", 0, 0},
		{"http://0.0.0.0/", 0, 0},
		{"http://[::]/", 0, 0},
		{"http://[::2]/", 0, 0},
		{"http://[::ffff:127.0.0.1]/", 0, 0},
		{"http://169.254.169.254/", 0, 0},
		{"https://h/", 1, 0},
		{"https://h/", 0, 1},
		{"https://h/", 1, 1},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct endpoint_request request = {"iam", "us-east-1", rows[i].url, rows[i].fips,
						   rows[i].dualstack};
		struct endpoint e = {.url = "untouched"};
		struct err err = ERR_INIT;

		INT_EQ(endpoint_resolve(&request, &e, &err), -1, "%zu is refused", i);
		INT_EQ(err.code, ERR_USAGE, "%zu: usage", i);
		STR_EQ(e.url, "untouched", "%zu: nothing is written", i);
		OK(!strstr(err.message, "secret"), "%zu: no password is shown", i);
	}
}

static void test_lengths(void)
{
	static const struct {
		const char *name, *before, *after;
		int length;
		int want;
	} rows[] = {
		{"host that fits", "https://", "/", 255, 0},
		{"host that does not", "https://", "/", 256, -1},
		{"path that fits", "https://h/", "", 254, 0},
		{"path that does not", "https://h/", "", 255, -1},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char middle[300];
		char url[400];
		struct endpoint_request request = {.service = "iam", .url = url};
		struct endpoint e = {0};
		struct err err = ERR_INIT;

		memset(middle, 'a', (size_t)rows[i].length);
		middle[rows[i].length] = '\0';
		snprintf(url, sizeof(url), "%s%s%s", rows[i].before, middle, rows[i].after);
		INT_EQ(endpoint_resolve(&request, &e, &err), rows[i].want, "%s", rows[i].name);
	}
}

static void test_bad_names(void)
{
	static const struct {
		const char *service, *region;
		enum err_code want;
	} rows[] = {
		{"s3", "us-east-1", ERR_USAGE},
		{"iam", "", ERR_INPUT},
		{"sts", "us-east-1.example.org/", ERR_INPUT},
		{"sts", "us east 1", ERR_INPUT},
		{"sts", "us-east-1 # comment", ERR_INPUT},
		{"sts", "US-EAST-1", ERR_INPUT},
		{"sts", "-us-east-1", ERR_INPUT},
		{"sts", "us-east-1-", ERR_INPUT},
		{"sts", "12345", ERR_INPUT},
		{"sts", "us-east-1\n", ERR_INPUT},
		{"sts", "a123456789012345678901234567890123456789012345678901234567890123",
		 ERR_INPUT},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct endpoint_request request = {.service = rows[i].service,
						   .region = rows[i].region};
		struct endpoint e;
		struct err err = ERR_INIT;

		INT_EQ(endpoint_resolve(&request, &e, &err), -1, "name %zu is refused", i);
		INT_EQ(err.code, rows[i].want, "name %zu: code", i);
	}
}

int main(void)
{
	test_own();
	test_custom();
	test_custom_region();
	test_refused();
	test_lengths();
	test_bad_names();
	return tap_done();
}

# SPDX-License-Identifier: Apache-2.0
# cordon. GNU make 4.3. Every path and tool below may be overridden; B= names the build folder.
NAME     := cordon
VERSION  := 0.1.0
PREFIX   ?= /usr/local
BINDIR   ?= $(PREFIX)/bin
DATADIR  ?= $(PREFIX)/share
MANDIR   ?= $(DATADIR)/man
COMPLETIONS ?= $(DATADIR)/bash-completion/completions
B        ?= build
VENV     ?= $(B)/venv
CFLAGS   ?= -O2 -g
SECS     ?= 60
INSTALL  ?= install
PYTHON   ?= python3
PKG_CONFIG   ?= pkg-config
CLANG_FORMAT ?= clang-format-14
JOBS     := $(shell nproc)

# What `make deps` installs: the build, then what only tests, lint, fuzz and coverage need.
DEPS := gcc libc6-dev libcurl4-openssl-dev libjansson-dev libssl-dev libxml2-dev make pkgconf zlib1g-dev \
	bash ca-certificates clang-14 clang-format-14 cppcheck gcovr git libclang-rt-14-dev mandoc \
	perl python3-venv
# Debian builds ISA-L for these two.
DEPS += $(if $(filter x86_64 aarch64,$(shell uname -m)),libisal-dev)

# Inflates some times as fast as zlib; without it (ISAL=) all works the same.
ISAL ?= $(shell $(PKG_CONFIG) --exists libisal 2>/dev/null && echo libisal)

# Required flags live in ALL_*, so that "make CFLAGS=..." never loses them.
PKGS := libcurl jansson libcrypto libxml-2.0 zlib $(ISAL)
PKG_CPPFLAGS := $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null))
PKG_LIBS  := $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null) -lm
PURE_LIBS := $(shell $(PKG_CONFIG) --libs $(filter-out libcurl,$(PKGS)) 2>/dev/null) -lm

# A flag, if the compiler knows it.
try  = $(shell $(CC) -Werror $(1) -O2 -x c -c /dev/null -o /dev/null 2>/dev/null && echo '$(1)')
WARN := -Wall -Wextra -Wformat=2 -Wconversion -Wsign-conversion -Wshadow -Wvla -Wundef \
	-Wwrite-strings -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes \
	-Wimplicit-fallthrough -Wdate-time -Werror=format-security -Werror=implicit \
	-Werror=incompatible-pointer-types -Werror=int-conversion \
	$(foreach f,-Wlogical-op -Wduplicated-cond -Wtrampolines -Wbidi-chars=any,$(call try,$f))
HARD := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fPIE \
	-fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing \
	$(foreach f,-fstack-clash-protection -fcf-protection=full -mbranch-protection=standard \
	-fzero-call-used-regs=used -fstrict-flex-arrays=3 -ftrivial-auto-var-init=zero,$(call try,$f))
HARDLD := -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed
ALL_CPPFLAGS = -std=gnu11 -D_GNU_SOURCE -DCORDON_VERSION='"$(VERSION)"' -Iinclude \
	$(PKG_CPPFLAGS) $(if $(ISAL),-DHAVE_ISAL) $(CPPFLAGS)
ALL_CFLAGS   = $(WARN) $(HARD) -ffile-prefix-map=$(CURDIR)=. $(CFLAGS) $(SAN)
ALL_LDFLAGS  = $(HARDLD) $(LDFLAGS) $(SAN)
COMPILE      = $(call quiet,CC)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS)
LINK         = $(call quiet,LD)$(CC) $(CFLAGS) $(ALL_LDFLAGS)
# Whole commands are shown with V=1.
quiet = $(if $(V),,@echo '  $(1) $@';)

# The rooms. The pure ones know no network; the linker and tests/lint/pure.sh hold them to it.
src  = $(sort $(foreach room,$(1),$(wildcard src/$(room)/*.c)))
objs = $(patsubst %.c,$(B)/%.o,$(call src,$(1)))
PURE_ROOMS := base policy account reach playbook trail report
PURE := $(call objs,$(PURE_ROOMS)) $(B)/embedded_files.o
AWS  := $(call objs,aws)
AWS_PURE := $(filter %/sigv4.o %/endpoint.o %/ini.o %/rate.o %/words.o %/credentials_read.o \
	$(B)/src/aws/query_%.o,$(AWS))
ALL  := $(PURE) $(AWS) $(call objs,run cli)
NO_MAIN := $(filter-out $(B)/src/cli/main.o,$(ALL))
EMBED := $(sort $(shell find playbooks src -name '*.json' -o -path 'src/*.tsv' -o -path 'src/*.css'))

# Unit tests: t_* stand on the pure rooms, a_* on aws too. SAN_OBJ is for `make asan` alone.
named = $(patsubst tests/$(1)/%.c,%,$(sort $(wildcard tests/$(1)/$(2)_*.c)))
UNIT_PURE := $(addprefix $(B)/t/,$(call named,unit,t))
UNIT_AWS  := $(addprefix $(B)/t/,$(call named,unit,a))
UNIT := $(UNIT_PURE) $(UNIT_AWS)
DRIVERS := $(patsubst tests/driver/%.c,$(B)/t/driver_%,$(sort $(wildcard tests/driver/*.c)))
FUZZ := $(call named,fuzz,f)
REPLAY := $(FUZZ:%=$(B)/replay/%)
HEADERS := $(sort $(wildcard include/$(NAME)/*.h))
FORMATTED := $(HEADERS) $(sort $(wildcard src/*/*.[ch] tests/*.[ch] tests/*/*.[ch]))

all: $(B)/$(NAME)
$(B)/$(NAME): $(ALL) $(SAN_OBJ)
	$(LINK) -o $@ $^ $(PKG_LIBS) $(LDLIBS)
$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -c -o $@ $<
$(B)/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	$(COMPILE) -Itests -MMD -MP -c -o $@ $<
$(B)/embedded_files.o: $(B)/embedded_files.c
	$(COMPILE) -MMD -MP -c -o $@ $<
$(B)/embedded_files.c: src/base/embed.sh $(EMBED) $(B)/embedded.list
	$(call quiet,GEN)sh src/base/embed.sh $(EMBED) >$@
# Rewritten only when a file came or went, which time stamps would not show.
$(B)/embedded.list: always
	@mkdir -p $(@D)
	@echo '$(EMBED)' | cmp -s - $@ || echo '$(EMBED)' >$@
# Tests link archives, and so only what they reach.
$(B)/pure.a: $(PURE) $(AWS_PURE)
$(B)/rest.a: $(filter-out $(AWS_PURE) $(PURE),$(NO_MAIN))
$(B)/pure.a $(B)/rest.a:
	@rm -f $@
	$(call quiet,AR)$(AR) rcsD $@ $^
$(UNIT_PURE): $(B)/t/%: $(B)/tests/unit/%.o $(SAN_OBJ) $(B)/pure.a
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(PURE_LIBS) $(LDLIBS)
# Programs that tests/live feeds with JSON lines, to hold pure code against botocore.
$(DRIVERS): $(B)/t/driver_%: $(B)/tests/driver/%.o $(SAN_OBJ) $(B)/pure.a
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(PURE_LIBS) $(LDLIBS)
$(UNIT_AWS): $(B)/t/%: $(B)/tests/unit/%.o $(SAN_OBJ) $(B)/rest.a $(B)/pure.a
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(PKG_LIBS) $(LDLIBS)
$(REPLAY): $(B)/replay/%: $(B)/tests/fuzz/%.o $(B)/tests/fuzz/replay.o $(SAN_OBJ) \
		$(B)/rest.a $(B)/pure.a
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(PKG_LIBS) $(LDLIBS)
$(FUZZ:%=$(B)/fuzz/%): $(B)/fuzz/%: $(B)/tests/fuzz/%.o $(B)/rest.a $(B)/pure.a
	@mkdir -p $(@D)
	$(LINK) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS) $(LDLIBS)

# Tests. check: no network, no Python. test: everything, installing what is missing first. A program
# that hangs is a failure with a name.
check: unit cli replay
unit: $(UNIT)
	prove -f -j$(JOBS) -e 'timeout 600' $(UNIT)
cli: $(B)/$(NAME)
	PROG=$(abspath $(B)/$(NAME)) prove -f -j$(JOBS) -e 'timeout 600' $(sort $(wildcard tests/cli/t_*.sh))
replay: $(REPLAY)
	@for f in $(FUZZ); do $(B)/replay/$$f tests/fuzz/corpus/$$f || exit 1; done
live: $(B)/$(NAME) $(DRIVERS) $(VENV)/stamp
	CORDON=$(abspath $(B)/$(NAME)) CORDON_DRIVERS=$(abspath $(B)/t) \
		$(VENV)/bin/python -m pytest -q -n $(JOBS) --dist loadfile tests/live $(PYTEST_ARGS)
# Each call of each shipped playbook goes wrong in each way: hours on a small machine. SHARE=N: one
# point in N.
torture: $(B)/$(NAME) $(VENV)/stamp
	CORDON=$(abspath $(B)/$(NAME)) CORDON_TORTURE=$(or $(SHARE),1) \
		$(VENV)/bin/python -m pytest -q -n $(JOBS) tests/live/test_torture.py $(PYTEST_ARGS)
test:
	$(MAKE) deps
	$(MAKE) check
	$(MAKE) live

# The Python packages of the live tests, and of the bench, made once; nothing outside the pinned
# hashes gets in.
$(VENV)/stamp: tests/live/requirements.txt
$(B)/bench-venv/stamp: tests/bench/requirements.txt
$(VENV)/stamp $(B)/bench-venv/stamp:
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r $< || { echo 'the packages of $< are needed' >&2; exit 1; }
	touch $@

# Decisions and speed beside another evaluator, pinned, which runs as a program of its own (node, npm).
ORACLE_ROWS ?= 5000
$(B)/oracle/stamp: tests/oracle/package.json tests/oracle/package-lock.json tests/oracle/oracle.mjs
	@command -v npm >/dev/null || { echo 'make oracle needs node and npm' >&2; exit 1; }
	rm -rf $(@D)
	mkdir -p $(@D)
	cp $^ $(@D)
	cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@
oracle: $(B)/$(NAME) $(B)/oracle/stamp
	@for seed in 1 2 3; do \
		$(PYTHON) tests/oracle/rows.py $$seed $(ORACLE_ROWS) >$(B)/oracle/rows && \
		$(B)/$(NAME) evaluate <$(B)/oracle/rows >$(B)/oracle/ours && \
		node $(B)/oracle/oracle.mjs <$(B)/oracle/rows >$(B)/oracle/theirs && \
		$(PYTHON) tests/oracle/compare.py $(B)/oracle/rows $(B)/oracle/ours \
			$(B)/oracle/theirs || exit 1; done
$(B)/t/bench_evaluate: $(B)/t/bench_%: $(B)/tests/bench/%.o $(SAN_OBJ) $(B)/pure.a
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(PURE_LIBS) $(LDLIBS)
bench: bench-evaluate bench-triage bench-contain
bench-evaluate: $(B)/t/bench_evaluate
	@tests/bench/evaluate.sh $< $(B)/oracle
# jq is needed only here, so `make deps` does not bring it.
bench-triage: all
	@tests/bench/triage.sh $(abspath $(B)/$(NAME)) $(BENCH_MB)
# boto3 and the AWS CLI, pinned, in a virtual environment of their own. Minutes, most of them the CLI's.
bench-contain: all $(B)/bench-venv/stamp
	@PYTHONDONTWRITEBYTECODE=1 $(B)/bench-venv/bin/python tests/bench/contain.py $(B)/$(NAME) \
		$(BENCH_ROUNDS)

ASAN := B=build-asan HARD= HARDLD= CFLAGS='-O1 -g -fno-omit-frame-pointer' \
	SAN='-fsanitize=address,undefined -fno-sanitize-recover=all' SAN_OBJ=build-asan/tests/asan.o
asan:
	$(MAKE) $(ASAN) check
	$(MAKE) $(ASAN) VENV=$(VENV) live
coverage:
	$(MAKE) B=build-coverage HARD= HARDLD= CFLAGS='-O0 -g' SAN=--coverage check
	gcovr -r . --object-directory build-coverage -f src/
fuzz:
	$(MAKE) B=build-fuzz CC=clang-14 HARD= HARDLD= CFLAGS='-O1 -g -fno-omit-frame-pointer' \
		SAN='-fsanitize=address,undefined,fuzzer-no-link' run-fuzz
run-fuzz: $(FUZZ:%=$(B)/fuzz/%)
	@for f in $(FUZZ); do mkdir -p $(B)/corpus/$$f && \
		$(B)/fuzz/$$f -max_total_time=$(SECS) -timeout=10 -verbosity=0 \
		-print_final_stats=1 -artifact_prefix=$(B)/ \
		$(B)/corpus/$$f tests/fuzz/corpus/$$f || exit 1; done
analyze:
	$(MAKE) B=build-analyze CC=gcc CFLAGS='-O1 -g -fanalyzer -Werror' all

lint: all
	@echo "  LINT $(words $(FORMATTED)) files"
	@$(CLANG_FORMAT) --dry-run -Werror $(FORMATTED)
	@sh tests/lint/pure.sh $(filter-out %/base/file.o,$(PURE)) $(AWS_PURE)
	@sh tests/lint/banned.sh $(ALL)
	@sh tests/lint/arrows.sh
	@sh tests/lint/functions.sh $(filter src/%.c,$(FORMATTED))
	@for h in $(HEADERS); do \
		$(CC) $(ALL_CPPFLAGS) $(WARN) -Werror -fsyntax-only -x c $$h || exit 1; done
	@cppcheck -q --error-exitcode=1 --inline-suppr --enable=warning,portability --std=c11 \
		--suppress=memleak --suppress=resourceLeak --suppress=missingInclude \
		--suppress=varFuncNullUB --library=tests/lint/cppcheck.cfg \
		-D_GNU_SOURCE -Iinclude src
	@mandoc -Tlint -Wwarning man/*
fmt:
	@$(CLANG_FORMAT) -i $(FORMATTED)

demo:
	$(MAKE) deps
	$(MAKE) all
	tests/demo.sh $(abspath $(B)/$(NAME))

# dpkg-query answers at once where nothing is missing.
deps:
	@missing=$$(for p in $(DEPS); do \
		dpkg-query -W -f='$${Status}\n' $$p 2>/dev/null | grep -q '^install ok' || echo $$p; \
	done | tr '\n' ' '); \
	[ -n "$$missing" ] || exit 0; \
	install="env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends"; \
	if [ "$$(id -u)" = 0 ]; then apt-get update && $$install $$missing; \
	elif sudo -n true 2>/dev/null; then sudo -n apt-get update && sudo -n $$install $$missing; \
	else echo "run as root: apt-get install $$missing" >&2; exit 1; fi

install: all
	$(INSTALL) -D -m 0755 $(B)/$(NAME) $(DESTDIR)$(BINDIR)/$(NAME)
	for m in man/*.[1-9]; do \
		$(INSTALL) -D -m 0644 $$m $(DESTDIR)$(MANDIR)/man$${m##*.}/$${m##*/} || exit 1; done
	$(INSTALL) -D -m 0644 completions/$(NAME).bash $(DESTDIR)$(COMPLETIONS)/$(NAME)
	for f in $(filter playbooks/%,$(EMBED)); do \
		$(INSTALL) -D -m 0644 $$f $(DESTDIR)$(DATADIR)/$(NAME)/$$f || exit 1; done
uninstall:
	rm -f $(DESTDIR)$(BINDIR)/$(NAME) $(DESTDIR)$(COMPLETIONS)/$(NAME)
	for m in man/*.[1-9]; do rm -f $(DESTDIR)$(MANDIR)/man$${m##*.}/$${m##*/}; done
	rm -rf $(DESTDIR)$(DATADIR)/$(NAME)
dist:
	git archive --format=tar.gz --prefix=$(NAME)-$(VERSION)/ -o $(NAME)-$(VERSION).tar.gz HEAD
clean:
	rm -rf $(B) build-*

.PHONY: all always analyze asan bench bench-contain bench-evaluate bench-triage check clean cli \
	coverage demo deps dist fmt fuzz install lint live oracle replay run-fuzz test torture uninstall unit
.DELETE_ON_ERROR:
-include $(ALL:.o=.d) $(wildcard $(B)/tests/*/*.d)

# make          build build/ngx_http_scrape_module.so, build/scraped and
#               build/scrapectl
# make run      install what is missing, build, and scrape a demo page
# make test     install what is missing, build, and run every suite
# make test-debian13  the same against Debian 13's nginx; as root, takes long
# make bench    the figures, as JSON lines; ONLY=front|extract|jobs|held|queue
#               is a part of them, MILLIONS=10 the length of the queue
# make fuzz     libFuzzer over what reads input; SECONDS=60 for each target
# make coverage what the suites reach of the lines and branches
# make soak     a mixed load at 80 % of capacity; MINUTES=30
# make install  into DESTDIR; module for nginx, scraped, units, examples,
#               scrapectl with its man page and completions, docs
# make clean
#
# PORT=8080 and DIR=./run are where `make run` serves and keeps its state.
# SANITIZE=address,undefined builds all of it that way, into its own folder.

CC       ?= gcc
CFLAGS   ?= -O2 -g
PORT     ?= 8080
DIR      ?= ./run
PREFIX   ?= /usr
SANITIZE ?=

BUILD    := build$(if $(SANITIZE),/sanitize)

ifneq ($(SANITIZE),)
SAN_CFLAGS  := -fsanitize=$(SANITIZE) -fno-omit-frame-pointer \
               -fno-sanitize-recover=undefined
SAN_LDFLAGS := -fsanitize=$(SANITIZE)
else
HARDEN      := -fstack-protector-strong -D_FORTIFY_SOURCE=2
SAN_LDFLAGS := -Wl,-z,relro -Wl,-z,now
endif

LIBRARIES  := libxml-2.0 libcurl libcares jansson sqlite3 inih libidn2 \
              libcrypto zlib libpcre2-8 gumbo uchardet libseccomp libpsl \
              libsystemd libbrotlidec libzstd
PKG_CFLAGS  = $(shell pkg-config --cflags $(LIBRARIES))
PKG_LIBS    = $(shell pkg-config --libs $(LIBRARIES)) -lpthread -lm

WARNINGS   := -Wall -Wextra -Werror
ALL_CFLAGS  = -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -fPIC -I. $(HARDEN) \
              $(SAN_CFLAGS) $(CFLAGS) $(PKG_CFLAGS) -MMD -MP

COMMON_SRC  := $(wildcard common/*.c common/*/*.c)
SIDECAR_SRC := $(wildcard sidecar/*/*.c)
MODULE_SRC  := $(wildcard ngx_module/*.[ch] common/*.[ch] common/*/*.[ch])

COMMON_OBJ  := $(COMMON_SRC:%.c=$(BUILD)/obj/%.o)
SIDECAR_OBJ := $(SIDECAR_SRC:%.c=$(BUILD)/obj/%.o)

.PHONY: all run test test-debian13 bench install clean check

all: $(BUILD)/ngx_http_scrape_module.so $(BUILD)/scraped $(BUILD)/scrapectl

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c $< -o $@

$(BUILD)/libscraped.a: $(COMMON_OBJ) $(SIDECAR_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/scraped: $(BUILD)/obj/sidecar/main.o $(BUILD)/libscraped.a
	$(CC) $(SAN_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/scrapectl: $(BUILD)/obj/sidecar/scrapectl.o $(BUILD)/libscraped.a
	$(CC) $(SAN_LDFLAGS) -o $@ $^ $(PKG_LIBS)

# one that is in use stays whole: a new file takes its place
$(BUILD)/ngx_http_scrape_module.so: config mk/module.sh $(MODULE_SRC)
	@mkdir -p $(@D)
	+mk/module.sh $(BUILD)/nginx "$(CFLAGS) -fPIC $(HARDEN) $(SAN_CFLAGS)" \
	    "$(SAN_LDFLAGS) -fPIC"
	cp $(BUILD)/nginx/ngx_http_scrape_module.so $@.new
	mv -f $@.new $@

run:
	@mk/deps.sh run
	@$(MAKE) -s --no-print-directory all
	@mk/run.sh $(DIR) $(PORT)

test:
	@mk/deps.sh test
	@$(MAKE) -s --no-print-directory check

# in a system of its own, in the folder DEBIAN13 if that is given
test-debian13:
	@tests/debian13.sh $(DEBIAN13)

bench:
	@mk/deps.sh bench
	@$(MAKE) -s --no-print-directory all $(BUILD)/tests/bench/floor \
	    $(BUILD)/tests/bench/fetch $(BUILD)/tests/bench/late \
	    $(BUILD)/tests/bench/handover $(BUILD)/tests/bench/alone \
	    $(BUILD)/tests/origin/origin
	@ONLY=$(ONLY) MILLIONS=$(MILLIONS) tests/bench/run.sh $(BUILD)

include tests/tests.mk

install: all
	install -D -m 644 $(BUILD)/ngx_http_scrape_module.so \
	    $(DESTDIR)$(PREFIX)/lib/nginx/modules/ngx_http_scrape_module.so
	install -D -m 755 $(BUILD)/scraped $(DESTDIR)$(PREFIX)/sbin/scraped
	install -D -m 644 conf/scraped.service \
	    $(DESTDIR)$(PREFIX)/lib/systemd/system/scraped.service
	install -D -m 644 conf/scraped.socket \
	    $(DESTDIR)$(PREFIX)/lib/systemd/system/scraped.socket
	install -D -m 644 conf/scraped.logrotate \
	    $(DESTDIR)/etc/logrotate.d/scraped
	test -e $(DESTDIR)/etc/scraped/scraped.conf || install -D -m 644 \
	    conf/scraped.conf $(DESTDIR)/etc/scraped/scraped.conf
	test -e $(DESTDIR)/etc/scraped/rules/product.conf || install -D -m 644 \
	    conf/rules/product.conf $(DESTDIR)/etc/scraped/rules/product.conf
	install -D -m 644 conf/mod-http-scrape.conf \
	    $(DESTDIR)$(PREFIX)/share/nginx/modules-available/mod-http-scrape.conf
	install -D -m 644 conf/nginx.conf \
	    $(DESTDIR)$(PREFIX)/share/doc/scraped/examples/nginx.conf
	install -m 644 docs/*.md $(DESTDIR)$(PREFIX)/share/doc/scraped
	install -D -m 755 $(BUILD)/scrapectl $(DESTDIR)$(PREFIX)/bin/scrapectl
	install -D -m 644 docs/man/scrapectl.1 \
	    $(DESTDIR)$(PREFIX)/share/man/man1/scrapectl.1
	install -D -m 644 conf/completion/scrapectl.bash \
	    $(DESTDIR)$(PREFIX)/share/bash-completion/completions/scrapectl
	install -D -m 644 conf/completion/_scrapectl \
	    $(DESTDIR)$(PREFIX)/share/zsh/vendor-completions/_scrapectl

clean:
	rm -rf build

-include $(COMMON_OBJ:.o=.d) $(SIDECAR_OBJ:.o=.d) \
         $(BUILD)/obj/sidecar/main.d $(BUILD)/obj/sidecar/scrapectl.d

# The suites.  A file tests/unit/test_*.c or tests/integration/test_*.c is a
# program of its own; tests/support/ is linked into all of them.  Those of
# tests/replay/ have its fakes before the library, in place of the real parts.

TEST_CFLAGS  = $(shell pkg-config --cflags check)
TEST_LIBS    = $(shell pkg-config --libs check libssl) $(PKG_LIBS)

UNIT_SRC    := $(wildcard tests/unit/test_*.c)
REPLAY_SRC  := $(wildcard tests/replay/test_*.c)
FAKE_SRC    := $(filter-out $(REPLAY_SRC),$(wildcard tests/replay/*.c))
INTEG_SRC   := $(wildcard tests/integration/test_*.c)
PROOFS      := torture load hostile access
PROOF_SRC   := $(wildcard $(PROOFS:%=tests/%/test_*.c))
SOAK_SRC    := $(wildcard tests/load/soak*.c)
PROVING_SRC := $(filter-out $(PROOF_SRC) $(SOAK_SRC),$(wildcard $(PROOFS:%=tests/%/*.c)))
FAULTS_SRC  := $(wildcard tests/faults/test_*.c)
FAULT_SRC   := $(filter-out $(FAULTS_SRC),$(wildcard tests/faults/*.c))
STYLE_SRC   := $(wildcard tests/style/test_*.c)
FUZZ_SRC    := $(wildcard tests/fuzz/fuzz_*.c)
FUZZING_SRC := $(filter-out $(FUZZ_SRC) tests/fuzz/entry.c \
                            tests/fuzz/test_replay.c,\
                            $(wildcard tests/fuzz/*.c))
SUPPORT_SRC := $(wildcard tests/support/*.c)
ORIGIN_SRC  := $(wildcard tests/origin/*.c)

PROVING_OBJ := $(PROVING_SRC:%.c=$(BUILD)/obj/%.o)
SUPPORT_OBJ := $(SUPPORT_SRC:%.c=$(BUILD)/obj/%.o)
FAULT_OBJ   := $(FAULT_SRC:%.c=$(BUILD)/obj/%.o)
FAKE_OBJ    := $(FAKE_SRC:%.c=$(BUILD)/obj/%.o)
ORIGIN_OBJ  := $(ORIGIN_SRC:%.c=$(BUILD)/obj/%.o)

UNIT        := $(UNIT_SRC:%.c=$(BUILD)/%)
REPLAY      := $(REPLAY_SRC:%.c=$(BUILD)/%)
INTEG       := $(INTEG_SRC:%.c=$(BUILD)/%)
PROOF       := $(PROOF_SRC:%.c=$(BUILD)/%)
FAULTS      := $(FAULTS_SRC:%.c=$(BUILD)/%)
STYLE       := $(STYLE_SRC:%.c=$(BUILD)/%)
FUZZ        := $(FUZZ_SRC:%.c=$(BUILD)/%)
FUZZ_OBJ    := $(FUZZ_SRC:%.c=$(BUILD)/obj/%.o)
FUZZING_OBJ := $(FUZZING_SRC:%.c=$(BUILD)/obj/%.o)
FUZZ_REPLAY := $(BUILD)/tests/fuzz/test_replay
ORIGIN      := $(BUILD)/tests/origin/origin

$(BUILD)/obj/tests/%.o: ALL_CFLAGS += $(TEST_CFLAGS)

$(UNIT) $(INTEG) $(STYLE): $(BUILD)/%: $(BUILD)/obj/%.o $(SUPPORT_OBJ) \
                           $(BUILD)/libscraped.a
	@mkdir -p $(@D)
	$(CC) $(SAN_LDFLAGS) -o $@ $^ $(TEST_LIBS)

# what its folder has besides is linked into each; the sign itself would be
# taken for the rule's stem
ANY         := %
.SECONDEXPANSION:
$(PROOF): $(BUILD)/%: $(BUILD)/obj/%.o \
          $$(filter $(BUILD)/obj/$$(dir $$*)$$(ANY),$(PROVING_OBJ)) \
          $(SUPPORT_OBJ) $(BUILD)/libscraped.a
	@mkdir -p $(@D)
	$(CC) $(SAN_LDFLAGS) -o $@ $^ $(TEST_LIBS)

# a mixed load for MINUTES, at 80 % of what the machine can do
$(BUILD)/tests/load/soak: $(SOAK_SRC:%.c=$(BUILD)/obj/%.o) $(SUPPORT_OBJ) \
                          $(BUILD)/libscraped.a
	@mkdir -p $(@D)
	$(CC) $(SAN_LDFLAGS) -o $@ $^ $(TEST_LIBS)

$(REPLAY): $(BUILD)/%: $(BUILD)/obj/%.o $(FAKE_OBJ) $(SUPPORT_OBJ) \
                       $(BUILD)/libscraped.a
	@mkdir -p $(@D)
	$(CC) $(SAN_LDFLAGS) -o $@ $^ $(TEST_LIBS)

# The library as it is, but that others' functions which may fail are asked
# through tests/faults/; those named after the fakes have them, too.
$(BUILD)/tests/faults/libfaulty.a: $(BUILD)/libscraped.a tests/faults/calls.txt
	@mkdir -p $(@D)
	objcopy --redefine-syms=tests/faults/calls.txt $< $@

# the fakes have buffers of their own: theirs do not fail
$(BUILD)/tests/faults/fakes.o: $(FAKE_OBJ) $(BUILD)/obj/common/sc_buf.o
	@mkdir -p $(@D)
	ld -r -o $@ $^
	objcopy --wildcard --localize-symbol='sc_buf_*' $@

$(FAULTS): $(BUILD)/%: $(BUILD)/obj/%.o \
           $$(if $$(findstring test_fakes_,$$@),$(BUILD)/tests/faults/fakes.o) \
           $(FAULT_OBJ) $(SUPPORT_OBJ) $(BUILD)/tests/faults/libfaulty.a
	@mkdir -p $(@D)
	$(CC) $(SAN_LDFLAGS) -o $@ $^ $(TEST_LIBS)

# all targets over what is kept for each
$(FUZZ_REPLAY): $(BUILD)/obj/tests/fuzz/test_replay.o $(FUZZ_OBJ) \
                $(FUZZING_OBJ) $(BUILD)/obj/tests/support/suite.o \
                $(BUILD)/libscraped.a
	@mkdir -p $(@D)
	$(CC) $(SAN_LDFLAGS) -o $@ $^ $(TEST_LIBS)

# libFuzzer over one of them, of what tests/fuzz/run.sh builds with clang; no
# more is linked than it needs, as each execution looks at all that is
$(BUILD)/libfuzzing.a: $(FUZZING_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/obj/tests/fuzz/entry_%.o: tests/fuzz/entry.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -DFUZZ_ENTRY=fuzz_$* -c $< -o $@

$(FUZZ): $(BUILD)/tests/fuzz/fuzz_%: $(BUILD)/obj/tests/fuzz/fuzz_%.o \
         $(BUILD)/obj/tests/fuzz/entry_%.o $(BUILD)/libfuzzing.a \
         $(BUILD)/libscraped.a
	@mkdir -p $(@D)
	$(CC) $(SAN_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS)

$(ORIGIN): $(ORIGIN_OBJ)
	@mkdir -p $(@D)
	$(CC) $(SAN_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/tests/bench/floor: $(BUILD)/obj/tests/bench/floor.o $(SUPPORT_OBJ) \
                            $(BUILD)/libscraped.a
	@mkdir -p $(@D)
	$(CC) $(SAN_LDFLAGS) -o $@ $^ $(TEST_LIBS)

$(BUILD)/tests/bench/fetch: $(BUILD)/obj/tests/bench/fetch.o \
                            $(BUILD)/libscraped.a
	@mkdir -p $(@D)
	$(CC) $(SAN_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/tests/bench/handover: $(BUILD)/obj/tests/bench/handover.o \
                               $(BUILD)/libscraped.a
	@mkdir -p $(@D)
	$(CC) $(SAN_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/tests/bench/late: $(BUILD)/obj/tests/bench/late.o
	@mkdir -p $(@D)
	$(CC) $(SAN_LDFLAGS) -o $@ $^

$(BUILD)/tests/bench/alone: $(BUILD)/obj/tests/bench/alone.o
	@mkdir -p $(@D)
	$(CC) $(SAN_LDFLAGS) -o $@ $^ $(PKG_LIBS)

JOBS        ?= $(shell nproc)
SECONDS     ?= 60
MINUTES     ?= 30

.PHONY: tests suites prove faults fuzz coverage soak $(PROOFS)
tests: $(UNIT) $(REPLAY) $(INTEG) $(PROOF) $(STYLE) $(ORIGIN) \
       $(if $(SANITIZE),$(FAULTS) $(FUZZ_REPLAY))

# The unit, replay, fault and fuzz suites run sanitized, the integration suites
# as built for users, too, and the promises only so: each is built as it runs.
suites: $(INTEG) $(ORIGIN) $(if $(SANITIZE),$(UNIT) $(REPLAY) $(FAULTS) \
        $(FUZZ_REPLAY),$(PROOF) $(STYLE))

check:
	@$(MAKE) -s --no-print-directory -j$(JOBS) all suites
	@$(MAKE) -s --no-print-directory -j$(JOBS) \
	    SANITIZE=address,undefined all suites
	@tests/run.sh $(BUILD) $(BUILD)/sanitize

soak:
	@mk/deps.sh prove
	@$(MAKE) -s --no-print-directory -j$(JOBS) all $(BUILD)/tests/load/soak \
	    $(ORIGIN)
	@BUILD=$(BUILD) MINUTES=$(MINUTES) $(BUILD)/tests/load/soak

# In full, which takes hours; each folder by itself with the target of its name.
prove: faults $(PROOFS)

# sanitized, as most of what a failed call may do wrong is a matter of memory
faults:
	@mk/deps.sh test
	@$(MAKE) -s --no-print-directory -j$(JOBS) SANITIZE=address,undefined \
	    $(FAULTS:$(BUILD)/%=$(BUILD)/sanitize/%)
	@tests/prove.sh $(BUILD)/sanitize faults

# libFuzzer over each target for so many seconds; what the suites reach
fuzz:
	@mk/deps.sh fuzz
	@tests/fuzz/run.sh $(SECONDS) $(TARGETS)

coverage:
	@mk/deps.sh test
	@mk/coverage.sh

$(PROOFS):
	@mk/deps.sh prove
	@$(MAKE) -s --no-print-directory -j$(JOBS) all \
	    $(filter $(BUILD)/tests/$@/%,$(PROOF)) $(ORIGIN)
	@tests/prove.sh $(BUILD) $@

-include $(UNIT_SRC:%.c=$(BUILD)/obj/%.d) $(INTEG_SRC:%.c=$(BUILD)/obj/%.d) \
         $(REPLAY_SRC:%.c=$(BUILD)/obj/%.d) $(FAKE_OBJ:.o=.d) \
         $(STYLE_SRC:%.c=$(BUILD)/obj/%.d) $(PROOF_SRC:%.c=$(BUILD)/obj/%.d) \
         $(FAULTS_SRC:%.c=$(BUILD)/obj/%.d) $(FAULT_OBJ:.o=.d) \
         $(PROVING_OBJ:.o=.d) $(SUPPORT_OBJ:.o=.d) \
         $(FUZZ_OBJ:.o=.d) $(FUZZING_OBJ:.o=.d) \
         $(ORIGIN_OBJ:.o=.d)
-include $(wildcard $(BUILD)/obj/tests/bench/*.d)
-include $(SOAK_SRC:%.c=$(BUILD)/obj/%.d)

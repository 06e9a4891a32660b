# The suites.  A file tests/unit/test_*.c or tests/integration/test_*.c is a
# program of its own; tests/support/ is linked into all of them.  Those of
# tests/replay/ have its fakes before the library, in place of the real parts.

TEST_CFLAGS  = $(shell pkg-config --cflags check)
TEST_LIBS    = $(shell pkg-config --libs check) $(PKG_LIBS)

UNIT_SRC    := $(wildcard tests/unit/test_*.c)
REPLAY_SRC  := $(wildcard tests/replay/test_*.c)
FAKE_SRC    := $(filter-out $(REPLAY_SRC),$(wildcard tests/replay/*.c))
INTEG_SRC   := $(wildcard tests/integration/test_*.c)
STYLE_SRC   := $(wildcard tests/style/test_*.c)
SUPPORT_SRC := $(wildcard tests/support/*.c)
ORIGIN_SRC  := $(wildcard tests/origin/*.c)

SUPPORT_OBJ := $(SUPPORT_SRC:%.c=$(BUILD)/obj/%.o)
FAKE_OBJ    := $(FAKE_SRC:%.c=$(BUILD)/obj/%.o)
ORIGIN_OBJ  := $(ORIGIN_SRC:%.c=$(BUILD)/obj/%.o)

UNIT        := $(UNIT_SRC:%.c=$(BUILD)/%)
REPLAY      := $(REPLAY_SRC:%.c=$(BUILD)/%)
INTEG       := $(INTEG_SRC:%.c=$(BUILD)/%)
STYLE       := $(STYLE_SRC:%.c=$(BUILD)/%)
ORIGIN      := $(BUILD)/tests/origin/origin

$(BUILD)/obj/tests/%.o: ALL_CFLAGS += $(TEST_CFLAGS)

$(UNIT) $(INTEG) $(STYLE): $(BUILD)/%: $(BUILD)/obj/%.o $(SUPPORT_OBJ) \
                           $(BUILD)/libscraped.a
	@mkdir -p $(@D)
	$(CC) $(SAN_LDFLAGS) -o $@ $^ $(TEST_LIBS)

$(REPLAY): $(BUILD)/%: $(BUILD)/obj/%.o $(FAKE_OBJ) $(SUPPORT_OBJ) \
                       $(BUILD)/libscraped.a
	@mkdir -p $(@D)
	$(CC) $(SAN_LDFLAGS) -o $@ $^ $(TEST_LIBS)

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

JOBS        ?= $(shell nproc)

.PHONY: tests
tests: $(UNIT) $(REPLAY) $(INTEG) $(STYLE) $(ORIGIN)

# The unit and replay suites run sanitized, the others as built for users and
# sanitized.
check:
	@$(MAKE) -s --no-print-directory -j$(JOBS) all tests
	@$(MAKE) -s --no-print-directory -j$(JOBS) \
	    SANITIZE=address,undefined all tests
	@tests/run.sh $(BUILD) $(BUILD)/sanitize

-include $(UNIT_SRC:%.c=$(BUILD)/obj/%.d) $(INTEG_SRC:%.c=$(BUILD)/obj/%.d) \
         $(REPLAY_SRC:%.c=$(BUILD)/obj/%.d) $(FAKE_OBJ:.o=.d) \
         $(STYLE_SRC:%.c=$(BUILD)/obj/%.d) $(SUPPORT_OBJ:.o=.d) \
         $(ORIGIN_OBJ:.o=.d)
-include $(wildcard $(BUILD)/obj/tests/bench/*.d)

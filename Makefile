# make help tells what there is. Everything is built in $(BUILD), nothing outside it.

BUILD ?= build
DESTDIR ?=
BINDIR ?= /usr/bin
DATADIR ?= /usr/share
FUZZ_SECONDS ?= 30
NGINX_TESTS ?=
SOAK_SECONDS ?= 600
SOAK_SEED ?=
V ?=

# the nginx that loads the module, and its source: by default Debian's nginx-dev
NGINX_BINARY ?= nginx
NGINX ?=
NGINX_SOURCE := $(if $(NGINX),$(abspath $(NGINX)),/usr/share/nginx/src)

build_groups := build $(if $(NGINX),,nginx)

Q := $(if $(V),,@)
parallel := -j$(shell nproc)
BUILD_DIR := $(abspath $(BUILD))
NGINX_BUILD := $(BUILD_DIR)/nginx
GENERATED := $(BUILD_DIR)/generated

MODULE := $(BUILD)/ngx_http_api_key_module.so
TOOL := $(BUILD)/apikeyctl
LIBRARY := $(BUILD)/libapi_key.a
DOCUMENTS := $(BUILD)/documents/apikeyctl.1

nginx_sources := $(sort $(wildcard src/store/nginx/*.cpp src/module/*.cpp src/module/*/*.cpp))
library_sources := $(filter-out $(nginx_sources),$(sort $(wildcard src/core/*/*.cpp src/cache/*.cpp src/store/*.cpp src/store/*/*.cpp)))
tool_sources := $(sort $(wildcard src/tool/*.cpp src/tool/*/*.cpp))
test_sources := $(sort $(wildcard tests/core/test_*.cpp tests/cache/test_*.cpp tests/store/test_*.cpp))
fuzz_sources := $(sort $(wildcard fuzz/fuzz_*.cpp))

# where nginx's build puts the object of a folder, which is one translation unit
underscore = _
unit = $(subst /,$(underscore),$(patsubst src/%/,%,$(dir $(1))))
nginx_object = $(sort $(foreach source,$(1),$(BUILD)/nginx/addon/units/$(call unit,$(source)).o))
library_objects := $(call nginx_object,$(library_sources))
nginx_objects := $(call nginx_object,$(nginx_sources))
tests := $(test_sources:%.cpp=$(BUILD)/%)
replays := $(fuzz_sources:fuzz/fuzz_%.cpp=$(BUILD)/tests/fuzz/replay_%)
fuzzers := $(fuzz_sources:fuzz/%.cpp=$(BUILD)/fuzz/%)

# SANITIZE=1 builds everything with the address and the undefined-behaviour sanitizer (make asan); undefined behaviour traps, so that
# the address sanitizer reports it where it reports everything else
SANITIZE ?=
comma := ,
sanitize_flags := $(if $(SANITIZE),-fsanitize=address$(comma)undefined -fsanitize-undefined-trap-on-error -fno-omit-frame-pointer -U_FORTIFY_SOURCE)

# ASSERTIONS=1 lets the C++ library check what it is given (make test ASSERTIONS=1); the sanitizers' build has that as well
ASSERTIONS ?=
check_flags := $(strip $(sanitize_flags) $(if $(SANITIZE)$(ASSERTIONS),-D_GLIBCXX_ASSERTIONS))

# -g1 is functions and lines, enough for backtraces; DEBUG_INFO=-g adds variables and takes a third longer to compile
DEBUG_INFO ?= -g1
compile_flags := $(strip $(DEBUG_INFO) $(check_flags))

hardening_flags := $(shell dpkg-buildflags --get CXXFLAGS 2>&-) $(shell dpkg-buildflags --get CPPFLAGS 2>&-)
include_flags := -Isrc -I$(GENERATED)
program_flags = -std=c++20 $(hardening_flags) -fPIE -Wall -Wextra -Werror -Wshadow $(include_flags) \
    -MMD -MP $(compile_flags)
library_links := -lhiredis -ljansson -lsimdjson -lssl -lcrypto -lz
nginx_include_flags := $(addprefix -isystem$(NGINX_SOURCE)/src/,core event event/modules os/unix http http/modules http/v2) -isystem$(NGINX_BUILD)
fuzz_flags := -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -Wall -Wextra $(include_flags)

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all dependencies install uninstall deb package-nginx-org test-packages matrix run test nginx-suite soak bench fuzz asan check clean help format tidy library-build module-build test-programs needed-programs dashboard

all: dependencies ## build the nginx module and apikeyctl
	$(Q)$(MAKE) $(parallel) --no-print-directory $(MODULE) $(TOOL) $(DOCUMENTS)

dependencies:
	@scripts/install-dependencies.sh $(build_groups)

# ---- the module, by nginx's own build ---------------------------------------------------------------------------------

# rewritten only when a source comes or goes: nginx's configure has the list
$(BUILD)/sources.list: FORCE
	@mkdir -p $(BUILD)
	@printf '%s\n' $(library_sources) $(nginx_sources) '$(compile_flags)' '$(NGINX_SOURCE)' | cmp -s - $@ || \
	    printf '%s\n' $(library_sources) $(nginx_sources) '$(compile_flags)' '$(NGINX_SOURCE)' > $@

$(BUILD)/nginx/Makefile: $(BUILD)/sources.list config config.make scripts/configure-nginx.sh $(wildcard $(NGINX_SOURCE)/conf_flags $(NGINX_SOURCE)/src/core/nginx.h)
	@echo "configure $(BUILD)/nginx"
	@rm -rf $(BUILD)/nginx
	$(Q)API_KEY_GENERATED='$(GENERATED)' API_KEY_CFLAGS='$(compile_flags)' API_KEY_LDFLAGS='$(sanitize_flags)' \
	    scripts/configure-nginx.sh '$(NGINX_SOURCE)' '$(CURDIR)' '$(NGINX_BUILD)' '$(NGINX_BINARY)' > $(BUILD)/configure.log || { cat $(BUILD)/configure.log; exit 1; }

# nginx's Makefile knows what is out of date
nginx_make = $(MAKE) $(if $(V),,-s) --no-print-directory -C $(NGINX_SOURCE) -f $(NGINX_BUILD)/Makefile

# how many of our files are to be compiled, for what says how far it is
total = $$(cat $(BUILD)/nginx/total)

library-build: $(BUILD)/nginx/Makefile
	@+rm -f $(BUILD)/nginx/compiled; $(nginx_make) -n modules 2>/dev/null | grep -c -- '-o .*/addon/.*\.o' > $(BUILD)/nginx/total || true
	$(Q)+$(nginx_make) API_KEY_TOTAL=$(total) $(abspath $(library_objects))

module-build: library-build
	$(Q)+$(nginx_make) API_KEY_TOTAL=$(total) modules

# and the embedded scripts, which those include
$(library_objects) $(GENERATED)/store/generated_scripts.h: library-build
	@:

$(nginx_objects) $(BUILD)/nginx/ngx_http_api_key_module.so: module-build
	@:

$(MODULE): $(BUILD)/nginx/ngx_http_api_key_module.so
	$(Q)cp $< $@.new && mv $@.new $@
	@echo "built $@"

# ---- the rules by themselves, the tool, the test programs ----------------------------------------------------------------

$(LIBRARY): $(library_objects)
	@rm -f $@
	$(Q)ar rcs $@ $(library_objects)

$(BUILD)/tool.o: $(tool_sources) Makefile | $(GENERATED)/store/generated_scripts.h
	@echo "compile src/tool"
	@printf '#include "%s"\n' $(tool_sources:src/%=%) > $(BUILD)/tool.cpp
	$(Q)$(CXX) $(program_flags) -c -o $@ $(BUILD)/tool.cpp

$(TOOL): $(BUILD)/tool.o $(LIBRARY)
	$(Q)$(CXX) -pie $(sanitize_flags) -o $@ $(BUILD)/tool.o $(LIBRARY) -lfmt -lcsv -lyaml $(library_links)
	@echo "built $@"

# the manual page, and beside it the completion of each shell
$(DOCUMENTS): $(TOOL)
	@mkdir -p $(dir $@)
	$(Q)for shell in bash:apikeyctl.bash zsh:_apikeyctl fish:apikeyctl.fish; do \
	    $(TOOL) completion $${shell%:*} > $(dir $@)$${shell#*:} || exit 1; done
	$(Q)$(TOOL) manual > $@

$(BUILD)/tests/%.o: tests/%.cpp Makefile | $(GENERATED)/store/generated_scripts.h
	@mkdir -p $(dir $@)
	@echo "compile $<"
	$(Q)$(CXX) $(program_flags) -Itests -c -o $@ $<

$(BUILD)/tests/lib/set_clock.so: tests/lib/set_clock.c Makefile
	@mkdir -p $(dir $@)
	$(Q)$(CC) -Wall -Wextra -Werror -O2 -fPIC -shared -o $@ $<

$(tests): $(BUILD)/%: $(BUILD)/%.o $(LIBRARY)
	$(Q)$(CXX) -pie $(sanitize_flags) -o $@ $< $(LIBRARY) $(library_links) -lcmocka -lpthread

$(BUILD)/tests/fuzz/%.o: fuzz/%.cpp Makefile | $(GENERATED)/store/generated_scripts.h
	@mkdir -p $(dir $@)
	$(Q)$(CXX) $(program_flags) -c -o $@ $<

$(replays): $(BUILD)/tests/fuzz/replay_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/replay.o $(LIBRARY)
	$(Q)$(CXX) -pie $(sanitize_flags) -o $@ $^ $(library_links)

test-programs: $(MODULE) $(TOOL) $(tests) $(replays) $(BUILD)/tests/lib/set_clock.so $(BUILD)/dashboard/index.html

# ---- the dashboard ---------------------------------------------------------------------------------------------------------

dashboard_sources := $(shell find dashboard -type f)
dashboard_packages := build/dashboard-packages/node_modules
tsc := node $(dashboard_packages)/typescript/bin/tsc -p dashboard
prettier := node $(dashboard_packages)/prettier/bin/prettier.cjs --log-level=warn

dashboard: ## build the dashboard, in build/dashboard
	@scripts/install-dependencies.sh dashboard
	$(Q)$(MAKE) -s --no-print-directory $(BUILD)/dashboard/index.html

$(BUILD)/dashboard/index.html: $(dashboard_sources) Makefile
	$(Q)$(tsc)
	@rm -rf $(dir $@)
	$(Q)NODE_PATH=$(CURDIR)/$(dashboard_packages) $(dashboard_packages)/.bin/esbuild dashboard/src/main.tsx --bundle --minify --log-level=warning \
	    --target=es2022 --charset=utf8 --legal-comments=none \
	    --tsconfig-raw='{"compilerOptions":{"jsx":"react-jsx","jsxImportSource":"preact"}}' --outfile=$(dir $@)dashboard.js
	@cd $(dashboard_packages) && for package in preact @preact/signals uplot; do echo "$$package"; echo; cat $$package/LICENSE; echo; done > $(BUILD_DIR)/dashboard/licenses.txt
	$(Q)cp dashboard/icon.svg dashboard/index.html $(dir $@)
	@echo "built $(dir $@)"

# ---- what people run -------------------------------------------------------------------------------------------------------

install_places = DESTDIR='$(DESTDIR)' BINDIR='$(BINDIR)' DATADIR='$(DATADIR)' NGINX_BINARY='$(NGINX_BINARY)' BUILD='$(BUILD)'

install: ## install what make and make dashboard have built where nginx, PATH and man look (DESTDIR, BINDIR, DATADIR; STRIP= keeps symbols)
	@$(install_places) scripts/install.sh install

uninstall: ## take it away again; what was edited stays
	@$(install_places) scripts/install.sh uninstall

deb: ## build the Debian packages, in build/packages
	@scripts/install-dependencies.sh $(build_groups) dashboard packages
	$(Q)$(MAKE) -s --no-print-directory BUILD=build build/dashboard/index.html
	@scripts/make-packages.sh debian

package-nginx-org: ## build the package for nginx.org's nginx (NGINX=/path/to/its/source, NGINX_BINARY=/path/to/it)
	@scripts/install-dependencies.sh $(build_groups) packages
	@NGINX='$(NGINX)' NGINX_BINARY='$(NGINX_BINARY)' scripts/make-packages.sh nginx-org

test-packages: ## build the packages on each release of Debian, install, upgrade and purge them where no compiler is (RELEASES=, BUILDS=2 compares; root)
	@scripts/install-dependencies.sh docker dashboard run
	$(Q)$(MAKE) -s --no-print-directory BUILD=build build/dashboard/index.html
	@scripts/test-packages.sh $(RELEASES)

matrix: ## build and test on each release of Debian and against sources of nginx, into docs/install.md (RELEASES=, SOURCES=; root)
	@scripts/matrix.sh

run: ## start a gateway before a demonstration upstream, with a first key (PORT=n fixes the port)
	@scripts/install-dependencies.sh $(build_groups) run
	$(Q)$(MAKE) $(parallel) --no-print-directory $(MODULE) $(TOOL) dashboard
	@BUILD='$(BUILD)' exec scripts/run.sh

# with ASSERTIONS=1: in a place of its own
tested_build = $(BUILD)$(if $(ASSERTIONS),/assertions)

# What the tests that T names need: those of the rooms of src are programs by themselves, all others try the module and the tool.
of_rooms := tests/core% tests/cache% tests/store% tests/fuzz%
wanted := $(patsubst %/,%,$(T:%.cpp=%))
named_programs := $(foreach word,$(wanted),$(filter $(BUILD)/$(word) $(BUILD)/$(word)/%,$(tests) $(replays)))
needed_programs := $(if $(wanted),$(named_programs) $(BUILD)/tests/lib/set_clock.so \
    $(if $(filter-out $(of_rooms),$(wanted)),$(MODULE) $(TOOL)) \
    $(if $(filter tests/browser%,$(wanted)),$(BUILD)/dashboard/index.html),test-programs)
group_of = $(if $(wanted),$(if $(filter $(1) $(addsuffix /%,$(1)),$(wanted)),$(2)),$(2))
test_groups := $(build_groups) run $(if $(wanted),$(if $(filter $(of_rooms),$(wanted)),programs),programs) $(call group_of,t,nginx-tests) \
    $(call group_of,tests/tool tests/scenarios,scenarios) $(call group_of,tests/sdk,sdk) $(call group_of,tests/browser,dashboard browser)

needed-programs: $(needed_programs)

test: ## build and run all tests (T="t/a.t tests/core/b" runs some, ASSERTIONS=1 lets the C++ library check)
	@scripts/install-dependencies.sh $(test_groups)
	$(Q)$(MAKE) $(parallel) --no-print-directory BUILD=$(tested_build) ASSERTIONS=$(ASSERTIONS) needed-programs
	@BUILD='$(tested_build)' exec scripts/test.sh $(T)

asan: ## the same tests under the address and undefined-behaviour sanitizers
	@scripts/install-dependencies.sh $(test_groups)
	$(Q)$(MAKE) $(parallel) --no-print-directory BUILD=$(BUILD)/asan SANITIZE=1 needed-programs
	@BUILD='$(BUILD)/asan' SANITIZE=1 exec scripts/test.sh $(T)

# with SANITIZE=1: what make asan builds
checked_build = $(BUILD)$(if $(SANITIZE),/asan)
checked_programs = $(checked_build)/ngx_http_api_key_module.so $(checked_build)/apikeyctl

nginx-suite: ## run nginx's own tests with the module loaded (NGINX_TESTS=/path/to/a/checkout, SANITIZE=1)
	@scripts/install-dependencies.sh $(build_groups) run suite
	$(Q)$(MAKE) --no-print-directory BUILD=$(checked_build) SANITIZE=$(SANITIZE) $(checked_programs)
	@BUILD='$(checked_build)' SANITIZE='$(SANITIZE)' NGINX_TESTS='$(NGINX_TESTS)' exec scripts/nginx-suite.sh

soak: ## mixed load and random faults for SOAK_SECONDS (600), then the accounts are made up (SOAK_SEED=n, SANITIZE=1)
	@scripts/install-dependencies.sh $(build_groups) run
	$(Q)$(MAKE) --no-print-directory BUILD=$(checked_build) SANITIZE=$(SANITIZE) $(checked_programs)
	@BUILD='$(checked_build)' SANITIZE='$(SANITIZE)' SOAK_SECONDS='$(SOAK_SECONDS)' SOAK_SEED='$(SOAK_SEED)' exec scripts/soak.sh

bench: ## measure against nginx's own modules and Lua, into bench/README.md
	@scripts/install-dependencies.sh $(build_groups) run bench
	$(Q)$(MAKE) $(parallel) --no-print-directory $(MODULE) $(TOOL)
	@BUILD='$(BUILD)' exec bench/run.sh

fuzz: ## run every fuzzer for FUZZ_SECONDS (30)
	@scripts/install-dependencies.sh $(build_groups) check
	$(Q)$(MAKE) --no-print-directory $(fuzzers)
	@BUILD='$(BUILD)' FUZZ_SECONDS='$(FUZZ_SECONDS)' exec scripts/fuzz.sh

check: ## formatting, clang-tidy, layering, the types of the dashboard
	@scripts/install-dependencies.sh $(build_groups) dashboard check
	@scripts/check-format.sh
	@scripts/check-layering.sh
	@$(prettier) --check $(filter %.ts %.tsx,$(dashboard_sources)) && $(tsc) && echo "types: $(words $(filter %.ts %.tsx,$(dashboard_sources))) files"
	$(Q)$(MAKE) --no-print-directory tidy

format: ## rewrite the C++ files as .clang-format says, the dashboard's as Prettier does
	@scripts/install-dependencies.sh check dashboard
	clang-format -i $$(find src tests fuzz -name '*.cpp' -o -name '*.h')
	@$(prettier) --write $(filter %.ts %.tsx,$(dashboard_sources))

clean: ## remove build/
	rm -rf $(BUILD)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---- fuzzers and clang-tidy --------------------------------------------------------------------------------------------------

fuzz_objects := $(library_sources:src/%.cpp=$(BUILD)/fuzz/%.o)

$(BUILD)/fuzz/%.o: src/%.cpp Makefile | $(GENERATED)/store/generated_scripts.h
	@mkdir -p $(dir $@)
	$(Q)clang++ $(fuzz_flags:-fsanitize=fuzzer%=-fsanitize=fuzzer-no-link%) -MMD -MP -c -o $@ $<

$(BUILD)/fuzz/libapi_key.a: $(fuzz_objects)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(fuzzers): $(BUILD)/fuzz/%: fuzz/%.cpp $(BUILD)/fuzz/libapi_key.a
	$(Q)clang++ $(fuzz_flags) -o $@ $^ $(library_links)

# a source is looked at again when its object was built again
tidy_stamps := $(patsubst %.cpp,$(BUILD)/check/%.tidy,$(library_sources) $(nginx_sources) $(tool_sources))
tidy: $(tidy_stamps)
	@echo "tidy: $(words $(tidy_stamps)) files"

define tidy_rule
$(BUILD)/check/$(1:.cpp=.tidy): $(2) .clang-tidy
	@mkdir -p $$(dir $$@)
	@echo "tidy $(1)"
	$$(Q)clang-tidy --quiet --warnings-as-errors='*' $(1) -- -std=c++20 $$(include_flags) $$(nginx_include_flags) 2>$$@.log || { cat $$@.log; exit 1; }
	@touch $$@
endef
$(foreach source,$(library_sources) $(nginx_sources),$(eval $(call tidy_rule,$(source),$(call nginx_object,$(source)))))
$(foreach source,$(tool_sources),$(eval $(call tidy_rule,$(source),$(BUILD)/tool.o)))

.PHONY: FORCE
FORCE:

-include $(BUILD)/tool.d $(tests:=.d) $(wildcard $(BUILD)/tests/fuzz/*.d) $(fuzz_objects:.o=.d)

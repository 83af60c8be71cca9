# C++20, precompiled headers and header dependencies for our objects alone; the embedded scripts, the embedded document.

# With precompiled headers g++ takes the C++ library for ours, and warns of what it guesses of that.
api_key_guesses="-Wno-array-bounds -Wno-stringop-overread -Wno-stringop-overflow"
[ "$NGX_CC_NAME" != clang ] || api_key_guesses=

api_key_library_objects=
api_key_module_objects=
for api_key_source in $api_key_sources; do
    api_key_folder=`dirname $api_key_source`
    api_key_object=$NGX_OBJS/addon/`basename $api_key_folder`/`basename $api_key_source .cpp`.o
    case $api_key_folder in
        */src/module | */src/module/* | */store/nginx) api_key_module_objects="$api_key_module_objects $api_key_object" ;;
        *) api_key_library_objects="$api_key_library_objects $api_key_object" ;;
    esac
done

api_key_library_header=$api_key_generated/precompiled/library.h.gch
api_key_module_header=$api_key_generated/precompiled/module.h.gch
if [ "$API_KEY_PRECOMPILED" = no ]; then
    api_key_library_header=
    api_key_module_header=
fi

cat << END                                                    >> $NGX_MAKEFILE

API_KEY_LIBRARY_OBJECTS = `echo $api_key_library_objects`
API_KEY_MODULE_OBJECTS = `echo $api_key_module_objects`
API_KEY_OBJECTS = \$(API_KEY_LIBRARY_OBJECTS) \$(API_KEY_MODULE_OBJECTS)
API_KEY_PRECOMPILED = $api_key_library_header $api_key_module_header
API_KEY_SCRIPTS = \$(wildcard $api_key_module_dir/src/store/scripts/*.lua)
API_KEY_SHARED_SCRIPTS = \$(wildcard $api_key_module_dir/src/store/scripts/shared/*.lua)

# nginx compiles with C's flags, of which C++ does not know all.
API_KEY_FLAGS := \$(filter-out -std=% -Wimplicit% -Werror=implicit% -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition,\$(CFLAGS)) \
    -std=c++20 -O2 -fno-exceptions -fvisibility=hidden -Wextra -Wshadow -Wno-unused-parameter $api_key_guesses -MMD -MP $API_KEY_CFLAGS

# the project's own Makefile says how many files there are to compile
\$(API_KEY_OBJECTS): private CC = \$(if \$(API_KEY_TOTAL),$api_key_module_dir/scripts/progress.sh $NGX_OBJS/compiled \$(API_KEY_TOTAL) \$(@:$NGX_OBJS/addon/%.o=%.cpp) && )$CC
\$(API_KEY_LIBRARY_OBJECTS): CFLAGS := \$(API_KEY_FLAGS) -include precompiled/library.h
\$(API_KEY_MODULE_OBJECTS): CFLAGS := \$(API_KEY_FLAGS) -include precompiled/module.h
\$(API_KEY_LIBRARY_OBJECTS): $api_key_library_header
\$(API_KEY_MODULE_OBJECTS): $api_key_module_header

$api_key_generated/precompiled/%.h.gch: $api_key_module_dir/src/precompiled/%.h
	@mkdir -p $api_key_generated/precompiled
	\$(CC) -x c++-header $api_key_pic \$(API_KEY_FLAGS) \$(ALL_INCS) -o \$@ \$<

\$(API_KEY_OBJECTS) \$(API_KEY_PRECOMPILED): | $api_key_generated/store/generated_scripts.h $api_key_generated/module/generated_openapi.h

$api_key_generated/store/generated_scripts.h: \$(API_KEY_SCRIPTS) \$(API_KEY_SHARED_SCRIPTS) $api_key_module_dir/scripts/embed_scripts.sh
	@mkdir -p $api_key_generated/store
	$api_key_module_dir/scripts/embed_scripts.sh \$@ \$(API_KEY_SCRIPTS)

$api_key_generated/module/generated_openapi.h: $api_key_module_dir/src/module/manage/openapi.json $api_key_module_dir/scripts/embed_document.sh
	@mkdir -p $api_key_generated/module
	$api_key_module_dir/scripts/embed_document.sh \$@ $api_key_module_dir/src/module/manage/openapi.json

-include \$(API_KEY_OBJECTS:.o=.d) \$(API_KEY_PRECOMPILED:.gch=.d)

END

# C++20 and header dependencies for our objects alone; the embedded scripts, the embedded document.

api_key_objects=
for api_key_unit in $api_key_units; do
    api_key_objects="$api_key_objects $NGX_OBJS/addon/units/`basename $api_key_unit .cpp`.o"
done

cat << END                                                    >> $NGX_MAKEFILE

API_KEY_OBJECTS = `echo $api_key_objects`
API_KEY_SCRIPTS = \$(wildcard $api_key_module_dir/src/store/scripts/*.lua)
API_KEY_SHARED_SCRIPTS = \$(wildcard $api_key_module_dir/src/store/scripts/shared/*.lua)

# nginx compiles with C's flags, of which C++ does not know all.
API_KEY_FLAGS := \$(filter-out -std=% -Wimplicit% -Werror=implicit% -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition,\$(CFLAGS)) \
    -std=c++20 -O2 -fno-exceptions -fvisibility=hidden -Wextra -Wshadow -Wno-unused-parameter -MMD -MP $API_KEY_CFLAGS

# the project's own Makefile says how many units there are to compile
\$(API_KEY_OBJECTS): private CC = \$(if \$(API_KEY_TOTAL),$api_key_module_dir/scripts/progress.sh $NGX_OBJS/compiled \$(API_KEY_TOTAL) src/\$(subst _,/,\$(@:$NGX_OBJS/addon/units/%.o=%)) && )$CC
\$(API_KEY_OBJECTS): CFLAGS := \$(API_KEY_FLAGS)

\$(API_KEY_OBJECTS): | $api_key_generated/store/generated_scripts.h $api_key_generated/module/generated_openapi.h

$api_key_generated/store/generated_scripts.h: \$(API_KEY_SCRIPTS) \$(API_KEY_SHARED_SCRIPTS) $api_key_module_dir/scripts/embed_scripts.sh
	@mkdir -p $api_key_generated/store
	$api_key_module_dir/scripts/embed_scripts.sh \$@ \$(API_KEY_SCRIPTS)

$api_key_generated/module/generated_openapi.h: $api_key_module_dir/src/module/manage/openapi.json $api_key_module_dir/scripts/embed_document.sh
	@mkdir -p $api_key_generated/module
	$api_key_module_dir/scripts/embed_document.sh \$@ $api_key_module_dir/src/module/manage/openapi.json

-include \$(API_KEY_OBJECTS:.o=.d)

END

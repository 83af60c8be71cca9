// Text with a secret in it, zeroed when its last owner releases it.
#pragma once

#include <memory>
#include <string>

#include "module/ngx/ngx.h"

namespace api_key::module {

inline std::shared_ptr<std::string> make_wiped_text() {
    return {new std::string, [](std::string* text) {
                ngx_explicit_memzero(text->data(), text->size());
                delete text;
            }};
}

} // namespace api_key::module

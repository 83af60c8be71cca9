// Small files that directives name.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "module/ngx/ngx.h"

namespace api_key::module {

// The whole file (at most 64 KB), its path relative to nginx.conf. Logs what was wrong, with the line of the configuration.
std::optional<std::string> read_file(ngx_conf_t* cf, std::string_view path, std::size_t largest = std::size_t{64} * 1024);

// The same for a file with secrets: warns if everybody may read it.
std::optional<std::string> read_secret_file(ngx_conf_t* cf, std::string_view path);

} // namespace api_key::module

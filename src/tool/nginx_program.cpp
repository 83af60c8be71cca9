#include "tool/nginx_program.h"

#include <fmt/format.h>

#include "tool/program.h"
#include "tool/session.h"

namespace api_key::tool {

namespace {

// The part of `text` between `before` and the next of `ends`.
std::string between(const std::string& text, const std::string& before, const char* ends) {
    const std::size_t at = text.find(before);
    if (at == std::string::npos) {
        return {};
    }
    const std::size_t begin = at + before.size();
    return text.substr(begin, text.find_first_of(ends, begin) - begin);
}

} // namespace

NginxProgram::NginxProgram(std::string path) : path_(std::move(path)) {
    const std::optional<Ended> said = run_program({path_, "-V"});
    if (!said || said->status != 0) {
        fail(exit_refused, fmt::format("\"{}\" does not run: install nginx, or name it with --nginx", path_));
    }
    version_ = between(said->output, "nginx version: nginx/", " \n");
    const std::string file = between(said->output, "--conf-path=", " \n");
    const std::string prefix = between(said->output, "--prefix=", " \n");
    directory_ = file.empty() ? (prefix.empty() ? "/usr/local/nginx" : prefix) + "/conf" : file.substr(0, file.rfind('/'));
    has_added_modules_ = said->output.find("--add-module=") != std::string::npos;
}

std::string NginxProgram::test() {
    const std::optional<Ended> said = run_program({path_, "-T"});
    if (!said || said->status != 0) {
        return said && !said->output.empty() ? said->output : "it does not run";
    }
    configuration_ = said->output;
    return {};
}

bool NginxProgram::loads_module() const {
    return has_added_modules_ || configuration_.find("ngx_http_api_key_module") != std::string::npos;
}

bool NginxProgram::has_directive(const std::string& name) const {
    for (std::size_t at = configuration_.find(name); at != std::string::npos; at = configuration_.find(name, at + 1)) {
        const std::size_t before = configuration_.find_last_not_of(" \t", at - 1);
        if (before == std::string::npos || configuration_[before] == '\n' || configuration_[before] == '{' ||
            configuration_[before] == ';') {
            return true;
        }
    }
    return false;
}

bool NginxProgram::reads_file(const std::string& path) const {
    return configuration_.find("# configuration file " + path + ":") != std::string::npos;
}

} // namespace api_key::tool

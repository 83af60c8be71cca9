// The installed nginx, asked by running it.
#pragma once

#include <string>

namespace api_key::tool {

class NginxProgram {
  public:
    // `path`: the program. Ends the tool when it does not run.
    explicit NginxProgram(std::string path);

    const std::string& version() const { return version_; }     // "1.26.3"
    const std::string& directory() const { return directory_; } // of its configuration, "/etc/nginx"

    // Makes nginx read its configuration again. Empty if it is valid, else nginx's messages.
    std::string test();

    // About the configuration that test() found valid.
    bool loads_module() const;                         // or may have it built in
    bool has_directive(const std::string& name) const; // somewhere
    bool reads_file(const std::string& path) const;

  private:
    std::string path_;
    std::string version_;
    std::string directory_;
    bool has_added_modules_ = false;
    std::string configuration_; // all of it, as `nginx -T` shows it
};

} // namespace api_key::tool

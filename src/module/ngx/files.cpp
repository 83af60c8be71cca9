#include "module/ngx/files.h"

namespace api_key::module {

namespace {

class File {
  public:
    explicit File(ngx_fd_t descriptor) : descriptor_(descriptor) {}
    ~File() {
        if (descriptor_ != NGX_INVALID_FILE) {
            ngx_close_file(descriptor_);
        }
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ngx_fd_t descriptor() const { return descriptor_; }

  private:
    ngx_fd_t descriptor_;
};

void warn_if_open_to_all(ngx_conf_t* cf, const File& file, const ngx_str_t& name) {
    constexpr unsigned readable_by_others = 0004;
    ngx_file_info_t info;
    if (ngx_fd_info(file.descriptor(), &info) != NGX_FILE_ERROR && (ngx_file_access(&info) & readable_by_others) != 0) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0, "\"%V\" contains secrets and is readable by everybody", &name);
    }
}

std::optional<std::string> read_whole(ngx_conf_t* cf, std::string_view path, std::size_t largest, bool is_secret) {
    ngx_str_t name = copy_to(cf->pool, path);
    if (name.data == nullptr || ngx_conf_full_name(cf->cycle, &name, 1) != NGX_OK) {
        return std::nullopt;
    }
    const File file(ngx_open_file(name.data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0));
    if (file.descriptor() == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno, ngx_open_file_n " \"%V\" failed", &name);
        return std::nullopt;
    }
    if (is_secret) {
        warn_if_open_to_all(cf, file, name);
    }
    std::string text(largest + 1, '\0');
    std::size_t size = 0;
    for (ssize_t count = 1; count > 0 && size < text.size(); size += static_cast<std::size_t>(count)) {
        count = ngx_read_fd(file.descriptor(), text.data() + size, text.size() - size);
        if (count < 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno, ngx_read_fd_n " \"%V\" failed", &name);
            return std::nullopt;
        }
    }
    if (size > largest) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\" is larger than %uz bytes", &name, largest);
        return std::nullopt;
    }
    std::string contents = text.substr(0, size);
    ngx_explicit_memzero(text.data(), text.size());
    return contents;
}

} // namespace

std::optional<std::string> read_file(ngx_conf_t* cf, std::string_view path, std::size_t largest) {
    return read_whole(cf, path, largest, false);
}

std::optional<std::string> read_secret_file(ngx_conf_t* cf, std::string_view path) {
    constexpr std::size_t largest = std::size_t{64} * 1024;
    return read_whole(cf, path, largest, true);
}

} // namespace api_key::module

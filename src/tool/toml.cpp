#include "tool/toml.h"

#include <optional>

#include "core/text/utf8.h"

namespace api_key::tool {

namespace {

bool is_bare(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// Reads one line from its beginning.
class TomlLine {
  public:
    explicit TomlLine(std::string_view text) : text_(text) {}

    void skip_spaces() {
        while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\t' || text_.front() == '\r')) {
            text_.remove_prefix(1);
        }
    }
    bool is_at_end() {
        skip_spaces();
        return text_.empty() || text_.front() == '#';
    }
    bool take(char c) {
        skip_spaces();
        if (text_.empty() || text_.front() != c) {
            return false;
        }
        text_.remove_prefix(1);
        return true;
    }

    // A key, bare or quoted.
    std::optional<std::string> key() {
        skip_spaces();
        if (!text_.empty() && (text_.front() == '"' || text_.front() == '\'')) {
            return quoted();
        }
        return word();
    }
    std::optional<std::variant<std::string, bool>> value() {
        skip_spaces();
        if (!text_.empty() && (text_.front() == '"' || text_.front() == '\'')) {
            const std::optional<std::string> text = quoted();
            return text ? std::optional<std::variant<std::string, bool>>(*text) : std::nullopt;
        }
        const std::optional<std::string> name = word();
        if (name == "true" || name == "false") {
            return std::variant<std::string, bool>(name == "true");
        }
        return std::nullopt;
    }

  private:
    std::optional<std::string> word() {
        std::size_t size = 0;
        while (size < text_.size() && is_bare(text_[size])) {
            size++;
        }
        if (size == 0) {
            return std::nullopt;
        }
        std::string name(text_.substr(0, size));
        text_.remove_prefix(size);
        return name;
    }

    // Between two apostrophes nothing is escaped; between quotes \" and \\ are.
    std::optional<std::string> quoted() {
        const char quote = text_.front();
        std::string text;
        for (std::size_t at = 1; at < text_.size(); at++) {
            if (text_[at] == quote) {
                text_.remove_prefix(at + 1);
                return is_plain_text(text) ? std::optional(text) : std::nullopt;
            }
            if (quote == '"' && text_[at] == '\\') {
                at++;
                if (at == text_.size() || (text_[at] != '"' && text_[at] != '\\')) {
                    return std::nullopt;
                }
            }
            text += text_[at];
        }
        return std::nullopt;
    }

    std::string_view text_;
};

// `[contexts.prod]`, after its bracket.
std::optional<std::vector<std::string>> heading_words(TomlLine& line) {
    std::vector<std::string> words;
    do {
        const std::optional<std::string> name = line.key();
        if (!name) {
            return std::nullopt;
        }
        words.push_back(*name);
    } while (line.take('.'));
    return line.take(']') && line.is_at_end() ? std::optional(words) : std::nullopt;
}

Error toml_error(std::size_t number, const char* expected) {
    return {"line " + std::to_string(number), expected};
}

} // namespace

Result<std::vector<TomlItem>> parse_toml(std::string_view text) {
    std::vector<TomlItem> items;
    std::vector<std::string> table;
    for (std::size_t number = 1; !text.empty(); number++) {
        const std::size_t size = std::min(text.find('\n'), text.size());
        TomlLine line(text.substr(0, size));
        text.remove_prefix(std::min(size + 1, text.size()));
        if (line.is_at_end()) {
            continue;
        }
        if (line.take('[')) {
            const std::optional<std::vector<std::string>> named = heading_words(line);
            if (!named) {
                return toml_error(number, "expected a heading such as [contexts.prod]");
            }
            table = *named;
            continue;
        }
        const std::optional<std::string> key = line.key();
        if (!key || !line.take('=')) {
            return toml_error(number, "expected name = \"value\"");
        }
        const auto value = line.value();
        if (!value || !line.is_at_end()) {
            return toml_error(number, "expected a value in quotes, or true or false");
        }
        for (const TomlItem& item : items) {
            if (item.table == table && item.key == *key) {
                return toml_error(number, "this name is there twice");
            }
        }
        items.push_back({table, *key, *value, number});
    }
    return items;
}

} // namespace api_key::tool

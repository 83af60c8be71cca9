#include <algorithm>
#include <optional>

#include "tool/import/row.h"

namespace api_key::tool {

namespace {

// The words of an nginx configuration, as far as `map` needs them: quoted or not, `;`, `{` and `}`, without comments.
class NginxWords {
  public:
    explicit NginxWords(std::string_view text) : text_(text) {}

    struct Word {
        std::string text;
        bool is_quoted = false;
        bool is(std::string_view mark) const { return !is_quoted && text == mark; }
    };

    std::optional<Word> next() {
        skip_blanks();
        if (at_ == text_.size()) {
            return std::nullopt;
        }
        Word word;
        const char first = text_[at_];
        if (first == ';' || first == '{' || first == '}') {
            at_++;
            word.text = first;
            return word;
        }
        if (first == '"' || first == '\'') {
            at_++;
            word.is_quoted = true;
            for (; at_ < text_.size() && text_[at_] != first; at_++) {
                add_character(word);
            }
            at_ = std::min(at_ + 1, text_.size());
            return word;
        }
        for (; at_ < text_.size() && std::string_view(" \t\r\n;{}").find(text_[at_]) == std::string_view::npos; at_++) {
            add_character(word);
        }
        return word;
    }

    std::size_t position() const { return at_; }

  private:
    void skip_blanks() {
        while (at_ < text_.size()) {
            if (text_[at_] == '#') {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
                at_++;
            } else {
                return;
            }
        }
    }

    void add_character(Word& word) {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
            at_++;
        }
        word.text += text_[at_];
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

using NginxDirective = std::vector<NginxWords::Word>;

bool is_sha256_text(std::string_view text) {
    constexpr std::size_t hex_length = 64;
    return text.size() == hex_length && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

// A line of a map: `"value" name;`. Nothing for its parameters and for what lets nobody in.
std::optional<Row> row_of_map_line(const NginxDirective& line, std::size_t number) {
    if (line.empty() || line.front().is("default") || line.front().is("hostnames") || line.front().is("volatile")) {
        return std::nullopt;
    }
    Row row;
    row.where = "line " + std::to_string(number);
    const std::string& source = line.front().text;
    if (line.size() != 2 || line.front().is("include") || source.starts_with('~')) {
        row.add(line.front().is("include") ? "include"
                : source.starts_with('~')  ? "regular expression"
                                           : "line of other than two words",
                source);
        return row;
    }
    if (line[1].text.empty() || line[1].text == "0") {
        return std::nullopt;
    }
    row.add(is_sha256_text(source) ? "sha256" : "key", source.starts_with('\\') ? source.substr(1) : source);
    row.add("name", line[1].text);
    return row;
}

} // namespace

std::optional<Error> read_nginx_map_rows(std::string_view text, const TakeRow& take) {
    NginxWords words(text);
    NginxDirective line;
    bool in_map = false;
    bool has_map = false;
    std::size_t last_line = 1;
    std::size_t counted_to = 0;
    while (const std::optional<NginxWords::Word> word = words.next()) {
        last_line += static_cast<std::size_t>(
            std::count(text.begin() + static_cast<long>(counted_to), text.begin() + static_cast<long>(words.position()), '\n'));
        counted_to = words.position();
        if (word->is("{")) {
            in_map = !line.empty() && line.front().is("map");
            has_map = has_map || in_map;
        } else if (word->is("}")) {
            in_map = false;
        } else if (!word->is(";")) {
            line.push_back(*word);
            continue;
        } else if (std::optional<Row> row = in_map ? row_of_map_line(line, last_line) : std::nullopt) {
            row->read_bytes = words.position();
            take(std::move(*row));
        }
        line.clear();
    }
    return has_map ? std::nullopt : std::optional(Error{"", "there is no \"map\" in it"});
}

} // namespace api_key::tool

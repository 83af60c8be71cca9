#include <algorithm>
#include <memory>
#include <optional>

#include <csv.h>

#include "tool/import/row.h"

namespace api_key::tool {

namespace {

class CsvRows {
  public:
    explicit CsvRows(const TakeRow& take) : take_(take) {}

    void add_field(std::string_view text) {
        if (columns_.empty() || in_heading_) {
            in_heading_ = true;
            columns_.emplace_back(text);
        } else if (next_ < columns_.size()) {
            row_.add(columns_[next_], std::string(text));
            next_++;
        } else {
            row_.add("(column without a name)", std::string(text));
        }
    }

    void end_row(std::size_t read_bytes) {
        if (!std::exchange(in_heading_, false) && !row_.cells.empty()) {
            row_.where = "row " + std::to_string(number_);
            row_.read_bytes = read_bytes;
            take_(std::exchange(row_, {}));
        }
        number_++;
        next_ = 0;
    }

    std::size_t position = 0; // of the chunk that is parsed

  private:
    const TakeRow& take_;
    std::vector<std::string> columns_;
    bool in_heading_ = false;
    std::size_t next_ = 0;
    std::size_t number_ = 0; // the heading is 0
    Row row_;
};

void take_csv_field(void* field, std::size_t size, void* data) {
    static_cast<CsvRows*>(data)->add_field({static_cast<const char*>(field), size});
}

void take_csv_row(int /*terminator*/, void* data) {
    auto* rows = static_cast<CsvRows*>(data);
    rows->end_row(rows->position);
}

struct CsvEnd {
    void operator()(csv_parser* parser) const { csv_free(parser); }
};

} // namespace

std::optional<Error> read_csv_rows(std::string_view text, const TakeRow& take) {
    constexpr std::size_t chunk_size = 65536;
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    csv_parser parser{};
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
        return Error{"", "no memory"};
    }
    const std::unique_ptr<csv_parser, CsvEnd> end(&parser);
    CsvRows rows(take);
    if (text.starts_with(byte_order_mark)) {
        text.remove_prefix(byte_order_mark.size());
    }
    for (std::size_t at = 0; at < text.size(); at += chunk_size) {
        const std::string_view chunk = text.substr(at, chunk_size);
        rows.position = at + chunk.size();
        if (csv_parse(&parser, chunk.data(), chunk.size(), take_csv_field, take_csv_row, &rows) != chunk.size()) {
            return Error{"", std::string("not CSV: ") + csv_strerror(csv_error(&parser))};
        }
    }
    if (csv_fini(&parser, take_csv_field, take_csv_row, &rows) != 0) {
        return Error{"", std::string("not CSV: ") + csv_strerror(csv_error(&parser))};
    }
    return std::nullopt;
}

} // namespace api_key::tool

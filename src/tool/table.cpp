#include "tool/table.h"

#include <algorithm>

#include "tool/cells.h"

namespace api_key::tool {

namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t least_width = 6; // of a column that is cut

struct Laid {
    std::string heading;
    std::vector<std::string> cells;
    std::size_t width = 0;
    bool is_number = false;
    bool is_fixed = false; // a part of a number or time says something else
};

Laid lay(const json_t* rows, const TableColumn& column, bool has_headings) {
    Laid laid;
    laid.heading = column.heading.empty() ? heading_of(column.member) : column.heading;
    laid.width = has_headings ? shown_width(laid.heading) : 0;
    std::size_t numbers = 0;
    std::size_t times = 0;
    std::size_t all = 0;
    for (std::size_t row = 0; row < json_array_size(rows); row++) {
        std::string text = cell(json_object_get(json_array_get(rows, row), column.member.c_str()));
        numbers += is_number_cell(text) ? 1 : 0;
        times += is_time_cell(text) ? 1 : 0;
        all += text != "-" ? 1 : 0;
        laid.width = std::max(laid.width, shown_width(text));
        laid.cells.push_back(std::move(text));
    }
    laid.is_number = numbers != 0 && numbers == all;
    laid.is_fixed = laid.is_number || (times != 0 && times == all);
    return laid;
}

std::size_t whole_width(const std::vector<Laid>& columns) {
    std::size_t width = 0;
    for (const Laid& column : columns) {
        width += column.width + gap;
    }
    return width - std::min(width, gap);
}

// Takes from the widest column that may be cut until a row fits, or none may be cut any more.
void fit(std::vector<Laid>& columns, std::size_t width) {
    for (std::size_t whole = whole_width(columns); whole > width; whole--) {
        Laid* widest = nullptr;
        for (Laid& column : columns) {
            const bool may_be_cut = !column.is_fixed && column.width > least_width;
            if (may_be_cut && (widest == nullptr || column.width > widest->width)) {
                widest = &column;
            }
        }
        if (widest == nullptr) {
            return;
        }
        widest->width--;
    }
}

// The cells of a row, or the headings.
template <class TextOf>
std::string line_of(const std::vector<Laid>& columns, std::size_t width, TextOf text_of_column) {
    std::string line;
    for (const Laid& column : columns) {
        line += (&column == &columns.front() ? "" : std::string(gap, ' ')) +
                padded(cut_to(text_of_column(column), column.width), column.width, column.is_number);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return (width == 0 ? line : cut_to(line, width)) + "\n";
}

void add_members(json_t* object, const std::string& before, std::vector<std::pair<std::string, std::string>>& lines) {
    const char* name = nullptr;
    json_t* value = nullptr;
    json_object_foreach(object, name, value) {
        const std::string path = before.empty() ? name : before + "." + name;
        if (json_is_object(value) && json_object_size(value) != 0 && json_object_get(value, "type") == nullptr) {
            add_members(value, path, lines);
        } else {
            lines.emplace_back(heading_of(path), cell(value));
        }
    }
}

} // namespace

std::string table_of(const json_t* rows, const std::vector<TableColumn>& columns, const TableStyle& style) {
    std::vector<Laid> laid;
    for (const TableColumn& column : columns) {
        if (!column.is_wide || style.is_wide) {
            laid.push_back(lay(rows, column, style.has_headings));
        }
    }
    const std::size_t width = style.is_wide ? 0 : style.width;
    if (width != 0) {
        fit(laid, width);
    }
    std::string text;
    if (style.has_headings) {
        text = line_of(laid, width, [](const Laid& column) { return column.heading; });
    }
    for (std::size_t row = 0; row < json_array_size(rows); row++) {
        text += line_of(laid, width, [row](const Laid& column) { return column.cells[row]; });
    }
    return text;
}

std::string list_of_members(json_t* object) {
    std::vector<std::pair<std::string, std::string>> lines;
    add_members(object, {}, lines);
    std::size_t width = 0;
    for (const auto& [heading, shown] : lines) {
        width = std::max(width, shown_width(heading));
    }
    std::string text;
    for (const auto& [heading, shown] : lines) {
        text += padded(heading, width + gap, false) + shown + "\n";
    }
    return text;
}

} // namespace api_key::tool

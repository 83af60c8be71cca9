#include <optional>

#include <yaml.h>

#include "tool/import/row.h"

namespace api_key::tool {

namespace {

class YamlDocument {
  public:
    explicit YamlDocument(std::string_view text) {
        yaml_parser_t parser;
        if (yaml_parser_initialize(&parser) == 0) {
            problem_ = "no memory";
            return;
        }
        yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()), text.size());
        is_loaded_ = yaml_parser_load(&parser, &document_) != 0;
        if (!is_loaded_) {
            problem_ =
                "line " + std::to_string(parser.problem_mark.line + 1) + ": " + (parser.problem != nullptr ? parser.problem : "not YAML");
        }
        yaml_parser_delete(&parser);
    }
    ~YamlDocument() {
        if (is_loaded_) {
            yaml_document_delete(&document_);
        }
    }
    YamlDocument(const YamlDocument&) = delete;
    YamlDocument& operator=(const YamlDocument&) = delete;

    const std::string& problem() const { return problem_; }
    const yaml_node_t* root() { return is_loaded_ ? yaml_document_get_root_node(&document_) : nullptr; }
    const yaml_node_t* node(int index) { return yaml_document_get_node(&document_, index); }

  private:
    yaml_document_t document_{};
    bool is_loaded_ = false;
    std::string problem_;
};

std::string_view scalar_of(const yaml_node_t* node) {
    if (node == nullptr || node->type != YAML_SCALAR_NODE) {
        return {};
    }
    const std::string_view text(reinterpret_cast<const char*>(node->data.scalar.value), node->data.scalar.length);
    const bool is_null = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && (text == "null" || text == "~");
    return is_null ? std::string_view() : text;
}

template <class Visit>
void for_each_member(YamlDocument& document, const yaml_node_t* node, Visit visit) {
    if (node == nullptr || node->type != YAML_MAPPING_NODE) {
        return;
    }
    for (const yaml_node_pair_t* pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
        visit(scalar_of(document.node(pair->key)), document.node(pair->value));
    }
}

template <class Visit>
void for_each_item(YamlDocument& document, const yaml_node_t* node, Visit visit) {
    if (node == nullptr || node->type != YAML_SEQUENCE_NODE) {
        return;
    }
    std::size_t index = 0;
    for (const yaml_node_item_t* item = node->data.sequence.items.start; item < node->data.sequence.items.top; item++) {
        visit(index++, document.node(*item));
    }
}

const yaml_node_t* yaml_member(YamlDocument& document, const yaml_node_t* node, std::string_view name) {
    const yaml_node_t* found = nullptr;
    for_each_member(document, node, [&](std::string_view one, const yaml_node_t* value) { found = one == name ? value : found; });
    return found;
}

class KongRows {
  public:
    KongRows(YamlDocument& document, const TakeRow& take) : document_(document), take_(take) {}

    void read() {
        const yaml_node_t* root = document_.root();
        for_each_item(document_, yaml_member(document_, root, "consumers"), [&](std::size_t index, const yaml_node_t* consumer) {
            const std::string where = "consumers[" + std::to_string(index) + "].";
            read_credentials(where, yaml_member(document_, consumer, "keyauth_credentials"), consumer);
        });
        read_credentials("", yaml_member(document_, root, "keyauth_credentials"), nullptr);
    }

  private:
    void read_credentials(const std::string& where, const yaml_node_t* credentials, const yaml_node_t* consumer) {
        for_each_item(document_, credentials, [&](std::size_t index, const yaml_node_t* credential) {
            Row row;
            row.where = where + "keyauth_credentials[" + std::to_string(index) + "]";
            row.read_bytes = credential->end_mark.index;
            for_each_member(document_, credential, [&](std::string_view name, const yaml_node_t* value) { add(row, "", name, value); });
            for_each_member(document_, consumer, [&](std::string_view name, const yaml_node_t* value) {
                if (name != "keyauth_credentials") {
                    add(row, "consumer.", name, value);
                }
            });
            take_(std::move(row));
        });
    }

    void add(Row& row, const std::string& before, std::string_view name, const yaml_node_t* value) {
        std::string column = before + std::string(name);
        if (value->type == YAML_SCALAR_NODE) {
            row.add(std::move(column), std::string(scalar_of(value)));
        } else if (before.empty() && name == "consumer") { // `consumer: {username: alice}`
            for_each_member(document_, value, [&](std::string_view inner, const yaml_node_t* text) { add(row, "consumer.", inner, text); });
        } else {
            row.add(std::move(column), "…"); // it is only reported
        }
    }

    YamlDocument& document_;
    const TakeRow& take_;
};

} // namespace

std::optional<Error> read_kong_rows(std::string_view text, const TakeRow& take) {
    YamlDocument document(text);
    if (!document.problem().empty()) {
        return Error{"", document.problem()};
    }
    const yaml_node_t* root = document.root();
    if (yaml_member(document, root, "_format_version") == nullptr && yaml_member(document, root, "consumers") == nullptr) {
        return Error{"", "expected Kong's declarative configuration, with \"_format_version\""};
    }
    KongRows(document, take).read();
    return std::nullopt;
}

} // namespace api_key::tool

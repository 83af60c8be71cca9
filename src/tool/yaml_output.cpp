#include "tool/yaml_output.h"

#include <yaml.h>

namespace api_key::tool {

namespace {

// Writes events in order; after one that fails, none is written.
class YamlEmitter {
  public:
    explicit YamlEmitter(std::string& out) {
        yaml_emitter_initialize(&emitter_);
        yaml_emitter_set_unicode(&emitter_, 1);
        yaml_emitter_set_width(&emitter_, -1);
        yaml_emitter_set_output(
            &emitter_,
            [](void* data, unsigned char* bytes, std::size_t size) {
                static_cast<std::string*>(data)->append(reinterpret_cast<const char*>(bytes), size);
                return 1;
            },
            &out);
    }
    ~YamlEmitter() { yaml_emitter_delete(&emitter_); }
    YamlEmitter(const YamlEmitter&) = delete;
    YamlEmitter& operator=(const YamlEmitter&) = delete;

    void write_document(const json_t* value) {
        yaml_event_t event;
        emit(event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
        emit(event, yaml_document_start_event_initialize(&event, nullptr, nullptr, nullptr, 1));
        write(value);
        emit(event, yaml_document_end_event_initialize(&event, 1));
        emit(event, yaml_stream_end_event_initialize(&event));
    }

  private:
    void write(const json_t* value) {
        yaml_event_t event;
        if (json_is_object(value)) {
            emit(event, yaml_mapping_start_event_initialize(&event, nullptr, nullptr, 1, YAML_BLOCK_MAPPING_STYLE));
            const char* name = nullptr;
            json_t* member = nullptr;
            json_object_foreach(const_cast<json_t*>(value), name, member) {
                write_scalar(name, false);
                write(member);
            }
            emit(event, yaml_mapping_end_event_initialize(&event));
        } else if (json_is_array(value)) {
            emit(event, yaml_sequence_start_event_initialize(&event, nullptr, nullptr, 1, YAML_BLOCK_SEQUENCE_STYLE));
            for (std::size_t index = 0; index < json_array_size(value); index++) {
                write(json_array_get(value, index));
            }
            emit(event, yaml_sequence_end_event_initialize(&event));
        } else if (json_is_string(value)) {
            write_scalar(std::string(text_of(value)), true);
        } else {
            write_scalar(dump(Json(json_incref(const_cast<json_t*>(value)))), false);
        }
    }

    // Texts are quoted, so that `no` and `25.50` stay texts.
    void write_scalar(const std::string& text, bool is_text) {
        yaml_event_t event;
        emit(event, yaml_scalar_event_initialize(&event, nullptr, nullptr, reinterpret_cast<const unsigned char*>(text.data()),
                                                 static_cast<int>(text.size()), 1, 1,
                                                 is_text ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_PLAIN_SCALAR_STYLE));
    }

    void emit(yaml_event_t& event, int is_made) { is_good_ = is_good_ && is_made == 1 && yaml_emitter_emit(&emitter_, &event) == 1; }

    yaml_emitter_t emitter_{};
    bool is_good_ = true;
};

} // namespace

std::string yaml_of(const json_t* value) {
    std::string text;
    YamlEmitter(text).write_document(value);
    return text;
}

} // namespace api_key::tool

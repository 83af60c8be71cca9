#include "core/documents/rendered_answers.h"

namespace api_key {

namespace {

void add(std::string& name, std::int64_t number) {
    name.append(reinterpret_cast<const char*>(&number), sizeof number);
}

bool shows_request_id(ErrorFormat format) {
    return format == ErrorFormat::anthropic || format == ErrorFormat::problem;
}

} // namespace

void RenderedAnswers::write_name(ErrorFormat format, const Answer& answer) {
    name_.clear();
    add(name_, static_cast<std::int64_t>(format) << 32 | answer.status);
    add(name_, answer.reset_ms.value_or(0));
    if (answer.limit) {
        add(name_, answer.limit->used);
        add(name_, answer.limit->cap);
        name_ += answer.limit->name;
    }
    if (answer.spend) {
        add(name_, answer.spend->used_micro_credits);
        add(name_, answer.spend->cap_micro_credits);
        name_ += answer.spend->name;
    }
    for (const std::string_view text : {answer.message, answer.code, answer.param}) {
        name_ += '\0';
        name_ += text;
    }
}

const std::string& RenderedAnswers::body(ErrorFormat format, const Answer& answer) {
    if (shows_request_id(format)) {
        unique_ = render(format, answer);
        return unique_;
    }
    write_name(format, answer);
    if (const auto found = rendered_.find(name_); found != rendered_.end()) {
        return found->second;
    }
    if (rendered_.size() == max_bodies) {
        rendered_.clear();
    }
    return rendered_[name_] = render(format, answer);
}

} // namespace api_key

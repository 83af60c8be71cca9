#include "module/model.h"

#include "core/ascii.h"
#include "core/model_glob.h"
#include "core/request_body.h"
#include "module/body.h"
#include "module/cost.h"

namespace api_key::module {

namespace {

// OpenAI's chat completions tell the usage of a stream only when asked; its other APIs know no such question.
bool may_have_to_ask_for_usage(const RequestContext& context, const LocationConfiguration& location) {
    return location.meter == MeterDialect::openai && context.request->method == NGX_HTTP_POST &&
           view(context.request->uri).ends_with("/completions");
}

bool is_in_scope(const RequestContext& context) {
    const bool in_key = context.record.models.empty() || any_matches(context.record.models, view(context.model));
    return in_key && (context.plan == nullptr || context.plan->models.empty() || any_matches(context.plan->models, view(context.model)));
}

// Of `/v1beta/models/gemini-2.5-flash:generateContent`: what stands between `/models/` and the colon or the end.
std::string_view model_in_path(std::string_view path) {
    constexpr std::string_view before = "/models/";
    const std::size_t at = path.find(before);
    if (at == std::string_view::npos) {
        return {};
    }
    path.remove_prefix(at + before.size());
    return path.substr(0, std::min(path.find_first_of(":/"), path.size()));
}

void set_problem(RequestContext& context, const std::string& words) {
    context.problem = copy_to(context.request->pool, words);
}

// What the body says, with certainty; else why not, in the context.
void read_facts(RequestContext& context, ModelSource source) {
    ngx_http_request_t* r = context.request;
    if (const std::string_view encoding = header_value(r, "content-encoding"); !encoding.empty() && encoding != "identity") {
        return set_problem(context, "A compressed request body cannot be checked: send it as it is");
    }
    const std::optional<std::string> body = whole_body(r);
    if (!body) {
        return set_problem(context, "The request body could not be read");
    }
    if (body->empty()) {
        return;
    }
    const std::string_view content_type = header_value(r, "content-type");
    const bool is_form = starts_in_any_case(content_type, "multipart/form-data");
    const Result<RequestFacts> facts = is_form ? read_multipart_body(content_type, *body) : read_json_body(*body);
    if (!facts) {
        return set_problem(context, facts.error().message);
    }
    context.asked = {facts->max_output_tokens, facts->choices, static_cast<std::int64_t>(body->size()), facts->input_elsewhere};
    context.usage_unasked = !is_form && facts->streams && !facts->asks_for_usage;
    if (source == ModelSource::none) {
        return;
    }
    if (source == ModelSource::body) {
        if (facts->model.empty()) {
            return set_problem(context, "model: is required");
        }
        context.model = copy_to(r->pool, facts->model);
    } else if (!facts->model.empty() && facts->model != view(context.model) &&
               facts->model != "models/" + std::string(view(context.model))) {
        set_problem(context, "model: the body names another model than the path");
    }
}

} // namespace

bool is_scoped(const RequestContext& context) {
    return !context.record.models.empty() || (context.plan != nullptr && !context.plan->models.empty());
}

ngx_int_t learn_model(RequestContext& context, const LocationConfiguration& location) {
    ngx_http_request_t* r = context.request;
    const bool may_ask = may_have_to_ask_for_usage(context, location);
    if ((location.model == ModelSource::none && !may_ask) || context.model_known) {
        return NGX_OK;
    }
    if (location.model == ModelSource::path) {
        context.model = same_bytes(model_in_path(view(r->uri)));
    } else if (location.model == ModelSource::variable) {
        const ngx_http_variable_value_t* value = ngx_http_get_indexed_variable(r, static_cast<ngx_uint_t>(location.model_variable));
        context.model = value != nullptr && value->not_found == 0 ? ngx_str_t{value->len, value->data} : ngx_str_t{};
    }
    const bool is_priced = is_priced_by_tokens(context, location);
    if (is_priced || (is_scoped(context) && location.model != ModelSource::variable && location.model != ModelSource::none) || may_ask) {
        if (!context.body_read) {
            return read_body(r);
        }
        read_facts(context, location.model != ModelSource::variable ? location.model : ModelSource::none);
        context.usage_unasked = context.usage_unasked && may_ask;
    }
    context.model_known = true;
    return NGX_OK;
}

Reason decide_model(RequestContext& context, const LocationConfiguration& location) {
    const bool is_looked_at = is_scoped(context) && location.model != ModelSource::none;
    if (context.problem.len != 0 && (is_looked_at || is_priced_by_tokens(context, location))) {
        return Reason::request_invalid;
    }
    if (!is_looked_at) {
        return Reason::none;
    }
    // a request that names no model at all, as for a list of them, uses none
    return context.model.len == 0 || is_in_scope(context) ? Reason::none : Reason::model_not_allowed;
}

} // namespace api_key::module

#include "module/access/model.h"

#include "core/policy/model_name.h"
#include "core/tokens/typed_body.h"
#include "module/access/cost.h"
#include "module/ngx/body.h"
#include "module/ngx/headers.h"
#include "module/request/waiting.h"

namespace api_key::module {

bool may_name_a_model(const ngx_http_request_t& r) {
    constexpr ngx_uint_t reading = NGX_HTTP_GET | NGX_HTTP_HEAD | NGX_HTTP_OPTIONS | NGX_HTTP_DELETE;
    return (r.method & reading) == 0;
}

namespace {

Api api(const RequestContext& context, const LocationConfiguration& location) {
    return location.meter ? api_of(*location.meter, view(context.request->uri)) : Api::other;
}

// OpenAI's chat completions report the usage of a stream only when asked; its other APIs have no such option.
bool may_have_to_ask_for_usage(const RequestContext& context, const LocationConfiguration& location) {
    if (location.meter != MeterDialect::openai || context.request->method != NGX_HTTP_POST) {
        return false;
    }
    const Api asked = api(context, location);
    return asked == Api::chat_completions || asked == Api::completions;
}

void set_problem(RequestContext& context, const std::string& message) {
    context.problem = copy_to(context.request->pool, message);
}

// Why, by the headers, the upstream may read something else than the body here; empty: it reads the same.
std::string_view body_problem(ngx_http_request_t* r) {
    std::size_t types = 0;
    bool is_encoded = false;
    for_each_header(r->headers_in.headers, [&](const ngx_table_elt_t& header) {
        const std::string_view name = lowercase_name(header);
        types += name == "content-type" ? 1 : 0;
        is_encoded = is_encoded || (name == "content-encoding" && header.value.len != 0 && view(header.value) != "identity");
    });
    return is_encoded ? "A compressed request body cannot be checked: send it as it is" : types > 1 ? "Content-Type: was sent twice" : "";
}

// Takes the model from the body, and checks it against the path and the query.
void take_model_of_body(RequestContext& context, const RequestFacts& facts) {
    ngx_http_request_t* r = context.request;
    const std::string_view deployment = deployment_in_path(view(r->uri));
    if (!deployment.empty() && deployment != facts.model) {
        return set_problem(context, "model: the path names another model than the body");
    }
    if (names_another_model(view(r->args), facts.model)) {
        return set_problem(context, "model: the query names another model than the body");
    }
    if (facts.model.empty()) {
        return set_problem(context, "model: is required");
    }
    context.model = copy_to(r->pool, facts.model);
}

// Reads the facts of the body that are certain; if they are not, sets the problem in the context.
void read_facts(RequestContext& context, const LocationConfiguration& location) {
    ngx_http_request_t* r = context.request;
    if (const std::string_view problem = body_problem(r); !problem.empty()) {
        return set_problem(context, std::string(problem));
    }
    const std::optional<std::string> body = whole_body(r);
    if (!body) {
        return set_problem(context, "The request body could not be read");
    }
    if (body->empty()) {
        if (location.model == ModelSource::body && names_another_model(view(r->args), {})) {
            set_problem(context, "model: must be named by the body, not by the query");
        }
        return;
    }
    Result<RequestFacts> facts = read_typed_body(location.meter, api(context, location), header_value(r, "content-type"), *body);
    if (!facts) {
        return set_problem(context, facts.error().message);
    }
    context.usage_unasked = facts->streams && !facts->asks_for_usage;
    if (location.model == ModelSource::body) {
        take_model_of_body(context, *facts);
    } else if (location.model == ModelSource::path && !facts->model.empty() && facts->model != view(context.model) &&
               facts->model != "models/" + std::string(view(context.model))) {
        set_problem(context, "model: the body names another model than the path");
    }
    context.asked = make_in_pool<RequestFacts>(r->pool, std::move(*facts));
    if (context.asked == nullptr) {
        set_problem(context, "The request body could not be read");
    }
}

void take_model_of_path(RequestContext& context) {
    const ngx_http_request_t* r = context.request;
    const Result<std::string_view> model = model_in_path(view(r->uri));
    if (!model) {
        set_problem(context, model.error().message);
    } else {
        context.model = same_bytes(*model);
    }
    if (has_dot_segments(view(r->unparsed_uri))) {
        set_problem(context, "model: the path must not have . or .. in it");
    }
}

} // namespace

Verdict learn_model(RequestContext& context, const LocationConfiguration& location) {
    ngx_http_request_t* r = context.request;
    const bool may_ask = may_have_to_ask_for_usage(context, location);
    if ((location.model == ModelSource::none && !may_ask) || context.model_known) {
        return Verdict::pass();
    }
    if (location.model == ModelSource::path) {
        take_model_of_path(context);
    } else if (location.model == ModelSource::variable) {
        const ngx_http_variable_value_t* value = ngx_http_get_indexed_variable(r, static_cast<ngx_uint_t>(location.model_variable));
        context.model = value != nullptr && value->not_found == 0 ? ngx_str_t{value->len, value->data} : ngx_str_t{};
    }
    const bool is_priced = is_priced_by_tokens(context, location);
    if (is_priced ||
        (context.model_scope().is_limited() && location.model != ModelSource::variable && location.model != ModelSource::none) || may_ask) {
        if (!context.body_read) {
            return Verdict::finish(read_body(context));
        }
        read_facts(context, location);
        context.usage_unasked = context.usage_unasked && may_ask;
    }
    context.model_known = true;
    return Verdict::pass();
}

Reason decide_model(RequestContext& context, const LocationConfiguration& location) {
    const bool is_looked_at = context.model_scope().is_limited() && location.model != ModelSource::none;
    if (context.problem.len != 0 && (is_looked_at || is_priced_by_tokens(context, location))) {
        return Reason::request_invalid;
    }
    if (!is_looked_at) {
        return Reason::none;
    }
    // a request without a model, such as a list of models, uses none
    return context.model.len == 0 || context.model_scope().allows(view(context.model)) ? Reason::none : Reason::model_not_allowed;
}

} // namespace api_key::module

// The access phase's next step with a request.
#pragma once

#include "core/policy/reason.h"
#include "module/ngx/ngx.h"

namespace api_key::module {

class Verdict {
  public:
    // Reason::none: it passes; else it is refused.
    Verdict(Reason reason) : kind_(reason == Reason::none ? Kind::pass : Kind::refuse), reason_(reason) {} // NOLINT: rules give reasons

    static Verdict pass() { return Reason::none; }
    static Verdict wait() { return {Kind::wait, NGX_AGAIN}; }                  // until it is resumed
    static Verdict finish(ngx_int_t result) { return {Kind::finish, result}; } // the phase returns this

    bool passes() const { return kind_ == Kind::pass; }
    bool refuses() const { return kind_ == Kind::refuse; }
    bool waits() const { return kind_ == Kind::wait; }
    bool finishes() const { return kind_ == Kind::finish; }
    Reason reason() const { return reason_; }
    ngx_int_t result() const { return result_; }

    // Applies the next rule if this one lets the request pass.
    template <class Rule>
    Verdict then(Rule rule) const {
        return passes() ? Verdict(rule()) : *this;
    }

  private:
    enum class Kind : std::uint8_t { pass, refuse, wait, finish };
    Verdict(Kind kind, ngx_int_t result) : kind_(kind), result_(result) {}

    Kind kind_;
    Reason reason_ = Reason::none;
    ngx_int_t result_ = NGX_OK;
};

} // namespace api_key::module

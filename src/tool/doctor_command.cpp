#include <chrono>

#include <fmt/core.h>

#include "store/node_flows.h"
#include "store/replies.h"
#include "tool/commands.h"

namespace api_key::tool {

namespace {

class Report {
  public:
    void add(const char* check, const char* state, const std::string& detail) {
        json_t* row = json_object();
        json_object_set_new(row, "check", json_string(check));
        json_object_set_new(row, "state", json_string(state));
        json_object_set_new(row, "detail", json_text(detail).release());
        json_array_append_new(rows_.get(), row);
        failed_ = failed_ || std::string_view(state) == "fail";
    }
    const Json& rows() const { return rows_; }
    bool failed() const { return failed_; }

  private:
    Json rows_{json_array()};
    bool failed_ = false;
};

// One setting; empty when the server does not tell (managed services refuse CONFIG).
std::string setting(Session& session, const char* name) {
    const store::Reply reply = session.runner().command({"CONFIG", "GET", name});
    if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements != 2) {
        return {};
    }
    return std::string(store::text(reply->element[1]));
}

void check_eviction(Session& session, Report& report) {
    const std::string policy = setting(session, "maxmemory-policy");
    if (policy.empty()) {
        report.add("eviction", "warn", "the server does not tell its maxmemory-policy: it has to be noeviction");
    } else {
        report.add("eviction", policy == "noeviction" ? "ok" : "fail", "maxmemory-policy is " + policy);
    }
}

void check_persistence(Session& session, Report& report) {
    const std::string append = setting(session, "appendonly");
    const std::string save = setting(session, "save");
    if (append.empty() && save.empty()) {
        const bool told = session.runner().command({"CONFIG", "GET", "save"}) != nullptr;
        report.add("persistence", "warn",
                   told ? "neither appendonly nor save is on: a restart loses all keys" : "the server does not tell");
    } else {
        const bool on = append == "yes" || !save.empty();
        report.add("persistence", on ? "ok" : "warn", on ? "on" : "neither appendonly nor save is on: a restart loses all keys");
    }
}

void check_clock(Session& session, Report& report) {
    const store::Reply reply = session.runner().command({"TIME"});
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const std::int64_t here_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    const std::int64_t difference_ms = reply ? here_ms - store::time_ms(reply.get()).value_or(here_ms) : 0;
    const bool close = difference_ms > -2000 && difference_ms < 2000;
    report.add("clock", close ? "ok" : "warn", fmt::format("this machine is {} ms ahead of the store", difference_ms));
}

void check_contents(Session& session, Report& report) {
    store::Heartbeat flow(session.keyspace());
    session.run(flow);
    report.add("contents", flow.problem() == nullptr ? "ok" : "fail", flow.problem() == nullptr ? "schema 1" : flow.problem());
}

void examine(const Options& options) {
    Session session(options);
    Report report;
    report.add("connection", "ok", "reached");
    check_contents(session, report);
    check_eviction(session, report);
    check_persistence(session, report);
    check_clock(session, report);
    session.print(report.rows(), {"check", "state", "detail"});
    if (report.failed()) {
        fail(exit_refused, "the store is not fit for use");
    }
}

} // namespace

void add_doctor_command(CLI::App& app, const Options& options) {
    app.add_subcommand("doctor", "is the store reached, safe and sound?")->callback([&options] { examine(options); });
}

} // namespace api_key::tool

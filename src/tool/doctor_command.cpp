#include <fmt/core.h>

#include "store/flows/examination.h"
#include "store/flows/pepper_flows.h"
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

const char* word(store::Finding::State state) {
    switch (state) {
    case store::Finding::State::ok:
        return "ok";
    case store::Finding::State::warn:
        return "warn";
    case store::Finding::State::fail:
        break;
    }
    return "fail";
}

void check_clock(const store::Examination& examination, Report& report) {
    constexpr std::int64_t max_ms = 2000;
    const std::int64_t difference_ms = clock_ms() - examination.store_now_ms().value_or(clock_ms());
    const bool close = difference_ms > -max_ms && difference_ms < max_ms;
    report.add("clock", close ? "ok" : "warn", fmt::format("this machine is {} ms ahead of the store", difference_ms));
}

void check_pepper(const Options& options, Session& session, Report& report) {
    if (options.pepper_file.empty()) {
        return;
    }
    const Peppers peppers = session.read_pepper();
    store::CheckPeppers flow(session.keyspace(), peppers);
    session.run(flow);
    switch (flow.verdict().state) {
    case PepperVerdict::State::good:
        return report.add("pepper", "ok",
                          flow.verdict().signs_anew ? "version " + std::to_string(peppers.version(0)) + " has signed nothing yet"
                                                    : "the one that the store knows");
    case PepperVerdict::State::wrong:
        return report.add("pepper", "fail", flow.verdict().problem + ": it makes keys that no node accepts");
    case PepperVerdict::State::unproven:
        break;
    }
    if (!flow.is_empty()) {
        report.add("pepper", "warn",
                   "nothing in the store shows whether it is the right one; \"apikeyctl pepper register --yes\" says that it is");
    }
}

void examine(const Options& options) {
    Session session(options);
    Report report;
    const store::Endpoint& server = session.runner().server();
    report.add("connection", "ok", server.host.empty() ? "reached" : "reached at " + server.text());
    store::Examination examination(session.keyspace());
    session.run(examination);
    for (const store::Finding& finding : examination.findings()) {
        report.add(finding.check.c_str(), word(finding.state), finding.detail);
    }
    check_clock(examination, report);
    check_pepper(options, session, report);
    session.print(report.rows(), {"check", "state", "detail"});
    if (report.failed()) {
        fail(exit_refused, "the store is not fit for use");
    }
}

} // namespace

void add_doctor_command(CLI::App& app, const Options& options) {
    app.add_subcommand("doctor", "check the connection and the settings of Redis")->callback([&options] { examine(options); });
}

} // namespace api_key::tool

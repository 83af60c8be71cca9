#include <fstream>
#include <iostream>
#include <memory>

#include <fmt/format.h>

#include "store/flows/node_flows.h"
#include "store/flows/transfer_flow.h"
#include "store/random_source.h"
#include "tool/commands.h"
#include "tool/export_lines.h"
#include "tool/progress.h"

namespace api_key::tool {

namespace {

class Restore {
  public:
    Restore(const Options& options, std::istream& lines, std::string name) : session_(options), lines_(lines), name_(std::move(name)) {
        author_.name = "apikeyctl";
        lines_.seekg(0, std::ios::end);
        size_ = static_cast<double>(lines_.tellg());
        lines_.clear();
        lines_.seekg(0);
        lines_.clear();
    }

    void run() {
        read_first_line();
        check_target();
        std::string line;
        bool is_complete = false;
        while (!is_complete && next_line(line)) {
            const Json object(json_loadb(line.data(), line.size(), 0, nullptr));
            if (const std::optional<std::uint64_t> parts = read_end(object)) {
                is_complete = *parts == count_;
                break;
            }
            std::optional<store::StoredPart> part = read_part(object);
            if (!part) {
                fail(exit_usage, fmt::format("{}, line {}: not a line of an export", name_, line_));
            }
            take(std::move(*part));
        }
        if (!is_complete) {
            fail(exit_usage,
                 fmt::format("{} is cut off after line {}: the store is not in use, restore a whole export into it", name_, line_));
        }
        flush();
        author_.now_ms = clock_ms();
        store::FinishRestore flow(session_.keyspace(), author_, heading_.peppers, store::random_hex(16), heading_.id);
        session_.run(flow);
    }

    void print() {
        Json object(json_object());
        set_number(object.get(), "restored", static_cast<std::int64_t>(count_));
        set(object.get(), "exportedAt", heading_.at);
        session_.print(object);
    }

  private:
    bool next_line(std::string& line) {
        line_++;
        return static_cast<bool>(std::getline(lines_, line));
    }

    void read_first_line() {
        std::string line;
        std::optional<ExportHeading> heading = next_line(line) ? read_heading(line) : std::nullopt;
        if (!heading) {
            fail(exit_usage, name_ + " does not begin as \"apikeyctl export\" writes it");
        }
        heading_ = std::move(*heading);
        if (heading_.schema != store::schema_version) {
            fail(exit_refused,
                 fmt::format("{} has schema \"{}\", this program knows \"{}\"", name_, heading_.schema, store::schema_version));
        }
        peppers_.emplace(session_.read_pepper());
        author_.peppers = &*peppers_;
        const PepperVerdict verdict = judge_peppers(*peppers_, heading_.peppers);
        if (verdict.state == PepperVerdict::State::wrong) {
            fail(exit_refused, fmt::format("this pepper is not the one of the exported store ({}); nothing was changed", verdict.problem));
        }
    }

    void check_target() {
        store::ExamineTarget target(session_.keyspace());
        session_.run(target);
        if (target.is_in_use()) {
            fail(exit_refused, "this store has accounts already: restore into an empty one, or under another --key-prefix");
        }
        if (target.has_accounts() && target.restoring() != heading_.id) {
            fail(exit_refused, "this store is not empty: it has accounts without an epoch record, which are not of this export");
        }
    }

    void take(store::StoredPart part) {
        constexpr std::size_t max_parts = 1000;
        constexpr std::size_t max_bytes = 1'000'000;
        for (const std::string& value : part.values) {
            bytes_ += value.size();
        }
        batch_.push_back(std::move(part));
        count_++;
        if (batch_.size() == max_parts || bytes_ > max_bytes) {
            flush();
        }
    }

    void flush() {
        store::RestoreParts flow(session_.keyspace(), heading_.id, std::exchange(batch_, {}));
        session_.run(flow);
        bytes_ = 0;
        progress_.show(size_ > 0 ? static_cast<double>(lines_.tellg()) / size_ : -1, count_);
    }

    Session session_;
    std::istream& lines_;
    std::string name_;
    Author author_;
    double size_ = -1; // of the file; below 0: not known
    std::uint64_t line_ = 0;
    std::uint64_t count_ = 0;
    std::size_t bytes_ = 0; // of the batch
    ExportHeading heading_;
    std::optional<Peppers> peppers_;
    std::vector<store::StoredPart> batch_;
    Progress progress_{"values"};
};

void restore_store(const Options& options, const std::string& path) {
    std::ifstream file;
    if (path != "-") {
        file.open(path, std::ios::binary);
        if (!file) {
            fail(exit_usage, fmt::format("cannot read \"{}\"", path));
        }
    }
    Restore restore(options, path == "-" ? std::cin : file, path == "-" ? "standard input" : path);
    restore.run();
    restore.print();
}

} // namespace

void add_restore_command(CLI::App& app, const Options& options) {
    auto path = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("restore", "write an export into an empty store; run it again to resume");
    command->add_option("file", *path, "file that \"apikeyctl export\" wrote; - for standard input")->required()->type_name("FILE");
    command->callback([&options, path] { restore_store(options, *path); });
}

} // namespace api_key::tool

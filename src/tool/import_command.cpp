#include <map>
#include <memory>
#include <set>
#include <unordered_set>

#include <fmt/format.h>

#include "core/secrets/key_text.h"
#include "store/flows/account_flows.h"
#include "store/flows/import_flow.h"
#include "tool/commands.h"
#include "tool/import/foreign_key.h"
#include "tool/known_settings.h"
#include "tool/progress.h"

namespace api_key::tool {

namespace {

struct ImportArguments {
    std::string file;
    std::string format;
    std::uint64_t account = 0;
    std::string type;
    std::string report_file;
    bool dry_run = false;
    bool force = false;
};

// Says which keys were left out, and why: all of them in a file of JSON lines, the first ones on standard error.
class ImportReport {
  public:
    explicit ImportReport(const std::string& path) {
        if (!path.empty() && !(file_ = File(std::fopen(path.c_str(), "we")))) {
            fail(exit_usage, fmt::format("cannot write \"{}\"", path));
        }
    }

    void leave_out(const std::string& where, const std::string& name, const std::string& reason) {
        constexpr std::uint64_t max_shown = 10;
        if (++count_ <= max_shown) {
            fmt::print(stderr, "apikeyctl: {}{} left out: {}\n", where, name.empty() ? "" : " (" + name + ")", reason);
        } else if (count_ == max_shown + 1) {
            fmt::print(stderr, "apikeyctl: more are left out{}\n", file_ ? ", see the report" : "; --report FILE lists all of them");
        }
        if (file_) {
            Json line(json_object());
            set(line.get(), "where", where);
            set_unless_empty(line.get(), "name", name);
            set(line.get(), "reason", reason);
            fmt::print(file_.get(), "{}\n", dump(line));
        }
    }

    std::uint64_t count() const { return count_; }

  private:
    struct Closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    using File = std::unique_ptr<std::FILE, Closer>;

    File file_;
    std::uint64_t count_ = 0;
};

class Importer {
  public:
    Importer(Session& session, const ImportArguments& arguments, const ForeignFormat& format)
        : session_(session), arguments_(arguments), format_(format), report_(arguments.report_file), keys_(format, clock_ms()),
          author_(session.author()), nodes_(settings_of_nodes(session)) {
        for (const NodeSettings::Type& type : types_of(nodes_)) {
            types_.push_back(type);
        }
        for (const NodeSettings::Type& type : types_) {
            forms_.push_back({type.prefix, type.is_foreign});
        }
    }

    void run(const std::string& text) {
        if (const std::string problem = problem_of_type(nodes_, arguments_.type); !problem.empty() && !arguments_.force) {
            fail(exit_refused, problem + "; --force imports them");
        }
        const std::optional<Error> error = format_.read(text, [&](Row row) {
            const double share = static_cast<double>(row.read_bytes) / static_cast<double>(std::max<std::size_t>(text.size(), 1));
            take(std::move(row));
            progress_.show(share, created_ + present_ + report_.count());
        });
        flush();
        if (error) {
            fail(exit_usage, fmt::format("{}: {}; {} keys before that were imported", arguments_.file, error->message,
                                         arguments_.dry_run ? 0 : created_));
        }
    }

    void print() {
        Json object(json_object());
        if (arguments_.dry_run) {
            json_object_set_new(object.get(), "dryRun", json_true());
        }
        set_number(object.get(), arguments_.dry_run ? "toBeCreated" : "created", static_cast<std::int64_t>(created_));
        set_number(object.get(), "present", static_cast<std::int64_t>(present_));
        set_number(object.get(), "leftOut", static_cast<std::int64_t>(report_.count()));
        json_t* fields = json_array();
        for (const auto& [column, field] : keys_.left_out()) {
            json_t* one = json_object();
            set(one, "field", column);
            set_number(one, "keys", static_cast<std::int64_t>(field.keys));
            set(one, "reason", field.reason);
            json_array_append_new(fields, one);
            fmt::print(stderr, "apikeyctl: field \"{}\" of {} keys left out: {}\n", column, field.keys, field.reason);
        }
        json_object_set_new(object.get(), "leftOutFields", fields);
        session_.print(object);
    }

    bool is_whole() const { return report_.count() == 0; }

  private:
    void take(Row row) {
        Result<ForeignKey> key = keys_.read(row);
        if (!key) {
            return report_.leave_out(row.where, {}, key.error().message);
        }
        KeyRecord& draft = key->draft;
        draft.account = draft.account != 0 ? draft.account : arguments_.account;
        draft.type = arguments_.type;
        if (const std::string problem = problem_of(*key); !problem.empty()) {
            return report_.leave_out(row.where, draft.name, problem);
        }
        draft.prefix = shown_of(*key);
        draft.pepper_version = author_.peppers->version(0);
        std::vector<Digest> digests = author_.peppers->digests(key->sha256);
        if (digests.size() != author_.peppers->size()) {
            fail(exit_refused, "OpenSSL cannot make a digest");
        }
        draft.digest = digests.front();
        if (!batch_.empty() && batch_.front().draft.account != draft.account) {
            flush();
        }
        batch_.push_back({std::move(draft), std::move(digests)});
        places_.push_back(std::move(row.where));
        if (batch_.size() == store::ImportKeys::max_keys) {
            flush();
        }
    }

    // Why this key cannot be imported; empty: it can.
    std::string problem_of(const ForeignKey& key) {
        const KeyRecord& draft = key.draft;
        if (draft.account == 0) {
            return "to which account? --account, or a column \"account\", names it";
        }
        if (const std::string& problem = problem_of_account(draft.account); !problem.empty()) {
            return problem;
        }
        if (!draft.plan.empty() && !arguments_.force) {
            if (std::string problem = problem_of_plan(nodes_, draft.plan); !problem.empty()) {
                return problem;
            }
        }
        if (!key.text.empty() && !forms_.empty() && !arguments_.force) {
            const std::optional<std::size_t> form = key_form_of(key.text, forms_);
            if (!form || types_[*form].name != draft.type) {
                return fmt::format("the nodes do not take it for a key of type \"{}\": it needs its prefix and format=any (api_key_type)",
                                   draft.type);
            }
        }
        if (!seen_.insert(key.sha256).second) {
            return "this key is in the file twice";
        }
        if (!draft.alias.empty() && !aliases_.emplace(draft.account, draft.alias).second) {
            return "its alias is in the file twice";
        }
        return {};
    }

    const std::string& problem_of_account(std::uint64_t id) {
        const auto [known, is_new] = accounts_.try_emplace(id);
        if (is_new) {
            store::ReadAccount flow(session_.keyspace(), id);
            session_.runner().run(flow);
            if (flow.outcome() == store::Outcome::not_found) {
                known->second = fmt::format("there is no account {}", id);
            } else if (flow.outcome() != store::Outcome::done) {
                session_.run(flow); // ends the program
            } else if (!flow.account().active) {
                known->second = fmt::format("account {} is disabled", id);
            }
        }
        return known->second;
    }

    // At most a quarter of a key that is short.
    std::string shown_of(const ForeignKey& key) const {
        std::string shown = key.draft.prefix;
        if (!key.text.empty()) {
            shown = shown_prefix(key.text).substr(0, key.text.size() / 4);
        }
        for (const NodeSettings::Type& type : types_) {
            if (shown.empty() && type.name == arguments_.type) {
                shown = shown_prefix(type.prefix);
            }
        }
        return shown.empty() ? "unknown" : shown;
    }

    void flush() {
        if (batch_.empty()) {
            return;
        }
        author_.now_ms = clock_ms();
        store::ImportKeys flow(session_.keyspace(), author_, std::exchange(batch_, {}), arguments_.format, arguments_.dry_run);
        session_.run(flow);
        for (std::size_t index = 0; index < flow.keys().size(); index++) {
            const store::ImportedKey& key = flow.keys()[index];
            switch (key.state) {
            case store::ImportState::created:
                created_++;
                break;
            case store::ImportState::present:
                present_++;
                break;
            case store::ImportState::alias_taken:
                report_.leave_out(places_[index], key.draft.name, "another key of the account has this alias");
                break;
            }
        }
        places_.clear();
    }

    Session& session_;
    const ImportArguments& arguments_;
    const ForeignFormat& format_;
    ImportReport report_;
    ForeignKeys keys_;
    Author author_;
    std::vector<NodeSettings> nodes_;
    std::vector<NodeSettings::Type> types_;
    std::vector<KeyForm> forms_;                    // of `types_`
    std::map<std::uint64_t, std::string> accounts_; // why no key can be imported to it
    std::unordered_set<Digest, DigestHash> seen_;
    std::set<std::pair<std::uint64_t, std::string>> aliases_;
    std::vector<store::ImportedKey> batch_;
    std::vector<std::string> places_; // in the file, of those
    std::uint64_t created_ = 0;
    std::uint64_t present_ = 0;
    Progress progress_{"keys"};
};

void import_keys(const Options& options, const ImportArguments& arguments) {
    if (!is_key_prefix(arguments.type)) {
        fail(exit_usage, "--type: expected 1 to 32 of [0-9A-Za-z_-]");
    }
    const std::string text = read_file(arguments.file);
    Session session(options);
    bool is_whole = false;
    for (const ForeignFormat& format : foreign_formats()) {
        if (format.name == arguments.format) {
            Importer importer(session, arguments, format);
            importer.run(text);
            importer.print();
            is_whole = importer.is_whole();
        }
    }
    if (!is_whole) {
        std::exit(exit_refused);
    }
}

} // namespace

void add_import_command(CLI::App& app, const Options& options) {
    auto arguments = std::make_shared<ImportArguments>();
    std::vector<std::string> names;
    for (const ForeignFormat& format : foreign_formats()) {
        names.emplace_back(format.name);
    }
    CLI::App* command = app.add_subcommand("import", "import keys from a file; run it again to resume");
    command->add_option("file", arguments->file, "file to read; - for standard input")->required()->type_name("FILE");
    command->add_option("--from", arguments->format, "format of the file: csv, kong, litellm, unkey or nginx")
        ->required()
        ->check(CLI::IsMember(names));
    command->add_option("--account", arguments->account, "account ID for keys without an account column")->check(plain_id);
    command->add_option("--type", arguments->type, "type of the new keys, see api_key_type")->required();
    command->add_option("--report", arguments->report_file, "write the keys that were left out, with reasons, as JSON lines")
        ->type_name("FILE");
    command->add_flag("--dry-run", arguments->dry_run, "check everything, change nothing");
    command->add_flag("--force", arguments->force, "accept types, prefixes and plans that no node has");
    command->callback([&options, arguments] { import_keys(options, *arguments); });
}

} // namespace api_key::tool

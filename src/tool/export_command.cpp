#include <cerrno>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "core/text/time_text.h"
#include "store/flows/node_flows.h"
#include "store/flows/pepper_flows.h"
#include "store/flows/transfer_flow.h"
#include "store/random_source.h"
#include "tool/commands.h"
#include "tool/export_lines.h"
#include "tool/progress.h"

namespace api_key::tool {

namespace {

struct ExportArguments {
    std::string file = "-";
    bool without_logs = false;
};

class ExportFile {
  public:
    explicit ExportFile(const std::string& path) : path_(path) {
        if (path == "-") {
            if (isatty(STDOUT_FILENO) == 1) {
                fail(exit_usage, "an export is not for a terminal: name a FILE, or redirect standard output");
            }
            return;
        }
        // only its owner may read it: it has all that this store knows
        const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        file_.reset(descriptor >= 0 ? fdopen(descriptor, "w") : nullptr);
        if (!file_) {
            fail(exit_usage, fmt::format("cannot create \"{}\": {}", path, std::strerror(errno)));
        }
    }

    void write(const std::string& line) {
        std::FILE* file = file_ ? file_.get() : stdout;
        if (std::fwrite(line.data(), 1, line.size(), file) != line.size() || std::fputc('\n', file) == EOF) {
            fail_to_write();
        }
    }

    void close() {
        std::FILE* file = file_ ? file_.get() : stdout;
        if (std::fflush(file) != 0 || (file_ && fsync(fileno(file)) != 0)) {
            fail_to_write();
        }
    }

  private:
    struct Closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    [[noreturn]] void fail_to_write() const {
        fail(exit_refused, fmt::format("cannot write {}: {}", path_ == "-" ? "standard output" : path_, std::strerror(errno)));
    }

    std::string path_;
    std::unique_ptr<std::FILE, Closer> file_;
};

PepperFingerprints known_peppers(Session& session) {
    const Peppers none;
    store::CheckPeppers flow(session.keyspace(), none);
    session.run(flow);
    return flow.known();
}

void export_store(const Options& options, const ExportArguments& arguments) {
    Session session(options);
    ExportFile file(arguments.file);
    ExportHeading heading;
    heading.id = store::random_hex(16);
    heading.schema = store::schema_version;
    heading.at = format_rfc3339(clock_ms());
    heading.peppers = known_peppers(session);
    file.write(write_heading(heading));
    std::uint64_t parts = 0;
    {
        Progress progress("values");
        store::ExportStore flow(session.keyspace(), !arguments.without_logs, [&](const store::StoredPart& part) {
            file.write(write_part(part));
            progress.show(-1, ++parts);
        });
        session.run(flow);
    }
    file.write(write_end(parts));
    file.close();
    if (arguments.file != "-") {
        fmt::print(stderr, "apikeyctl: wrote {} values to {}\n", parts, arguments.file);
    }
}

} // namespace

void add_export_command(CLI::App& app, const Options& options) {
    auto arguments = std::make_shared<ExportArguments>();
    CLI::App* command =
        app.add_subcommand("export", "write accounts, keys, limits, usage, ledgers and logs as JSON lines, without secrets");
    command->add_option("file", arguments->file, "new file to write; - for standard output, the default")->type_name("FILE");
    command->add_flag("--without-logs", arguments->without_logs, "leave out the request logs");
    command->callback([&options, arguments] { export_store(options, *arguments); });
}

} // namespace api_key::tool

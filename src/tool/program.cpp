#include "tool/program.h"

#include <array>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace api_key::tool {

namespace {

class FileActions {
  public:
    FileActions() { posix_spawn_file_actions_init(&actions_); }
    ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;

    void say_into(int descriptor) {
        posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions_, descriptor, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions_, descriptor, STDERR_FILENO);
    }
    const posix_spawn_file_actions_t* get() const { return &actions_; }

  private:
    posix_spawn_file_actions_t actions_{};
};

std::string read_to_end(int descriptor) {
    std::string text;
    std::array<char, 4096> bytes{};
    for (ssize_t size = 0; (size = read(descriptor, bytes.data(), bytes.size())) > 0;) {
        text.append(bytes.data(), static_cast<std::size_t>(size));
    }
    return text;
}

} // namespace

std::optional<Ended> run_program(const std::vector<std::string>& words) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        return std::nullopt;
    }
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (const std::string& word : words) {
        arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    FileActions actions;
    actions.say_into(ends[1]);
    pid_t process = 0;
    const int error = posix_spawnp(&process, arguments[0], actions.get(), nullptr, arguments.data(), environ);
    close(ends[1]);
    Ended ended;
    if (error == 0) {
        ended.output = read_to_end(ends[0]);
        waitpid(process, &ended.status, 0);
    }
    close(ends[0]);
    return error == 0 ? std::optional(std::move(ended)) : std::nullopt;
}

} // namespace api_key::tool

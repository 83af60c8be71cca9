// A real Redis of one test program's own, on a socket in a directory that goes away; its clock can be set.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include "store/blocking/blocking_runner.h"

namespace test {

namespace store = api_key::store;
using api_key::Result;

class OwnRedis {
  public:
    // `set_clock` moves the clock of a server that was started with `fake_clock` (set_clock.c).
    bool start(bool fake_clock = false) {
        char name[] = "/tmp/api-key-store.XXXXXX";
        directory_ = mkdtemp(name);
        const std::string socket = directory_ + "/redis.sock";
        if (fake_clock) {
            set_clock(1'800'000'000'000);
        }
        server_ = fork();
        if (server_ == 0) {
            if (fake_clock) {
                setenv("LD_PRELOAD", (std::string(getenv("API_KEY_BUILD")) + "/tests/lib/set_clock.so").c_str(), 1);
                setenv("SET_CLOCK_FILE", clock_file().c_str(), 1);
            }
            execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket.c_str(), "--save", "", "--loglevel", "warning",
                   "--dir", directory_.c_str(), "--logfile", "redis.log", nullptr);
            _exit(127);
        }
        store::Access access;
        access.location.unix_path = socket;
        for (int tries = 0; tries < 200 && !runner_; tries++) {
            Result<store::BlockingRunner> connected = store::BlockingRunner::connect(access);
            if (connected) {
                runner_.emplace(std::move(*connected));
            } else {
                usleep(50000);
            }
        }
        return runner_.has_value();
    }

    void shut_down() {
        runner_.reset();
        kill(server_, SIGKILL);
        waitpid(server_, nullptr, 0);
        std::filesystem::remove_all(directory_);
    }

    // Milliseconds since 1970. The clock stands still there.
    void set_clock(std::int64_t time_ms) {
        const std::int64_t time_us = time_ms * 1000;
        std::fstream file(clock_file(), std::ios::in | std::ios::out | std::ios::binary);
        if (!file) {
            file.open(clock_file(), std::ios::out | std::ios::binary);
        }
        file.write(reinterpret_cast<const char*>(&time_us), sizeof time_us);
    }

    store::BlockingRunner& operator*() { return *runner_; }
    store::BlockingRunner* operator->() { return &*runner_; }

  private:
    std::string clock_file() const { return directory_ + "/clock"; }

    std::string directory_;
    pid_t server_ = 0;
    std::optional<store::BlockingRunner> runner_;
};

} // namespace test

// A running flow: the commands of its step, and the replies so far.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/nginx/client.h"
#include "store/server/topology.h"

namespace api_key::store {

struct Operation {
    std::unique_ptr<Flow> flow;
    Client::Done done; // null: nobody waits
    void* context;
    std::uint64_t reader; // the account whose reads take turns; 0: none
    std::vector<Command> commands{};
    std::vector<Reply> replies{};
    std::vector<std::size_t> asked{}; // which of the commands are in flight; as a rule all
    std::size_t received = 0;         // how many of these are answered
    ngx_msec_t sent_ms = 0;
    bool is_bound = false;   // to its connection: over another one its commands would mean something else
    unsigned connection = 0; // the number of the connection of its last command
    unsigned turns = 0;      // how many it has had (see read_turns.h)
    std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();

    bool is_abandoned() const { return reader != 0 && done == nullptr; } // the reader is gone

    void ask_all();
    void ask_again(std::vector<std::size_t> which); // their replies were not final
    std::string encoded(bool redirected) const;     // the commands in `asked`
    bool take(Reply reply);                         // true: it was the last one
};

// What has to be sent again, by the replies, and why: the first such error counts.
struct Retry {
    RetryCause cause = RetryCause::none;
    std::optional<Endpoint> target{};
    std::string error{};
    std::vector<std::size_t> again{}; // the commands that were not executed
};
Retry retry_of(const Operation& operation, const Endpoint& from);

} // namespace api_key::store

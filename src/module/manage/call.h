// One request to the management API while it is answered.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/documents/list_query.h"
#include "core/documents/manage_route.h"
#include "module/manage/long_answer.h"
#include "module/manage/wiped_text.h"
#include "module/request/request.h"
#include "module/request/response.h"
#include "module/worker.h"
#include "store/flows/key_flows.h"

namespace api_key::module {

// The arguments that a call is constructed with.
struct CallStart {
    ngx_http_request_t* request;
    const RequestContext& caller;
    Worker& worker;
    const ManageTarget& target;
};

// Answers with an error, in the location's format. Ends with ngx_http_finalize_request.
void send_refusal(ngx_http_request_t* r, ngx_uint_t status, std::string_view message, std::string_view code = {},
                  std::string_view field = {});

// Base of the calls of all resources. Each resource derives a class of its own, with the state that it keeps until its answer.
class ManageCall {
  public:
    explicit ManageCall(const CallStart& start);
    virtual ~ManageCall(); // when the client is gone, a running operation goes on without it
    ManageCall(const ManageCall&) = delete;
    ManageCall& operator=(const ManageCall&) = delete;

    // Call when the body is read (or there is none): starts the operation, or answers at once. Ends with ngx_http_finalize_request either
    // way.
    void start(std::string body);

    LongAnswer* long_answer() { return long_answer_ ? &*long_answer_ : nullptr; }

  protected:
    // The action is one of the route's, and the arguments are known ones.
    virtual void begin(Action action) = 0;

    // Constructs the operation that `answer` takes from the keyspace and `arguments`, and runs it. `answer` is called when it is done; a
    // failure is answered here. The arguments must not refer to the call, which ends before the operation when the client leaves.
    template <auto answer, class... Arguments>
    void run(Arguments&&... arguments) {
        using Answered = AnswerOf<decltype(answer)>;
        run_flow(std::make_unique<typename Answered::Operation>(keyspace(), std::forward<Arguments>(arguments)...),
                 [](ManageCall& call, store::Flow& flow) {
                     (static_cast<typename Answered::Caller&>(call).*answer)(static_cast<typename Answered::Operation&>(flow));
                 });
    }

    void send(ngx_uint_t status, std::string_view body);
    void send_pieces(ngx_uint_t status, std::vector<std::string> texts, std::string_view type = "application/json");
    // Sends the answer when all nodes have applied the change of this number, or with the names of those that may lag behind. 0: nothing
    // was changed.
    void send_when_confirmed(std::uint64_t sequence, ngx_uint_t status, std::string body);
    void refuse(ngx_uint_t status, std::string_view message, std::string_view code = {}, std::string_view field = {});
    void refuse_invalid(const Error& error);
    void refuse_unknown_action(); // the table of routes has an action that this resource lacks
    void finalize(ngx_int_t result);

    ngx_http_request_t* request() const { return request_; }
    std::string_view arguments() const { return view(request_->args); }
    const std::string& body() const { return body_; }
    const ManageTarget& target() const { return target_; }
    const RequestContext& caller() const { return caller_; }
    std::uint64_t account() const { return caller_account_; }
    std::uint64_t caller_id() const { return caller_id_; }
    std::int64_t now_ms() const { return now_ms_; } // the store's clock

    const LocationConfiguration& location() const { return location_; }
    const MainConfiguration& configuration() const { return worker_.configuration; }
    const store::Keyspace& keyspace() const { return *configuration().keyspace; }
    const Peppers& peppers() const { return *configuration().peppers; }
    // Requests that this node was granted and has not used are charged, but count as unused.
    WindowStates used_states(std::uint64_t key_id, WindowStates states) const;
    void note_problem(const std::string& problem) { worker_.link.operation_failed(problem); }

    Author author() const;

    // The key types that this route is for, as far as the location manages them, and their names.
    std::vector<const KeyType*> managed_types() const;
    std::vector<std::string> route_types() const;
    std::vector<const KeyType*> shown_key_types() const; // whose keys, requests, usage and log entries this location shows
    std::vector<std::string> shown_types() const;        // their names; empty: all

  private:
    using Done = void (*)(ManageCall& call, store::Flow& flow);

    template <class Answer>
    struct AnswerOf;
    template <class Call, class Flow>
    struct AnswerOf<void (Call::*)(Flow&)> {
        using Caller = Call;
        using Operation = std::remove_const_t<Flow>;
    };

    std::vector<std::string_view> known_arguments() const;
    void run_flow(std::unique_ptr<store::Flow> flow, Done answer);
    static void done(void* data, store::Flow& flow);
    void answer_failure(const store::Flow& flow);
    void refuse_too_often(std::int64_t wait_ms);
    static void confirmed(void* data, const std::vector<std::string>& behind);

    ngx_http_request_t* request_;
    const RequestContext& caller_;
    std::uint64_t caller_account_;
    std::uint64_t caller_id_;
    std::int64_t now_ms_;
    Worker& worker_;
    const LocationConfiguration& location_;
    ManageTarget target_;
    std::string body_;
    store::Client* client_ = nullptr; // runs the operation
    store::Operation* operation_ = nullptr;
    Done answer_ = nullptr;
    ngx_uint_t confirmed_status_ = 0; // status and body of an answer that waits for other nodes
    std::shared_ptr<std::string> confirmed_body_ = make_wiped_text();
    std::optional<LongAnswer> long_answer_;
};

} // namespace api_key::module

// One request to the management API while it is answered.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/documents/list_query.h"
#include "module/manage/long_answer.h"
#include "module/request/request.h"
#include "module/request/response.h"
#include "module/worker.h"
#include "store/flows/key_flows.h"

namespace api_key::module {

// The route after `/api/`: collection, id, action.
struct Route {
    bool billing_keys = false; // keys otherwise
    bool me = false;
    bool session = false;
    bool document = false;
    std::string_view of_account; // balance, transactions, subscription, audit, logs, usage; empty
    std::optional<std::uint64_t> id;
    std::string_view action; // rotate, clone, usage, logs; empty

    bool is_list() const { return !id && !me && !session && !document && of_account.empty(); }
};

class ManageCall {
  public:
    ManageCall(ngx_http_request_t* r, const RequestContext& caller, Worker& worker);
    ~ManageCall(); // the client has gone: what runs goes on without it
    ManageCall(const ManageCall&) = delete;
    ManageCall& operator=(const ManageCall&) = delete;

    // The body is there (or there is none): starts the operation, or answers at once. Ends with ngx_http_finalize_request either way.
    void start(std::string body);

    // Of the answer to a request that cannot even be started.
    void refuse(ngx_uint_t status, std::string_view message, std::string_view code = {}, std::string_view field = {});

    ngx_http_request_t* request() const { return request_; }
    LongAnswer* long_answer() { return long_answer_ ? &*long_answer_ : nullptr; }
    Route route;

  private:
    using Answer = void (ManageCall::*)(store::Flow& flow);

    std::vector<std::string_view> known_arguments() const;
    void list();
    void read();
    void create();
    void update();
    void remove();
    void rotate();
    void clone();
    void usage(std::uint64_t id, Answer answer);

    void answer_list(store::Flow& flow);
    void answer_key(store::Flow& flow);
    void answer_created(store::Flow& flow);
    void answer_updated(store::Flow& flow);
    void answer_removed(store::Flow& flow);
    void answer_rotated(store::Flow& flow);
    void make_clone(store::Flow& flow);
    void answer_usage(store::Flow& flow);
    void answer_usage_series(store::Flow& flow);
    void answer_me(store::Flow& flow);
    void show_account();
    void answer_balance(store::Flow& flow);
    void answer_transactions(store::Flow& flow);
    void answer_subscription(store::Flow& flow);
    void logs();
    void answer_logs(store::Flow& flow);
    void series();
    void answer_series(store::Flow& flow);
    void document();
    void session();
    void sign_in();
    void answer_signed_in(store::Flow& flow);
    void sign_out();
    void answer_signed_out(store::Flow& flow);
    void send_session(ngx_uint_t status, std::int64_t until_ms);
    bool set_cookie(std::string_view token);
    void audit();
    void answer_audit(store::Flow& flow);
    void answer_chain(store::Flow& flow);
    std::function<Rates(std::string_view)> rates_by_plan() const;
    WindowStates used_states(const store::Flow& flow) const;

    void run(std::unique_ptr<store::Flow> flow, Answer answer);
    static void done(void* data, store::Flow& flow);
    void answer_failure(const store::Flow& flow);
    void refuse_too_often(std::int64_t wait_ms);
    // The change by this number holds on all nodes when the answer is sent, or the answer names those that may lag behind. 0: nothing was
    // changed.
    void send_when_held(std::uint64_t sequence, ngx_uint_t status, std::string body);
    static void held(void* data, const std::vector<std::string>& behind);
    void send(ngx_uint_t status, std::string_view body, std::string_view type = "application/json");
    void send_pieces(ngx_uint_t status, std::vector<std::string> texts, std::string_view type = "application/json");
    void finalize(ngx_int_t result);

    // The account's keys that this route shows.
    store::KeyScope scope() const;
    std::vector<const KeyType*> managed_types() const;
    store::KeyCount key_count() const;
    std::vector<std::string> route_types() const;
    std::vector<std::string> shown_types() const; // whose requests, use and entries this place shows; empty: of all
    const KeyType* type_to_create(const std::optional<std::string>& name) const;

    void create_from(KeyRecord draft, std::uint64_t cloned_from);
    // Fills digest, pepper version, shown prefix and text. False when there is no randomness.
    static bool make_secret(const Peppers& peppers, std::string_view type_prefix, std::string& text, Digest& digest,
                            std::uint16_t& pepper_version, std::string& shown);
    static std::shared_ptr<std::string> make_secret_text(); // wiped at its end
    Author author() const;
    // Of the Idempotency-Key; nothing without one.
    std::optional<store::Once> once();
    std::string opened(const std::string& sealed) const;
    void send_secret(ngx_uint_t status, std::uint64_t id, const std::optional<std::string>& repeated, std::uint64_t sequence = 0);
    bool read_idempotency_key();

    ngx_http_request_t* request_;
    const RequestContext& caller_;
    std::uint64_t account_;
    std::uint64_t caller_id_;
    std::int64_t now_ms_;
    Worker& worker_;
    const LocationConfiguration& location_;
    store::Client* client_ = nullptr; // which runs it: nginx may change the method of a request that it redirects
    store::Operation* operation_ = nullptr;
    Answer answer_ = nullptr;
    bool asynchronous_ = false; // answers from an event of ours, not nginx's
    std::string body_;
    std::shared_ptr<std::string> secret_ = make_secret_text(); // outlives the call where a flow still needs it
    std::string idempotency_key_;
    KeyDocument document_;
    bool as_csv_ = false;
    ngx_uint_t held_status_ = 0; // and body, of an answer that waits for other nodes
    std::shared_ptr<std::string> held_body_ = make_secret_text();
    std::optional<LongAnswer> long_answer_;
    SeriesQuery series_query_;
    Json used_; // what a key has used, without its series
    bool verify_audit_ = false;
    std::vector<std::string> audit_; // a page of the security log, without the chain's state
    std::shared_ptr<std::vector<std::string>> found_ =
        std::make_shared<std::vector<std::string>>(); // requests: their flow may outlive the call
};

} // namespace api_key::module

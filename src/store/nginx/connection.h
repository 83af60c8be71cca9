// One connection to Redis on nginx's event loop: bytes out, replies in. Its owner gives them their meaning.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/command.h"
#include "store/nginx/options.h"
#include "store/nginx/server.h"
#include "store/nginx/timer.h"
#include "store/reply_frame.h"

namespace api_key::store {

// The handshake. Sentinels get none: they have neither our user nor databases.
enum class Greeting : std::uint8_t { none, login };

class Connection final : private Peer::Owner {
  public:
    struct Owner {
        virtual void connected() = 0;          // handshake done
        virtual void replied(Reply reply) = 0; // may send, and may close the connection; an error stands for a reply that was too large
        virtual void closed(const char* reason) = 0; // by the other side, an error or the handshake's timeout; empty: the worker shuts down
        virtual bool is_waiting() const = 0;         // there are callers waiting for replies

      protected:
        ~Owner() = default;
    };

    // The options must outlive the connection.
    Connection(const ClientOptions& options, Owner& owner, ngx_log_t* log, Greeting greeting = Greeting::login);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Null when the attempt is in progress, else why it could not be started; `closed` is not called then.
    const char* open(const Server& server);
    void close();
    bool is_open() const { return peer_.is_open(); }
    const Endpoint& server() const { return server_; }   // connected to now, or last
    bool is_ready() const { return ready_; }             // the handshake is done
    std::uint64_t received() const { return received_; } // bytes, so far

    // Queues an encoded command. All of one turn of the event loop are sent together at its end.
    void send(std::string bytes);

    // Call when the result of `is_waiting` may have changed: an idle connection does not delay a worker that shuts down.
    void update_idle();

  private:
    void reached() override { expect_in_time(); }
    void opened() override;
    void not_opened(const char* problem) override;
    void readable() override;
    void writable() override { flush(); }

    void expect_in_time();
    bool create_reader();
    void start_handshake();
    void handshake_reply(const redisReply* reply);
    std::string handshake_error(std::string_view command, const redisReply* reply) const;
    void flush();
    void read();
    bool take(std::string_view bytes);
    bool take_part(std::string_view part);
    bool discard();
    bool feed(std::string_view bytes, Reply& reply);
    bool deliver(Reply reply);
    void fail(const std::string& reason);
    void timed_out();

    const ClientOptions& options_;
    Owner& owner_;
    Greeting greeting_;
    Peer peer_;
    Endpoint server_;
    Timer<&Connection::timed_out> timeout_;
    std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader_{nullptr, redisReaderFree};
    ReplyFrame frame_;     // of the reply being read
    std::size_t left_ = 0; // bytes read beyond it
    std::uint64_t received_ = 0;
    bool discards_ = false; // skips the rest of the reply; the owner has been notified
    std::string output_;
    std::vector<std::string_view> handshake_; // its commands that are not answered yet
    bool ready_ = false;
    unsigned generation_ = 0; // of the connection: its owner may close and reopen it while handling a reply
};

} // namespace api_key::store

// The master that sentinels or cluster nodes agree on. One connection asks them in turn until one knows it; the connection to a sentinel
// stays open to hear of the next master.
#pragma once

#include "store/nginx/back_off.h"
#include "store/nginx/connection.h"
#include "store/nginx/discovery.h"
#include "store/nginx/timer.h"

namespace api_key::store {

class ElectedMaster final : public Discovery, private Connection::Owner {
  public:
    ElectedMaster(const ClientOptions& options, ngx_log_t* log);
    ~ElectedMaster() override;

  private:
    // Resolves the server to ask.
    struct AskedName final : NameLookup::Owner {
        explicit AskedName(ElectedMaster& master) : of(master) {}
        void resolved(const Server& server) override { of.ask(server); }
        void not_resolved(const char* problem) override { of.failed(problem); }
        ElectedMaster& of;
    };

    void search() override;
    void ask_next();
    void ask(const Server& server);
    void failed(const std::string& problem);
    void answered(const redisReply* reply);
    void set_asking(bool asking);
    void tick();

    void connected() override;
    void replied(Reply reply) override;
    void closed(const char* reason) override;
    bool is_waiting() const override { return asking_; }

    bool of_sentinel() const { return options_.access.location.topology == Topology::sentinel; }

    AskedName asked_name_{*this};
    NameLookup asked_lookup_;
    Connection connection_;
    Timer<&ElectedMaster::tick> timer_;
    BackOff back_off_;
    Endpoint asked_;
    std::size_t turn_ = 0;     // which server to ask
    std::size_t failures_ = 0; // in a row
    bool asking_ = false;
    bool listening_ = false; // for the next master
    bool pinged_ = false;    // a PING is not answered yet
};

} // namespace api_key::store

#include "store/nginx/discovery.h"

#include <utility>

#include "store/nginx/elected_master.h"

namespace api_key::store {

namespace {

// A fixed server, or a name that may resolve to other servers in time.
class Standalone final : public Discovery {
  public:
    explicit Standalone(const ClientOptions& options) : Discovery(options) {}

  private:
    void search() override {
        const std::vector<Endpoint>& endpoints = options_.access.location.endpoints;
        settle(endpoints.empty() ? Endpoint{} : endpoints.front());
    }
};

} // namespace

std::unique_ptr<Discovery> Discovery::make(const ClientOptions& options, ngx_log_t* log) {
    if (options.access.location.topology == Topology::standalone) {
        return std::make_unique<Standalone>(options);
    }
    return std::make_unique<ElectedMaster>(options, log);
}

void Discovery::remove(Listener& listener) {
    std::erase(listeners_, &listener);
    std::erase(waiting_, &listener);
}

void Discovery::find(Listener& listener) {
    waiting_.push_back(&listener);
    if (std::exchange(searching_, true)) {
        return;
    }
    if (master_) {
        lookup_.start(*master_);
    } else {
        search();
    }
}

void Discovery::settle(const Endpoint& master) {
    move(master);
    if (searching_) {
        lookup_.start(master);
    }
}

void Discovery::move(const Endpoint& server) {
    if (master_ == server) {
        return;
    }
    master_ = server;
    for (Listener* listener : std::vector(listeners_)) {
        listener->moved(server);
    }
}

void Discovery::give_up(const std::string& problem) {
    searching_ = false;
    for (Listener* listener : std::exchange(waiting_, {})) {
        listener->not_found(problem.c_str());
    }
}

// The master may have moved during the look-up.
void Discovery::resolved(const Server& server) {
    if (master_ && *master_ != server.endpoint) {
        return lookup_.start(*master_);
    }
    searching_ = false;
    for (Listener* listener : std::exchange(waiting_, {})) {
        listener->found(server);
    }
}

void Discovery::not_resolved(const char* problem) {
    give_up(problem);
}

} // namespace api_key::store

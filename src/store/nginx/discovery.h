// Finds the master. One result serves all connections of a worker, until it is invalidated.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/nginx/name_lookup.h"
#include "store/nginx/options.h"

namespace api_key::store {

class Discovery : private NameLookup::Owner {
  public:
    struct Listener {
        virtual void found(const Server& server) = 0;
        virtual void not_found(const char* problem) = 0;
        virtual void moved(const Endpoint& server) = 0; // this is the master from now on

      protected:
        ~Listener() = default;
    };

    // Makes the one for the topology in the options.
    static std::unique_ptr<Discovery> make(const ClientOptions& options, ngx_log_t* log);
    virtual ~Discovery() = default;
    Discovery(const Discovery&) = delete;
    Discovery& operator=(const Discovery&) = delete;

    void add(Listener& listener) { listeners_.push_back(&listener); } // to be notified of moves
    void remove(Listener& listener);

    // Calls `found` or `not_found`, perhaps from inside.
    void find(Listener& listener);

    // The server found cannot be reached, or is not the master: the next `find` searches again.
    void invalidate() { master_.reset(); }

    // A server said where the master has moved to.
    void move(const Endpoint& server);

  protected:
    explicit Discovery(const ClientOptions& options) : options_(options), lookup_(options.names, *this) {}

    virtual void search() = 0; // ends with `settle` or `give_up`
    void settle(const Endpoint& master);
    void give_up(const std::string& problem);

    const ClientOptions& options_;

  private:
    void resolved(const Server& server) override;
    void not_resolved(const char* problem) override;

    NameLookup lookup_;
    std::vector<Listener*> listeners_;
    std::vector<Listener*> waiting_;
    std::optional<Endpoint> master_;
    bool searching_ = false;
};

} // namespace api_key::store

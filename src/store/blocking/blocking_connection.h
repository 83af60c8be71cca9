// A blocking connection to one server, with or without TLS (hiredis 0.14 has none).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <hiredis/hiredis.h>
#include <openssl/ssl.h>

#include "core/text/result.h"
#include "store/command.h"
#include "store/server/access.h"

namespace api_key::store {

class BlockingConnection {
  public:
    // Connects to the endpoint, or to the unix socket when it has no host. The timeout is for connecting, and for each reply.
    static Result<std::unique_ptr<BlockingConnection>> open(const Access& access, const Endpoint& endpoint, unsigned long timeout_ms);

    bool send(std::string_view bytes);
    Reply receive(); // null when the connection broke
    const std::string& problem() const { return problem_; }

  private:
    struct Closer {
        void operator()(redisContext* context) const { redisFree(context); }
        void operator()(SSL* tls) const { SSL_free(tls); }
    };

    std::optional<Error> start_tls(const Access& access, const std::string& host);
    bool fail(std::string problem);

    std::unique_ptr<redisContext, Closer> context_; // its socket and its reader
    TlsContext tls_context_;
    std::unique_ptr<SSL, Closer> tls_;
    std::string problem_;
};

} // namespace api_key::store

// TLS towards Redis and others, the same in the workers and in the tool: what a context trusts and shows, whom a connection expects.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <openssl/ssl.h>

#include "core/text/result.h"

namespace api_key::store {

struct TlsOptions {
    std::string ca_file;          // certificate authorities; empty: the system's
    std::string name;             // that the server's certificate is for; empty: the host that was connected to
    std::string certificate_file; // of this client; empty: none
    std::string key_file;
    bool verify = true;

    bool any() const { return !ca_file.empty() || !name.empty() || !certificate_file.empty() || !key_file.empty() || !verify; }
};

struct TlsContextDeleter {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, TlsContextDeleter>;

// Reads the files into a context of TLS 1.2 or newer. The error's field is the option.
std::optional<Error> set_up_tls(SSL_CTX* context, const TlsOptions& options);
Result<TlsContext> make_tls_context(const TlsOptions& options); // set up

// Before the handshake: the server's name, which its certificate is held against unless verification is off. False when memory is short.
bool expect_server(SSL* connection, const TlsOptions& options, const std::string& host);

// After a handshake that failed.
std::string tls_problem(const SSL* connection);

} // namespace api_key::store

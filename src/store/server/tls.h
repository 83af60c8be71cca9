// TLS to Redis and other servers, for the workers and the tool: the CAs and client certificate of a context, and the server name that a
// connection verifies.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <openssl/ssl.h>

#include "core/text/result.h"

namespace api_key::store {

struct TlsOptions {
    std::string ca_file;          // certificate authorities; empty: the system's
    std::string name;             // the name that the server's certificate must have; empty: the host connected to
    std::string certificate_file; // of this client; empty: none
    std::string key_file;
    bool verify = true;

    bool any() const { return !ca_file.empty() || !name.empty() || !certificate_file.empty() || !key_file.empty() || !verify; }
};

struct TlsContextDeleter {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, TlsContextDeleter>;

// Loads the files into a context for TLS 1.2 or newer. The error's field is the option.
std::optional<Error> set_up_tls(SSL_CTX* context, const TlsOptions& options);
Result<TlsContext> make_tls_context(const TlsOptions& options); // creates one and sets it up

// Sets the server's name before the handshake; the certificate is checked against it unless verification is off. False when memory is
// short.
bool expect_server(SSL* connection, const TlsOptions& options, const std::string& host);

// Why a handshake failed.
std::string tls_problem(const SSL* connection);

} // namespace api_key::store

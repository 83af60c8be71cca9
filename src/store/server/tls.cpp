#include "store/server/tls.h"

#include <cstring>

#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace api_key::store {

namespace {

Error file_error(const char* option, const std::string& file) {
    const unsigned long code = ERR_peek_error();
    const char* reason = ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code)) : ERR_reason_error_string(code);
    ERR_clear_error();
    return {option, "\"" + file + "\" cannot be used: " + (reason != nullptr ? reason : "unknown error")};
}

bool is_address(const std::string& host) {
    const std::unique_ptr<ASN1_OCTET_STRING, decltype(&ASN1_OCTET_STRING_free)> address(a2i_IPADDRESS(host.c_str()),
                                                                                        ASN1_OCTET_STRING_free);
    ERR_clear_error();
    return address != nullptr;
}

} // namespace

std::optional<Error> set_up_tls(SSL_CTX* context, const TlsOptions& options) {
    ERR_clear_error();
    // a partial write is retried from another buffer, with more data behind it
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_verify(context, options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    if (!options.ca_file.empty() && SSL_CTX_load_verify_locations(context, options.ca_file.c_str(), nullptr) != 1) {
        return file_error("tls_ca", options.ca_file);
    }
    if (options.ca_file.empty() && SSL_CTX_set_default_verify_paths(context) != 1) {
        return Error{"tls_ca", "cannot load the CA certificates of the system"};
    }
    if (options.certificate_file.empty()) {
        return std::nullopt;
    }
    if (SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str()) != 1) {
        return file_error("tls_cert", options.certificate_file);
    }
    if (SSL_CTX_use_PrivateKey_file(context, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(context) != 1) {
        return file_error("tls_key", options.key_file);
    }
    return std::nullopt;
}

Result<TlsContext> make_tls_context(const TlsOptions& options) {
    TlsContext context(SSL_CTX_new(TLS_client_method()));
    if (!context) {
        return Error{"", "out of memory"};
    }
    if (std::optional<Error> error = set_up_tls(context.get(), options)) {
        return *error;
    }
    return context;
}

bool expect_server(SSL* connection, const TlsOptions& options, const std::string& host) {
    const std::string& name = options.name.empty() ? host : options.name;
    if (is_address(name)) { // not allowed in SNI
        return !options.verify || X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), name.c_str()) == 1;
    }
    return SSL_set_tlsext_host_name(connection, name.c_str()) == 1 && (!options.verify || SSL_set1_host(connection, name.c_str()) == 1);
}

std::string tls_problem(const SSL* connection) {
    const long result = SSL_get_verify_result(connection);
    if (result != X509_V_OK && SSL_get_verify_mode(connection) != SSL_VERIFY_NONE) {
        return std::string("certificate verify failed: ") + X509_verify_cert_error_string(result);
    }
    return "the TLS handshake failed";
}

} // namespace api_key::store

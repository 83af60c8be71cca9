#include "tool/new_key.h"

#include "store/flows/account_flows.h"
#include "store/flows/key_flows.h"
#include "store/random_source.h"

namespace api_key::tool {

KeySecret make_secret(const Peppers& peppers, const std::string& prefix) {
    std::optional<KeySecret> secret = make_key_secret(peppers, prefix, store::system_random);
    if (!secret) {
        fail(exit_refused, "no key could be made");
    }
    return std::move(*secret);
}

NewKey create_key(Session& session, KeyRecord draft, const std::string& prefix, std::uint64_t cloned_from) {
    KeySecret secret = make_secret(session.checked_pepper(), prefix);
    draft.digest = secret.digest;
    draft.pepper_version = secret.pepper_version;
    draft.prefix = std::move(secret.shown_prefix);
    const std::string account = account_named(draft.account);
    store::CreateKey flow(session.keyspace(), session.author(), std::move(draft), std::nullopt, cloned_from);
    session.run(flow, account);
    return {flow.id(), std::move(secret.text)};
}

std::uint64_t create_account(Session& session, const std::string& name, const std::string& plan) {
    std::string epoch = store::random_hex(16);
    if (epoch.empty()) {
        fail(exit_refused, "no random bytes");
    }
    store::CreateAccount flow(session.keyspace(), session.author(), name, plan, std::move(epoch));
    session.run(flow);
    return flow.id();
}

} // namespace api_key::tool

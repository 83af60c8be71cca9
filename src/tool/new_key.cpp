#include "tool/new_key.h"

#include <array>

#include "core/secrets/digest.h"
#include "core/secrets/key_text.h"
#include "store/flows/account_flows.h"
#include "store/flows/key_flows.h"
#include "store/random_source.h"

namespace api_key::tool {

std::string make_secret(const Peppers& peppers, const std::string& prefix, Digest& digest) {
    const std::optional<std::string> text = make_key_text(prefix, store::system_random);
    const std::optional<Digest> sha = text ? sha256(*text) : std::nullopt;
    const std::optional<Digest> made = sha ? peppers.digest(0, *sha) : std::nullopt;
    if (!made) {
        fail(exit_refused, "no key could be made");
    }
    digest = *made;
    return *text;
}

NewKey create_key(Session& session, KeyRecord draft, const std::string& prefix) {
    const Peppers& peppers = session.checked_pepper();
    std::string text = make_secret(peppers, prefix, draft.digest);
    draft.pepper_version = peppers.version(0);
    draft.prefix = shown_prefix(text);
    store::CreateKey flow(session.keyspace(), session.author(), std::move(draft), std::nullopt);
    session.run(flow);
    return {flow.id(), std::move(text)};
}

std::uint64_t create_account(Session& session, const std::string& name, const std::string& plan) {
    std::array<std::uint8_t, 16> random{};
    if (!store::system_random(random)) {
        fail(exit_refused, "no random bytes");
    }
    store::CreateAccount flow(session.keyspace(), session.author(), name, plan,
                              to_hex({reinterpret_cast<const char*>(random.data()), random.size()}));
    session.run(flow);
    return flow.id();
}

} // namespace api_key::tool

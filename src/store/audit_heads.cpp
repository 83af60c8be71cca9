#include "store/audit_heads.h"

#include <utility>

namespace api_key::store {

void AuditHeads::advance(const std::string& log, AuditLink link) {
    if (tips_.size() > max_logs) {
        tips_.clear();
    }
    tips_[log].link = std::move(link);
}

void AuditHeads::correct(const std::string& log, std::uint64_t generation, AuditLink head) {
    Tip& tip = tips_[log];
    if (tip.generation <= generation) {
        tip = {std::move(head), generation + 1};
    }
}

AuditHeads& audit_heads() {
    static auto* const heads = new AuditHeads;
    return *heads;
}

} // namespace api_key::store

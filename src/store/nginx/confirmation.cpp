#include "store/nginx/confirmation.h"

#include <algorithm>
#include <utility>

#include "store/server/replica_wait.h"

namespace api_key::store {

void Confirmation::ask() {
    if (unasked_.empty() || !asked_.empty()) {
        return;
    }
    const unsigned connection = unasked_.front()->connection;
    const auto others =
        std::stable_partition(unasked_.begin(), unasked_.end(), [=](const Operation* one) { return one->connection == connection; });
    asked_.assign(unasked_.begin(), others);
    unasked_.erase(unasked_.begin(), others);
    const auto answered = [](void* self, Flow& flow) { static_cast<Confirmation*>(self)->answered(flow); };
    owner_.run_bound(std::make_unique<ReplicaWait>(), connection, answered, this);
}

void Confirmation::answered(const Flow& answer) {
    if (!unasked_.empty()) {
        owner_.ask_again();
    }
    for (Operation* operation : std::exchange(asked_, {})) {
        if (answer.outcome() != Outcome::done) {
            operation->flow->fail(answer.reason());
            undo(*operation);
        }
        owner_.confirmed(operation);
    }
}

// Undone only over the same connection: on a server that never saw the operation, it would take back what was counted before.
void Confirmation::undo(const Operation& operation) {
    if (std::unique_ptr<Flow> flow = operation.flow->undo()) {
        owner_.run_bound(std::move(flow), operation.connection, nullptr, nullptr);
    }
}

std::deque<Operation*> Confirmation::stop() {
    return std::exchange(unasked_, {});
}

} // namespace api_key::store

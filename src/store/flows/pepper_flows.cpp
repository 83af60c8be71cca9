#include "store/flows/pepper_flows.h"

#include "store/flows/audit_flows.h"
#include "store/generated_scripts.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

bool knows(const Peppers& peppers, std::string_view mac) {
    for (std::size_t index = 0; index < peppers.size(); index++) {
        if (mac.starts_with(std::to_string(peppers.version(index)) + ":")) {
            return true;
        }
    }
    return false;
}

std::size_t index_of(const Peppers& peppers, std::string_view mac) {
    std::size_t index = 0;
    while (!mac.starts_with(std::to_string(peppers.version(index)) + ":")) {
        index++;
    }
    return index;
}

} // namespace

std::vector<Command> CheckPeppers::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return {{"HGETALL", keyspace_.peppers()}, {"ZRANGE", keyspace_.accounts(), "0", "0"}};
    }
    switch (stage_) {
    case Stage::known:
        return read_known(replies);
    case Stage::entries:
        return read_entries(replies);
    case Stage::published:
        break;
    }
    return end(Outcome::done);
}

std::vector<Command> CheckPeppers::read_known(std::span<const Reply> replies) {
    known_ = read_fingerprints(replies[0].get());
    verdict_ = judge_peppers(peppers_, known_);
    account_ = whole_number(word(replies[1])).value_or(0);
    if (verdict_.state != PepperVerdict::State::unproven || is_empty()) {
        return end(Outcome::done);
    }
    stage_ = Stage::entries;
    return {{"XRANGE", keyspace_.audit(account_), "-", "+", "COUNT", "1"},
            {"XREVRANGE", keyspace_.audit(account_), "+", "-", "COUNT", "2"}};
}

// The oldest entry was signed with the first pepper, so it tells whether that is ours. A newer one may have been signed with a pepper that
// should not have been used: it can prove ours right, but not wrong.
std::vector<Command> CheckPeppers::read_entries(std::span<const Reply> replies) {
    const redisReply* oldest = replies[0].get();
    const redisReply* newest = replies[1].get();
    if (!is_array(oldest) || !is_array(newest) || oldest->elements == 0) {
        return end(Outcome::done);
    }
    StoredAuditEntry proof = read_audit_entry(oldest->element[0]);
    AuditLink before;
    const bool is_oldest = knows(peppers_, proof.mac);
    if (!is_oldest && newest->elements == 2) {
        const StoredAuditEntry previous = read_audit_entry(newest->element[1]);
        before = {previous.number, previous.mac};
        proof = read_audit_entry(newest->element[0]);
    }
    if (!verify_audit_entry(peppers_, account_, before, proof.text, proof.mac)) {
        if (is_oldest) {
            verdict_.state = PepperVerdict::State::wrong;
            verdict_.problem = "the first entry of the security log was signed with another pepper";
        }
        return end(Outcome::done);
    }
    const std::size_t index = index_of(peppers_, proof.mac);
    verdict_.state = PepperVerdict::State::good;
    verdict_.signs_anew = index != 0;
    stage_ = Stage::published;
    known_.emplace(peppers_.version(index), peppers_.fingerprint(index));
    return {{"HSETNX", keyspace_.peppers(), std::to_string(peppers_.version(index)), peppers_.fingerprint(index)}};
}

std::vector<Command> SetPeppers::step(std::span<const Reply> replies) {
    if (!is_set_) {
        is_set_ = true;
        Command command{"HSET", keyspace_.peppers()};
        for (std::size_t index = 0; index < author_.peppers->size(); index++) {
            command.push_back(std::to_string(author_.peppers->version(index)));
            command.push_back(author_.peppers->fingerprint(index));
        }
        return {std::move(command)};
    }
    if (!is_noted_) {
        is_noted_ = true;
        AuditEvent event;
        event.action = "pepper.register";
        event.after.reset(json_object());
        json_t* versions = json_array();
        for (std::size_t index = 0; index < author_.peppers->size(); index++) {
            json_array_append_new(versions, json_integer(author_.peppers->version(index)));
        }
        json_object_set_new(event.after.get(), "versions", versions);
        return call_audited(scripts::note_in_audit::call({.epoch = keyspace_.epoch()}), keyspace_, author_, std::move(event));
    }
    return end_if_ok<scripts::note_in_audit::Answer>(replies[0]);
}

} // namespace api_key::store

// Compares a file's pepper with the one that a store knows.
#include "core/secrets/pepper_check.h"

#include "lib/check.h"

using namespace api_key;

namespace {

const std::string first = "000102030405060708090a0b0c0d0e0f";
const std::string second = "f00102030405060708090a0b0c0d0e0f";

Peppers file(const std::string& lines) {
    return std::move(*Peppers::parse(lines));
}

PepperFingerprints known_of(const std::string& lines) {
    PepperFingerprints known;
    if (lines.empty()) {
        return known;
    }
    const Peppers peppers = file(lines);
    for (std::size_t index = 0; index < peppers.size(); index++) {
        known[peppers.version(index)] = peppers.fingerprint(index);
    }
    return known;
}

void fingerprints_tell_secrets_apart(void**) {
    const Peppers peppers = file("1:" + first + "\n2:" + second + "\n3:" + first);
    assert_int_equal(peppers.fingerprint(0).size(), 32);
    CHECK("of two secrets", peppers.fingerprint(0) != peppers.fingerprint(1));
    CHECK("of one", peppers.fingerprint(0) == peppers.fingerprint(2));
    CHECK("nothing of the secret", peppers.fingerprint(0).find(first.substr(0, 4)) == std::string::npos);
}

void what_is_said_of_a_file(void**) {
    using State = PepperVerdict::State;
    const struct {
        const char* what;
        std::string file;
        std::string known;
        State state;
        bool signs_anew;
        const char* problem;
    } rows[] = {
        {"a store that knows none", "1:" + first, "", State::unproven, false, ""},
        {"the same", "1:" + first, "1:" + first, State::good, false, ""},
        {"another secret", "1:" + second, "1:" + first, State::wrong, false, "version 1 of the pepper differs from the one known to Redis"},
        {"another version", "2:" + first, "1:" + first, State::wrong, false, "the pepper has none of the versions known to Redis: 1"},
        {"none of several", "9:" + first, "1:" + first + "\n7:" + second, State::wrong, false,
         "the pepper has none of the versions known to Redis: 1, 7"},
        {"a new one that only verifies yet", "1:" + first + "\n2:" + second, "1:" + first, State::good, false, ""},
        {"a new one that signs", "2:" + second + "\n1:" + first, "1:" + first, State::good, true, ""},
        {"an old one that is gone", "2:" + second, "1:" + first + "\n2:" + second, State::good, false, ""},
        {"an old one that is mistyped", "2:" + second + "\n1:" + second, "1:" + first + "\n2:" + second, State::wrong, false,
         "version 1 of the pepper differs from the one known to Redis"},
    };
    for (const auto& row : rows) {
        const PepperVerdict verdict = judge_peppers(file(row.file), known_of(row.known));
        CHECK(row.what, verdict.state == row.state && verdict.signs_anew == row.signs_anew);
        CHECK_TEXT(row.what, verdict.problem, row.problem);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(fingerprints_tell_secrets_apart),
        cmocka_unit_test(what_is_said_of_a_file),
    };
    return cmocka_run_group_tests_name("pepper check", tests, nullptr, nullptr);
}

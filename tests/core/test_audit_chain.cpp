// How the chain of a security log reports entries that do not verify, and those that a later entry has noted.
#include <string>
#include <vector>

#include "core/logs/audit_chain.h"

#include "lib/check.h"

using namespace api_key;

namespace {

const Peppers& pepper(const char* hex) {
    return *new Peppers(std::move(*Peppers::parse(std::string("1:") + hex)));
}
const Peppers& right = pepper("000102030405060708090a0b0c0d0e0f");
const Peppers& wrong = pepper("ff0102030405060708090a0b0c0d0e0f");

struct Entry {
    std::string text;
    std::string mac;
};

struct Log {
    std::vector<Entry> entries;

    void add(const Peppers& peppers, const std::string& action, Json after = nullptr) {
        AuditEvent event;
        event.action = action;
        event.account = 7;
        event.after = std::move(after);
        const AuditLink before{entries.size(), entries.empty() ? "" : entries.back().mac};
        const std::string text = write_audit_entry(event, {}, before.number + 1);
        entries.push_back({text, sign_audit_entry(peppers, 7, before, text)});
    }

    // The entries after number `given`, which is taken as given unless it is 0.
    AuditChain chain(std::size_t given = 0, const std::string& anchor = {}) const {
        AuditChain made(right, 7, given != 0 ? given - 1 : 0, anchor);
        if (given != 0) {
            made.trust({given, entries[given - 1].mac});
        }
        for (std::size_t index = given; index < entries.size() && made.follow({index + 1, entries[index].mac}, entries[index].text);
             index++) {}
        made.end({entries.size(), entries.back().mac});
        return made;
    }

    void note() {
        const AuditChain found = chain();
        add(right, AuditChain::repair_action, note_of_gaps(found.gaps()));
    }
};

Log broken() {
    Log log;
    for (const Peppers* peppers : {&right, &right, &wrong, &wrong, &right, &wrong, &right}) {
        log.add(*peppers, "key.rename");
    }
    return log;
}

void what_another_pepper_wrote_can_be_noted(void**) {
    Log log = broken();
    const AuditChain found = log.chain();
    CHECK_TEXT("broken", found.problem(), "entry 3 has been altered, or is signed by a pepper that is not in the file");
    CHECK("can be noted", found.can_be_noted() && found.gaps().size() == 2);
    CHECK("until where it was good", found.last().number == 2);
    log.note();
    const AuditChain noted = log.chain();
    CHECK_TEXT("noted", noted.problem(), "");
    assert_int_equal(noted.gaps()[0].first, 3);
    assert_int_equal(noted.gaps()[0].last, 4);
    assert_int_equal(noted.gaps()[1].noted_by, 8);
    assert_int_equal(noted.last().number, 8);
    log.add(right, "key.rename");
    CHECK_TEXT("and on", log.chain().problem(), "");
    for (const std::size_t given : {1, 2, 3, 4, 5, 6}) {
        CHECK_TEXT("its newest entries " + std::to_string(given), log.chain(given).problem(), "");
    }
    log.add(wrong, "key.rename");
    CHECK("what comes later is not noted", log.chain().problem().starts_with("entry 10 has been altered"));
}

void a_note_holds_for_what_it_was_written_of(void**) {
    Log log = broken();
    log.note();
    const Log noted = log;
    log.entries[2].text += " ";
    CHECK("an entry of it was altered later", log.chain().problem().starts_with("entry 3 has been altered"));
    log = noted;
    log.entries[4].text += " ";
    CHECK("an entry beside it was altered", log.chain().problem().starts_with("entry 3 has been altered"));
    log = noted;
    log.entries[7].text += " ";
    CHECK("the note was altered", log.chain().problem().starts_with("entry 3 has been altered"));
    log = broken();
    log.add(wrong, AuditChain::repair_action, note_of_gaps(log.chain().gaps()));
    CHECK("another pepper's note", log.chain().problem().starts_with("entry 3 has been altered"));
    log = broken();
    log.add(right, "key.create", note_of_gaps(log.chain().gaps()));
    CHECK("another action", log.chain().problem().starts_with("entry 3 has been altered"));
}

void what_is_missing_cannot_be_noted(void**) {
    Log log = broken();
    AuditChain chain(right, 7, 0, {});
    chain.follow({1, log.entries[0].mac}, log.entries[0].text);
    assert_false(chain.follow({3, log.entries[2].mac}, log.entries[2].text));
    chain.end({7, log.entries[6].mac});
    CHECK_TEXT("missing", chain.problem(), "entry 2 is missing");
    assert_false(chain.can_be_noted());
    log.note();
    CHECK_TEXT("an anchor that is in it", log.chain(0, head_text({2, log.entries[1].mac})).problem(), "");
    CHECK("one that is not", log.chain(0, "2:1:00").problem().starts_with("it does not have the entry that --anchor names"));
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_another_pepper_wrote_can_be_noted),
        cmocka_unit_test(a_note_holds_for_what_it_was_written_of),
        cmocka_unit_test(what_is_missing_cannot_be_noted),
    };
    return cmocka_run_group_tests_name("audit chain", tests, nullptr, nullptr);
}

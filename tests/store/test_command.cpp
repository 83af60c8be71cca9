// A command's bytes on the wire are those that hiredis would write.
#include "store/command.h"

#include <string>

#include "lib/check.h"

using namespace api_key;
using namespace api_key::store;

namespace {

std::string by_hiredis(const Command& command) {
    std::vector<const char*> arguments;
    std::vector<std::size_t> lengths;
    for (const std::string& argument : command) {
        arguments.push_back(argument.data());
        lengths.push_back(argument.size());
    }
    char* formatted = nullptr;
    const int size = redisFormatCommandArgv(&formatted, static_cast<int>(command.size()), arguments.data(), lengths.data());
    std::string bytes(formatted, static_cast<std::size_t>(size));
    redisFreeCommand(formatted);
    return bytes;
}

void commands_are_written_as_hiredis_does(void**) {
    const Command commands[] = {{"PING"},
                                {""},
                                {"SET", "", std::string("a\0b\r\n$3\r\n", 9)},
                                {"XADD", std::string(100'000, 'x'), "9"},
                                Command(1200, "0123456789")};
    for (const Command& command : commands) {
        CHECK(command[0].substr(0, 10), encode(command) == by_hiredis(command));
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(commands_are_written_as_hiredis_does)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

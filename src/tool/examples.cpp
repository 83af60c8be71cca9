#include "tool/examples.h"

#include <algorithm>
#include <array>
#include <utility>

namespace api_key::tool {

namespace {

// By the command's path without the program's name; a command may have several.
constexpr auto examples = std::to_array<std::pair<std::string_view, const char*>>({
    {"account create", "account create --name acme --plan pro"},
    {"account list", "account list -o json"},
    {"account show", "account show 1"},
    {"account update", "account update 1 --name \"Acme GmbH\""},
    {"account disable", "account disable 1"},
    {"account enable", "account enable 1"},
    {"account plan", "account plan 1 pro"},
    {"account topup", "account topup 1 --amount 25.00 --reference inv-77"},
    {"account usage", "account usage 1 --from 7d"},
    {"account transactions", "account transactions 1"},
    {"key create", "key create --account 1 --type billing --name ops"},
    {"key create", "key create --account 1 --type proxy --name app --daily 1000 --models 'gpt-4o*,claude-*'"},
    {"key list", "key list --account 1"},
    {"key list", "key list --account 1 --type proxy -o json"},
    {"key show", "key show 7"},
    {"key lookup", "key lookup < secret.txt"},
    {"key lookup", "key lookup --prefix ms-UD6wW"},
    {"key update", "key update 7 --daily 1000 --monthly-limit 25 --expires-at 90d"},
    {"key update", "key update 7 --daily none --allowed-ips 10.0.0.0/8,2001:db8::/48"},
    {"key clone", "key clone 7 --alias worker-2"},
    {"key disable", "key disable 7"},
    {"key enable", "key enable 7"},
    {"key plan", "key plan 7 pro"},
    {"key delete", "key delete 7 --dry-run"},
    {"key delete", "key delete 7 --yes"},
    {"key rotate", "key rotate 7 --overlap 1h"},
    {"block list", "block list"},
    {"block add", "block add 203.0.113.7 --for 7d"},
    {"block remove", "block remove 203.0.113.7"},
    {"audit list", "audit list --account 1 --key 7 --limit 20"},
    {"audit repair", "audit repair --account 1 --reason \"a wrong pepper\""},
    {"audit verify", "audit verify"},
    {"pepper list", "pepper list"},
    {"pepper register", "pepper register --yes"},
    {"logs", "logs --account 1 --status 4xx --from 24h"},
    {"logs", "logs --account 1 --request-id 5f0c9a3be1d24c7e8a6b4f20d9c31e75"},
    {"logs", "logs --account 1 --follow"},
    {"top", "top --by credits --last 1h"},
    {"usage", "usage --account 1 --group-by model --bucket day --from 30d"},
    {"session list", "session list --account 1"},
    {"session revoke", "session revoke 9f86d081884c7d65"},
    {"session revoke", "session revoke --key 7 --yes"},
    {"node list", "node list"},
    {"doctor", "doctor"},
    {"import", "import keys.csv --from csv --account 1 --type proxy --dry-run"},
    {"import", "import kong.yaml --from kong --account 1 --type imported --report left-out.jsonl"},
    {"export", "export backup.jsonl --without-logs"},
    {"restore", "restore backup.jsonl"},
    {"init", "init --upstream http://127.0.0.1:8000"},
    {"context list", "context list"},
    {"completion", "completion bash > /etc/bash_completion.d/apikeyctl"},
    {"manual", "manual | man -l -"},
    {"version", "version"},
    {"help", "help key create"},
});

} // namespace

std::vector<std::string> examples_of(std::string_view path) {
    std::vector<std::string> found;
    path.remove_prefix(std::min(path.find(' ') + 1, path.size()));
    for (const auto& [command, example] : examples) {
        if (command == path) {
            found.push_back(std::string("apikeyctl ") + example);
        }
    }
    return found;
}

} // namespace api_key::tool

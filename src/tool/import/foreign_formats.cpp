#include <array>

#include "tool/import/foreign_key.h"

namespace api_key::tool {

namespace {

constexpr std::array<Column, 18> csv_columns{{
    {"key", Says::key},
    {"sha256", Says::sha256},
    {"prefix", Says::shown},
    {"account", Says::account},
    {"plan", Says::plan},
    {"name", Says::member, "name"},
    {"alias", Says::member, "alias"},
    {"category", Says::member, "category"},
    {"active", Says::member, "active"},
    {"expires_at", Says::member, "expires_at"},
    {"models", Says::member, "models"},
    {"allowed_ips", Says::member, "allowed_ips"},
    {"total", Says::member, "total"},
    {"daily", Says::member, "daily"},
    {"weekly", Says::member, "weekly"},
    {"monthly", Says::member, "monthly"},
    {"monthly_limit", Says::member, "monthly_limit"},
    {"id", Says::of_no_use},
}};

constexpr std::array<Column, 12> kong_columns{{
    {"key", Says::key},
    {"id", Says::of_no_use},
    {"created_at", Says::created},
    {"ttl", Says::lifetime},
    {"consumer", Says::member, "category"},
    {"consumer.id", Says::of_no_use},
    {"consumer.username", Says::member, "category"},
    {"consumer.custom_id", Says::member, "name"},
    {"consumer.created_at", Says::of_no_use},
    {"consumer.updated_at", Says::of_no_use},
    {"updated_at", Says::of_no_use},
    {"consumer.plugins", Says::no_place, "plugins of a consumer have no counterpart; rates are set by its plan"},
}};

// The table LiteLLM_VerificationToken, and what GET /key/list answers.
constexpr std::array<Column, 24> litellm_columns{{
    {"token", Says::secret},
    {"key", Says::secret},
    {"token_id", Says::of_no_use},
    {"key_name", Says::shown},
    {"key_alias", Says::member, "alias"},
    {"team_id", Says::member, "category"},
    {"expires", Says::member, "expires_at"},
    {"models", Says::member, "models"},
    {"max_budget", Says::budget},
    {"budget_duration", Says::budget_time},
    {"blocked", Says::blocked},
    {"budget_reset_at", Says::of_no_use},
    {"created_at", Says::of_no_use},
    {"created_by", Says::of_no_use},
    {"updated_at", Says::of_no_use},
    {"updated_by", Says::of_no_use},
    {"last_active", Says::of_no_use},
    {"last_refreshed_at", Says::of_no_use},
    {"last_rotation_at", Says::of_no_use},
    {"rotation_count", Says::of_no_use},
    {"spend", Says::no_place, "usage starts at zero"},
    {"rpm_limit", Says::no_place, "rates are set by the plan"},
    {"tpm_limit", Says::no_place, "there is no limit of tokens"},
    {"max_parallel_requests", Says::no_place, "there is no limit of parallel requests"},
}};

// The table of keys, and the request of POST /v2/keys.migrateKeys.
constexpr std::array<Column, 35> unkey_columns{{
    {"hash", Says::sha256},
    {"hash.value", Says::sha256},
    {"hash.variant", Says::of_no_use},
    {"plaintext", Says::key},
    {"start", Says::shown},
    {"name", Says::member, "name"},
    {"keyId", Says::member, "alias"},
    {"key_id", Says::member, "alias"},
    {"id", Says::member, "alias"},
    {"externalId", Says::member, "category"},
    {"identity.externalId", Says::member, "category"},
    {"ownerId", Says::member, "category"},
    {"owner_id", Says::member, "category"},
    {"expires", Says::member, "expires_at"},
    {"enabled", Says::member, "active"},
    {"remaining", Says::remaining},
    {"remaining_requests", Says::remaining},
    {"credits.remaining", Says::remaining},
    {"credits.refill.interval", Says::remaining_time},
    {"refill.interval", Says::remaining_time},
    {"credits.refill.amount", Says::refill},
    {"refill.amount", Says::refill},
    {"createdAt", Says::of_no_use},
    {"created_at", Says::of_no_use},
    {"created_at_m", Says::of_no_use},
    {"updatedAt", Says::of_no_use},
    {"updated_at_m", Says::of_no_use},
    {"lastUsedAt", Says::of_no_use},
    {"last_used_at", Says::of_no_use},
    {"workspace_id", Says::of_no_use},
    {"workspaceId", Says::of_no_use},
    {"key_auth_id", Says::of_no_use},
    {"apiId", Says::of_no_use},
    {"identity.id", Says::of_no_use},
    {"ratelimits", Says::no_place, "rates are set by the plan"},
}};

constexpr std::array<Column, 3> nginx_columns{{
    {"key", Says::key},
    {"sha256", Says::sha256},
    {"name", Says::member, "name"},
}};

constexpr std::array<ForeignFormat, 5> formats{{
    {"csv", "a heading with the columns key or sha256, and name, alias, category, expires_at, …", read_csv_rows, csv_columns},
    {"kong", "Kong's declarative configuration", read_kong_rows, kong_columns},
    {"litellm", "LiteLLM's keys, as JSON or CSV", read_json_or_csv_rows, litellm_columns},
    {"unkey", "Unkey's keys with their hashes, as JSON or CSV", read_json_or_csv_rows, unkey_columns},
    {"nginx", "map blocks with keys, or their SHA-256, and names", read_nginx_map_rows, nginx_columns},
}};

} // namespace

std::span<const ForeignFormat> foreign_formats() {
    return formats;
}

} // namespace api_key::tool

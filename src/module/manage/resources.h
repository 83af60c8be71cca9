// One class for each resource of the management API, in a file of its own. Null when memory is short.
#pragma once

#include "module/manage/call.h"

namespace api_key::module {

ManageCall* make_keys_call(const CallStart& start);
ManageCall* make_key_usage_call(const CallStart& start);
ManageCall* make_request_logs_call(const CallStart& start);
ManageCall* make_audit_log_call(const CallStart& start);
ManageCall* make_account_call(const CallStart& start);
ManageCall* make_session_call(const CallStart& start);
ManageCall* make_document_call(const CallStart& start);

} // namespace api_key::module

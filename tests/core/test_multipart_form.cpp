#include "core/tokens/multipart_form.h"

#include "lib/check.h"

namespace {

using namespace api_key;

std::string form(std::string_view disposition, std::string_view content) {
    return "--b\r\nContent-Disposition: " + std::string(disposition) + "\r\n\r\n" + std::string(content) + "\r\n--b--\r\n";
}

void reads_a_form(void**) {
    const std::string two =
        "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"model; x\"\r\nContent-Type: audio/mpeg\r\n\r\n--x"
        "\r\n--b\r\nContent-Disposition: form-data; name=model\r\n\r\nwhisper-1\r\n--b--\r\n";
    const struct {
        std::string_view row;
        std::string_view type;
        std::string body;
        std::string_view model;
    } rows[] = {
        {"quoted", "multipart/form-data; boundary=b", form("form-data; name=\"model\"", "whisper-1"), "whisper-1"},
        {"quoted boundary", "multipart/form-data; boundary=\"b\"", form("form-data; name=\"model\"", "whisper-1"), "whisper-1"},
        {"a file before", "Multipart/Form-Data; charset=UTF-8; Boundary=b", two, "whisper-1"},
        {"another field", "multipart/form-data; boundary=b", form("form-data; name=\"language\"", "de"), ""},
    };
    for (const auto& row : rows) {
        const Result<RequestFacts> facts = read_multipart_body(row.type, row.body);
        CHECK(row.row, static_cast<bool>(facts));
        CHECK_TEXT(row.row, facts->model, row.model);
    }
}

void refuses_a_form_that_is_not_certain(void**) {
    const std::string type = "multipart/form-data; boundary=b";
    const std::string model = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\na";
    const struct {
        std::string_view row;
        std::string type;
        std::string body;
    } rows[] = {
        {"no boundary", "multipart/form-data", form("form-data; name=\"model\"", "a")},
        {"two boundaries", type + "; boundary=c", form("form-data; name=\"model\"", "a")},
        {"another boundary", "multipart/form-data; boundary=c", form("form-data; name=\"model\"", "a")},
        {"two models", type, model + "\r\n" + model + "\r\n--b--\r\n"},
        {"no end", type, model + "\r\n"},
        {"a file", type, form("form-data; name=\"model\"; filename=\"x\"", "a")},
        {"a file by RFC 5987", type, form("form-data; name=\"model\"; filename*=utf-8''x", "a")},
        {"two names", type, form("form-data; name=\"x\"; name=\"model\"", "a")},
        {"an escaped name", type, form("form-data; name=\"mo\\del\"", "a")},
        {"no name", type, form("form-data", "a")},
        {"no headers", type, "--b\r\nmodel\r\n--b--\r\n"},
        {"empty", type, form("form-data; name=\"model\"", "")},
        {"a line end in it", type, form("form-data; name=\"model\"", "a\r\nb")},
        {"nothing", type, ""},
        {"a name by RFC 2231", type, form("form-data; name=\"x\"; name*=utf-8''model", "a")},
        {"a name in pieces", type, form("form-data; name*0=\"mo\"; name*1=\"del\"", "a")},
        {"a boundary by RFC 2231", "multipart/form-data; boundary=b; boundary*=utf-8''c", form("form-data; name=\"model\"", "a")},
        {"another case", type, form("form-data; name=\"Model\"", "a")},
        {"a member of it", type, form("form-data; name=\"model[]\"", "a")},
        {"a folded header", type, form("form-data; name=\"x\"\r\n ; name=\"model\"", "a")},
        {"a line end of another system", type,
         form("form-data; name=\"x\"", "y\n--b\nContent-Disposition: form-data; name=\"model\"\n\na")},
        {"a line feed in the headers", type, form("form-data; name=\"x\"\nContent-Disposition: form-data; name=\"model\"", "a")},
        {"an encoded model", type, form("form-data; name=\"model\"\r\nContent-Transfer-Encoding: base64", "Z3B0LTRv")},
        {"a model in another charset", type, form("form-data; name=\"model\"\r\nContent-Type: text/plain; charset=utf-7", "a")},
        {"a form in another charset", type + "; charset=utf-16", form("form-data; name=\"model\"", "a")},
        {"a charset by a field", type, form("form-data; name=\"_charset_\"", "utf-7")},
        {"no form", type, form("attachment; name=\"model\"", "a")},
        {"something behind the end", type, form("form-data; name=\"x\"", "a") + "--b\r\n"},
        {"a blank in a header's name", type, "--b\r\nContent-Disposition : form-data; name=\"model\"\r\n\r\na\r\n--b--\r\n"},
        {"text behind quotes", type, form("form-data; name=\"x\"y; z=\"", "a")},
    };
    for (const auto& row : rows) {
        CHECK(row.row, !read_multipart_body(row.type, row.body));
    }
}

void a_file_is_no_text(void**) {
    const std::string type = "multipart/form-data; boundary=b";
    const struct {
        std::string_view headers;
        bool elsewhere;
        bool audio;
    } rows[] = {
        {"form-data; name=\"prompt\"", false, false},
        {"form-data; name=\"file\"; filename=\"a.mp3\"\r\nContent-Type: audio/mpeg", true, true},
        {"form-data; name=\"file\"; filename*=utf-8''a\r\nContent-Type: application/octet-stream", true, true},
        {"form-data; name=\"image\"; filename=\"a.png\"\r\nContent-Type: image/png", true, false},
        {"form-data; name=\"file\"\r\nContent-Type: audio/mpeg", true, true},
    };
    for (const auto& row : rows) {
        const Result<RequestFacts> facts = read_multipart_body(type, form(row.headers, "x"));
        CHECK(row.headers, facts && facts->input_elsewhere == row.elsewhere && facts->options.empty() == !row.audio);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_form),
        cmocka_unit_test(refuses_a_form_that_is_not_certain),
        cmocka_unit_test(a_file_is_no_text),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

// We read a body as its upstream does: random bodies, and the facts that the parsers of Python, Node and Go find in those that we accept.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>

#include "core/tokens/multipart_form.h"
#include "core/tokens/request_body.h"

#include "lib/check.h"

namespace {

using namespace api_key;

constexpr unsigned bodies_of_a_kind = 4000;
constexpr std::string_view form_type = "multipart/form-data; boundary=b";

class Bodies {
  public:
    std::string json() {
        std::string text = space() + "{";
        for (unsigned count = below(5) + 1; count > 0; count--) {
            const std::string name = below(3) != 0 ? any(good_names) : any(names);
            const bool is_number = name.size() == 1 || name.find("max") == 0;
            text += space() + '"' + name + '"' + space() + ":" + space();
            text += (below(4) == 0 ? any(values)
                     : is_number   ? std::to_string(below(9) + 1)
                                   : any(models)) +
                    space() + (count > 1 ? "," : "");
        }
        return mutated(text + "}" + space());
    }

    std::string form() {
        std::string text = any(begins);
        for (unsigned count = below(3) + 1; count > 0; count--) {
            if (below(2) == 0) {
                text += "--b\r\nContent-Disposition: form-data; name=\"" + any(good_names) + "\"\r\n\r\n" + any(models) + "\r\n";
                continue;
            }
            text += "--b" + any(line_ends);
            for (unsigned headers = below(2) + 1; headers > 0; headers--) {
                text += any(part_headers) + any(line_ends);
            }
            text += any(line_ends) + any(contents) + any(line_ends);
        }
        return mutated(text + any(ends));
    }

  private:
    template <std::size_t count>
    std::string any(const std::array<std::string_view, count>& of) {
        return std::string(of[below(count)]);
    }

    unsigned below(std::size_t most) { return static_cast<unsigned>(random_() % most); }
    std::string space() { return below(8) == 0 ? any(spaces) : ""; }

    // Now and then, changes one byte or doubles a piece.
    std::string mutated(std::string text) {
        const std::size_t at = below(text.size());
        if (below(8) == 0) {
            text[at] = static_cast<char>(text[below(text.size())] ^ (below(4) == 0 ? 0x20 : 0));
        } else if (below(16) == 0) {
            text.insert(at, text.substr(below(text.size()), below(12)));
        }
        return text;
    }

    static constexpr auto good_names = std::to_array<std::string_view>({"model", "max_tokens", "n", "x", "y", "z"});
    static constexpr auto models =
        std::to_array<std::string_view>({R"("gpt-4o")", R"("cheap")", R"("ch\u0065ap")", R"("\ud83d\ude00")", R"("a\/b")"});
    static constexpr auto names = std::to_array<std::string_view>({"model",
                                                                   "Model",
                                                                   "MODEL",
                                                                   R"(mod\u0065l)",
                                                                   R"(mode\u006C)",
                                                                   "mo\\del",
                                                                   R"(model\u0000)",
                                                                   " model",
                                                                   "model ",
                                                                   "max_tokens",
                                                                   "Max_Tokens",
                                                                   "max_to\u212aens",
                                                                   "max_token\u017f",
                                                                   R"(max_to\u212Aens)",
                                                                   "n",
                                                                   "N",
                                                                   "stream",
                                                                   "x",
                                                                   "messages",
                                                                   R"(\u0022model)",
                                                                   R"(mod\ud800)",
                                                                   R"(\udc00model)",
                                                                   "m\u00f6del"});
    static constexpr auto values =
        std::to_array<std::string_view>({R"("gpt-4o")", "1", "16384", "1e2", "5.0", "-1", "null", "true", R"({"model":"x","n":9})",
                                         R"([{"model":"x"}])", R"("},\"model\":\"y\"")", "\"\u00fc\"", "01", "[]", R"("\ud800")"});
    static constexpr auto spaces = std::to_array<std::string_view>({" ", "\n", "\t", "\r\n", "\f", "/**/"});
    static constexpr auto begins = std::to_array<std::string_view>({"", "", "", "", "", "", "", "", "\r\n", "preamble\r\n"});
    static constexpr auto ends = std::to_array<std::string_view>(
        {"--b--\r\n", "--b--\r\n", "--b--\r\n", "--b--\r\n", "--b--", "--b--\n", "--b--\r\nepilogue", "--b\r\n"});
    static constexpr auto line_ends =
        std::to_array<std::string_view>({"\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r"});
    static constexpr auto part_headers = std::to_array<std::string_view>({
        R"(Content-Disposition: form-data; name="model")",
        R"(Content-Disposition: form-data; name="model")",
        R"(content-disposition: form-data; name=model)",
        R"(Content-Disposition: form-data; name="Model")",
        R"(Content-Disposition: form-data; name="x")",
        R"(Content-Disposition: form-data; name="x"; name="model")",
        R"(Content-Disposition: form-data; name="x"; name*=utf-8''model)",
        R"(Content-Disposition: form-data; name*0="mo"; name*1="del")",
        R"(Content-Disposition: form-data; name="file"; filename="model")",
        R"(Content-Disposition: form-data; name="model"; filename="x")",
        R"(Content-Disposition: form-data; name="x" ; a="; name=model")",
        R"(Content-Disposition: form-data; name="x\"; name=model; a=\"")",
        R"(Content-Disposition: form-data; filename="a;b"; name="model")",
        "Content-Disposition: form-data; name=\"x\"\r\n ; name=\"model\"",
        "Content-Type: text/plain",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Type: text/plain; charset=utf-16",
        "Content-Transfer-Encoding: base64",
        "Content-Transfer-Encoding: quoted-printable",
        "X: y",
        "Content-Length: 3",
    });
    static constexpr auto contents = std::to_array<std::string_view>(
        {"gpt-4o", "gpt-4o", "cheap", "", "a\nb", "=67pt", "Z3B0", "x--b", "x\n--b\nContent-Disposition: form-data; name=\"model\"\n\ny",
         "x\r\n--bc\r\n", "x\r\n--b \r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ny"});

    std::mt19937 random_{15};
};

std::string hex(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result;
    for (const char c : text) {
        result += digits[static_cast<unsigned char>(c) >> 4U];
        result += digits[static_cast<unsigned char>(c) & 0xfU];
    }
    return result;
}

// Writes one line with the facts of each body that we accept, and returns their number.
unsigned write_bodies(const std::string& path) {
    std::ofstream file(path);
    Bodies bodies;
    unsigned read = 0;
    for (unsigned count = 0; count < 2 * bodies_of_a_kind; count++) {
        const bool is_json = count % 2 == 0;
        const std::string body = is_json ? bodies.json() : bodies.form();
        const Result<RequestFacts> facts =
            is_json ? read_json_body(MeterDialect::openai, Api::chat_completions, body) : read_multipart_body(form_type, body);
        if (facts) {
            read++;
            file << (is_json ? "json" : "form") << '\t' << hex(form_type) << '\t' << hex(body) << '\t'
                 << (facts->model.empty() ? "-" : hex(facts->model)) << '\t'
                 << (facts->max_output_tokens ? std::to_string(*facts->max_output_tokens) : "-") << '\t' << facts->answers << '\n';
        }
    }
    return read;
}

class UpstreamParsers {
  public:
    UpstreamParsers() : path_(std::filesystem::temp_directory_path() / ("api-key-bodies." + std::to_string(getpid()))) {
        read_ = write_bodies(path_);
    }
    UpstreamParsers(const UpstreamParsers&) = delete;
    UpstreamParsers& operator=(const UpstreamParsers&) = delete;
    ~UpstreamParsers() { std::filesystem::remove(path_); }

    unsigned read() const { return read_; }

    // The differences that a reader reports; skips the test if its language is not installed.
    std::string differences(const std::string& language, const std::string& command) const {
        if (std::system(("command -v " + language + " > /dev/null").c_str()) != 0) { // NOLINT(cert-env33-c,concurrency-mt-unsafe)
            print_message("skipped: %s is not installed\n", language.c_str());
            skip();
        }
        const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen((command + " " + path_ + " 2>&1").c_str(), "r"), pclose);
        std::string output;
        std::array<char, 4096> buffer{};
        while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) {
            output.append(buffer.data(), size);
        }
        return output;
    }

  private:
    std::string path_;
    unsigned read_ = 0;
};

const UpstreamParsers& parsers() {
    static const UpstreamParsers parsers;
    return parsers;
}

void enough_of_them_pass(void**) {
    assert_true(parsers().read() > bodies_of_a_kind / 8);
}

void python_reads_the_same(void**) {
    CHECK_TEXT("python3", parsers().differences("python3", "python3 tests/lib/upstream_parsers/read.py"), "");
}

void node_reads_the_same(void**) {
    CHECK_TEXT("node", parsers().differences("node", "node --no-warnings tests/lib/upstream_parsers/read.js"), "");
}

void go_reads_the_same(void**) {
    CHECK_TEXT("go", parsers().differences("go", "GO111MODULE=off GOFLAGS= go run tests/lib/upstream_parsers/read.go"), "");
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(enough_of_them_pass),
        cmocka_unit_test(python_reads_the_same),
        cmocka_unit_test(node_reads_the_same),
        cmocka_unit_test(go_reads_the_same),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

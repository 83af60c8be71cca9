// The same as read.py, as applications in Go do.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
)

type request struct {
	Model     *string `json:"model"`
	MaxTokens *int64  `json:"max_tokens"`
	N         *int64  `json:"n"`
}

func text(value *string) string {
	if value == nil {
		return "-"
	}
	return hex.EncodeToString([]byte(*value))
}

func number(value *int64, otherwise string) string {
	if value == nil {
		return otherwise
	}
	return strconv.FormatInt(*value, 10)
}

func look(line string) {
	fields := strings.Split(line, "\t")
	contentType, _ := hex.DecodeString(fields[1])
	body, _ := hex.DecodeString(fields[2])
	if fields[0] == "json" {
		var read request
		if json.Unmarshal(body, &read) == nil && (text(read.Model) != fields[3] || number(read.MaxTokens, "-") != fields[4] || number(read.N, "1") != fields[5]) {
			fmt.Printf("json: %s %s %s, not %s: %q\n", text(read.Model), number(read.MaxTokens, "-"), number(read.N, "1"), fields[3:], body)
		}
		return
	}
	asked, _ := http.NewRequest("POST", "/", io.NopCloser(bytes.NewReader(body)))
	asked.Header.Set("Content-Type", string(contentType))
	if asked.ParseMultipartForm(1<<20) != nil {
		return
	}
	model := "-"
	for name, values := range asked.MultipartForm.Value {
		if strings.EqualFold(name, "model") {
			model = text(&values[len(values)-1])
		}
	}
	if model != fields[3] {
		fmt.Printf("form: %s, not %s: %q\n", model, fields[3], body)
	}
}

func main() {
	file, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		look(lines.Text())
	}
}

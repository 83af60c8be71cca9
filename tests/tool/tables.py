#!/usr/bin/env python3
"""apikeyctl's tables on terminals of several widths, and its other formats."""
import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import unicodedata

tool = os.environ["APIKEYCTL"]
prefix = ["--key-prefix", f"tables-{os.getpid()}:"]
count = 0
failed = 0


def check(name, is_right, seen=""):
    global count, failed
    count += 1
    failed += not is_right
    print(f"{'ok' if is_right else 'not ok'} {count} - {name}")
    if not is_right:
        print("# " + str(seen).replace("\n", "\n# "))


def run(*words):
    done = subprocess.run([tool, *prefix, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.stdout if done.returncode == 0 else f"{done.returncode}: {done.stderr}"


def on_terminal(columns, *words):
    """What stands on a terminal that is so wide."""
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        os.execv(tool, [tool, *prefix, *words])
    seen = b""
    while select.select([terminal], [], [], 20)[0]:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    os.close(terminal)
    os.waitpid(child, 0)
    return seen.decode().replace("\r\n", "\n")


def width(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


run("account", "create", "--name", "acme")
long_name = "a name of 160 bytes " * 8
for words in (["--type", "billing", "--prefix", "mk-", "--name", "ops"],
              ["--type", "proxy", "--prefix", "ms-", "--name", long_name.strip(), "--alias", "job", "--category", "batch", "--daily", "60", "--weekly", "100",
               "--monthly-limit", "25", "--models", "gpt-4o*,claude-*", "--allowed-ips", "10.0.0.0/8"],
              ["--type", "proxy", "--prefix", "ms-", "--name", "日本語のキー", "--active", "off"]):
    run("key", "create", "--account", "1", *words)
run("account", "topup", "1", "--amount", "25.5", "--reference", "a")

lists = (["key", "list", "--account", "1"], ["account", "list"], ["audit", "list", "--account", "1"], ["account", "transactions", "1"], ["doctor"],
         ["logs", "--account", "1"], ["usage", "--account", "1"], ["block", "list"], ["pepper", "list"], ["audit", "verify"])
for words in lists:
    for columns in (80, 40, 200):
        seen = on_terminal(columns, *words)
        check(f"{' '.join(words)} fits {columns} columns", seen and all(width(line) <= columns for line in seen.split("\n")), seen)
    check(f"{' '.join(words)} has headings in capitals and no JSON", seen.split("\n")[0].isupper() and not any(c in seen for c in '{}"'), seen)

lines = on_terminal(80, "key", "list", "--account", "1").split("\n")
check("the columns of keys", lines[0].split() == "ID NAME ALIAS TYPE STATUS QUOTA SPEND LAST USED".split(), lines)
check("a name that is cut ends with dots", "…" in lines[2] and "0/60 daily" in lines[2] and "0.00/25.00" in lines[2], lines)
places = [width(line[:line.index(word)]) for line, word in zip(lines, ("STATUS", "disabled", "active", "active"))]
check("wide characters take two columns", len(set(places)) == 1, lines)
amounts = on_terminal(80, "account", "transactions", "1").split("\n")
check("numbers are to the right", amounts[0].index("AMOUNT") + 6 == amounts[1].index("25.50") + 5, amounts)

wide = run("-o", "wide", "key", "list", "--account", "1")
check("a wide table has all columns, and cuts nothing", all(word in wide for word in ("PREFIX", "CATEGORY", "ALLOWED IPS", "10.0.0.0/8", "gpt-4o*,claude-*", long_name.strip())), wide)
check("a table without a terminal is not cut", long_name.strip() in run("-o", "table", "key", "list", "--account", "1"))
check("no headings", run("-o", "table", "--no-headers", "account", "list").startswith("1  acme"), run("-o", "table", "--no-headers", "account", "list"))
check("ids", run("-o", "ids", "key", "list", "--account", "1") == "3\n2\n1\n", run("-o", "ids", "key", "list", "--account", "1"))
check("the id of one", run("-o", "ids", "key", "show", "2") == "2\n")
refused = run("-o", "ids", "key", "create", "--account", "1", "--type", "proxy", "--prefix", "ms-", "--name", "x")
check("a secret is not lost in ids", refused.startswith("2: apikeyctl: --output: ids would lose") and run("-o", "ids", "key", "list", "--account", "1") == "3\n2\n1\n", refused)
shown = on_terminal(80, "key", "show", "2")
check("one key, a line for each member", "QUOTAS DAILY" in shown and "MONTHLY LIMIT  25.00\n" in shown and '"' not in shown, shown)
check("piped it is JSON", json.loads(run("key", "show", "2"))["quotas"] == {"daily": 60, "weekly": 100})
check("a list piped has no more than before", set(json.loads(run("key", "list", "--account", "1"))[0]) ==
      {"id", "name", "type", "prefix", "active", "createdAt", "models", "quotas", "allowedIps"}, run("key", "list", "--account", "1"))
yaml = run("-o", "yaml", "key", "show", "2").split("\n")
check("YAML", yaml[0] == "id: 2" and 'alias: "job"' in yaml and "active: true" in yaml and "  weekly: 100" in yaml and '- "10.0.0.0/8"' in yaml and yaml[-1] == "", yaml)
check("YAML of a list", run("-o", "yaml", "account", "list").startswith('- id: 1\n  name: "acme"\n  active: true\n'), run("-o", "yaml", "account", "list"))

print(f"1..{count}")
sys.exit(failed != 0)

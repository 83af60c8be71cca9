#!/usr/bin/env python3
"""apikeyctl on a terminal: it asks before what cannot be undone, and does nothing without a yes."""
import json
import os
import pty
import select
import subprocess
import sys

tool = os.environ["APIKEYCTL"]
prefix = ["--key-prefix", f"questions-{os.getpid()}:"]
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
    done = subprocess.run([tool, *prefix, "-o", "json", *words], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def made(*words):
    return json.loads(run(*words)[1])


def on_terminal(answer, *words, question=b"[y/N] "):
    """Types `answer` at the question. Gives the exit code and what stood on the terminal."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(tool, [tool, *prefix, "-o", "json", *words])
    seen = b""
    is_answered = False
    while select.select([terminal], [], [], 20)[0]:
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            break
        if not piece:
            break
        seen += piece
        if not is_answered and question in seen:
            is_answered = True
            os.write(terminal, answer)
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), seen.decode()


account = str(made("account", "create", "--name", "acme")["id"])
key = str(made("key", "create", "--account", account, "--type", "proxy", "--prefix", "ms-", "--name", "app")["id"])

code, seen = on_terminal(b"n\n", "key", "delete", key)
check("a key's deletion is asked for, with its name and last use", code == 1 and f'Delete key {key} "app", never used?' in seen, seen)
check("no leaves it", "nothing was changed" in seen and run("key", "show", key)[0] == 0, seen)
code, seen = on_terminal(b"\n", "key", "delete", key)
check("so does an empty answer", code == 1 and run("key", "show", key)[0] == 0, seen)
code, seen = on_terminal(b"\x04", "key", "delete", key)
check("and the end of the input", code == 1 and run("key", "show", key)[0] == 0, seen)

code, seen = on_terminal(b"ms-0123456789\n", "key", "lookup", question=b"not shown: ")
check("a secret that is typed is not shown", code == 1 and "ms-0123456789" not in seen and "not found" in seen, seen)

before = made("key", "show", key)
code, seen = on_terminal(b"n\n", "key", "rotate", key, "--prefix", "ms-")
check("a rotation without overlap is asked for", code == 1 and f'Rotate key {key} "app"' in seen and made("key", "show", key) == before, seen)
code, seen = on_terminal(b"", "key", "rotate", key, "--prefix", "ms-", "--overlap", "60")
check("one with overlap is not", code == 0 and "[y/N]" not in seen and '"key":"ms-' in seen, seen)

code, seen = on_terminal(b"n\n", "account", "disable", account)
check("disabling an account is asked for", code == 1 and f'Disable account {account} "acme"?' in seen and made("account", "show", account)["active"], seen)
code, seen = on_terminal(b"y\n", "account", "update", account, "--active", "off")
check("yes does it", code == 0 and not made("account", "show", account)["active"], seen)
code, seen = on_terminal(b"", "account", "enable", account)
check("enabling it is not asked for", code == 0 and "[y/N]" not in seen, seen)

for words in (["key", "delete", key], ["key", "rotate", key, "--prefix", "ms-"], ["key", "update", key, "--daily", "7"], ["key", "disable", key],
              ["key", "clone", key, "--alias", "b", "--prefix", "ms-"], ["account", "disable", account],
              ["key", "create", "--account", account, "--type", "proxy", "--prefix", "ms-", "--name", "x"]):
    state = run("key", "list", "--account", account)[1], run("account", "list")[1], run("audit", "list", "--account", account)[1]
    code, said, complaint = run(*words, "--dry-run")
    after = run("key", "list", "--account", account)[1], run("account", "list")[1], run("audit", "list", "--account", account)[1]
    check(f"a dry run of {words[0]} {words[1]} changes nothing", code == 0 and state == after and "nothing was changed" in complaint, said + complaint)
    check(f"and shows {words[0]} {words[1]}", "name" in json.loads(said) and '"key":"' not in said, said)
check("a dry run shows what would be", json.loads(run("key", "update", key, "--daily", "7", "--dry-run")[1])["quotas"] == {"daily": 7})
code, seen = on_terminal(b"", "key", "delete", key, "--dry-run")
check("and asks nothing", code == 0 and "[y/N]" not in seen, seen)

code, seen = on_terminal(b"", "key", "delete", key, "--yes")
check("--yes asks nothing", code == 0 and "[y/N]" not in seen and run("key", "show", key)[0] == 1, seen)

print(f"1..{count}")
sys.exit(failed != 0)

-- wrk: a chat completion is asked for, streamed.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"model":"gpt-4o","stream":true,"max_tokens":500,"messages":[{"role":"user","content":"Tell me two hundred words."}]}'

// For tests in Node: stands between a gateway and Redis, knows which reply answers which command, and spoils those it is told to.
//
//   const proxy = await startFaultProxy(process.env.TEST_REDIS_SOCKET);
//   proxy.url                                                   // redis://127.0.0.1:…
//   proxy.spoil(faults.cut, ([name]) => name === "HGETALL", 1)  // the next reply to HGETALL; without a condition and a count all replies
//   proxy.spoiled                                               // how many since then
//   proxy.spoil(proxy.hold)                                     // a black hole
//   proxy.cut()                                                 // all connections end
//   proxy.behave()                                              // no fault any more; what was held back is sent, unless its connection is gone
"use strict";

const net = require("net");

const turn = () => new Promise((resolve) => setImmediate(resolve));

// Where the RESP value that begins at `begin` ends; -1 when it is not whole.
function endOfValue(bytes, begin) {
    const line = bytes.indexOf("\r\n", begin);
    if (line < 0) {
        return -1;
    }
    let end = line + 2;
    const kind = String.fromCharCode(bytes[begin]);
    const size = Number(bytes.toString("latin1", begin + 1, line));
    if (kind === "$" && size >= 0) {
        end += size + 2;
        return end <= bytes.length ? end : -1;
    }
    for (let element = 0; kind === "*" && element < size && end >= 0; element++) {
        end = endOfValue(bytes, end);
    }
    return end;
}

// Takes whole values off a growing buffer.
function makeSplitter() {
    let rest = Buffer.alloc(0);
    return (bytes) => {
        rest = Buffer.concat([rest, bytes]);
        const values = [];
        for (let end; rest.length && (end = endOfValue(rest, 0)) >= 0; rest = rest.subarray(end)) {
            values.push(rest.subarray(0, end));
        }
        return values;
    };
}

function wordsOf(command) {
    const words = [];
    for (let at = command.indexOf("\r\n") + 2; at < command.length; ) {
        const line = command.indexOf("\r\n", at);
        const end = endOfValue(command, at);
        words.push(command.toString("latin1", line + 2, end - 2));
        at = end;
    }
    return words;
}

// A fault gets the reply, the client's connection and a promise of its end; what comes after it on this connection waits until it is done.
const faults = {
    // pieces of `size` bytes, each in a packet of its own
    pieces: (size) => async (reply, client) => {
        for (let at = 0; at < reply.length && !client.destroyed; at += size) {
            client.write(reply.subarray(at, at + size));
            await turn();
        }
    },
    cut: async (reply, client) => {
        client.end(reply.subarray(0, reply.length / 2));
    },
    reset: async (reply, client) => {
        await new Promise((resolve) => client.write(reply.subarray(0, reply.length / 2), resolve));
        client.resetAndDestroy();
    },
    late: (ms) => async (reply, client) => {
        await new Promise((resolve) => setTimeout(resolve, ms));
        client.write(reply);
    },
    close: async (reply, client) => {
        client.end();
    },
    instead: (text) => async (reply, client) => {
        client.write(text, "latin1");
    },
    // the beginning of a reply, and then nothing but this, for ever
    endless: (begin, piece) => async (reply, client, closed) => {
        client.write(begin);
        while (!client.destroyed) {
            if (!client.write(piece)) {
                await Promise.race([closed, new Promise((resolve) => client.once("drain", resolve))]);
            }
        }
    },
};

function startFaultProxy(redisSocket) {
    let fault = null;
    let release = () => {};
    let released;
    const sockets = new Set();
    const proxy = { spoiled: 0 };

    proxy.hold = async (reply, client, closed) => {
        await Promise.race([released, closed]);
        if (!client.destroyed) {
            client.write(reply);
        }
    };
    proxy.behave = () => {
        fault = null;
        release();
        released = new Promise((resolve) => (release = resolve));
    };
    proxy.spoil = (how, condition = () => true, times = Infinity) => {
        proxy.spoiled = 0;
        fault = { how, condition, times };
    };
    const faultFor = (words) => {
        if (fault === null || proxy.spoiled === fault.times || !fault.condition(words)) {
            return null;
        }
        proxy.spoiled++;
        return fault.how;
    };

    const server = net.createServer({ noDelay: true }, (client) => {
        const redis = net.connect(redisSocket);
        const commands = [];
        const splitCommands = makeSplitter();
        const splitReplies = makeSplitter();
        let sent = Promise.resolve();
        const closed = new Promise((resolve) => client.once("close", resolve));
        for (const [socket, other] of [[client, redis], [redis, client]]) {
            sockets.add(socket);
            socket.on("error", () => {});
            socket.on("close", () => {
                sockets.delete(socket);
                other.destroy();
            });
        }
        client.on("data", (bytes) => {
            commands.push(...splitCommands(bytes).map(wordsOf));
            redis.write(bytes);
        });
        redis.on("data", (bytes) => {
            for (const reply of splitReplies(bytes)) {
                const how = faultFor(commands.shift() ?? []); // none: a message of a channel
                sent = sent.then(() => (client.destroyed || client.writableEnded ? undefined : how ? how(reply, client, closed) : client.write(reply)));
            }
        });
    });
    proxy.cut = () => sockets.forEach((socket) => socket.destroy());
    proxy.stop = () => {
        proxy.behave();
        proxy.cut();
        return new Promise((resolve) => server.close(resolve));
    };
    proxy.behave();
    return new Promise((resolve) => {
        server.listen(0, "127.0.0.1", () => {
            proxy.url = `redis://127.0.0.1:${server.address().port}`;
            resolve(proxy);
        });
    });
}

module.exports = { faults, startFaultProxy };

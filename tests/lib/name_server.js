// For tests in Node: a name server that knows one address for every name; it may change. gives { port, address, asked, stop() }
"use strict";

const dgram = require("dgram");

function startNameServer(address) {
    const socket = dgram.createSocket("udp4");
    const server = { address, asked: 0, stop: () => new Promise((resolve) => socket.close(resolve)) };
    socket.on("message", (query, from) => {
        server.asked++;
        const nameEnd = query.indexOf(0, 12) + 1;
        const isAddress = query.readUInt16BE(nameEnd) === 1;
        const header = Buffer.from([query[0], query[1], 0x81, 0x80, 0, 1, 0, isAddress ? 1 : 0, 0, 0, 0, 0]);
        const question = query.subarray(12, nameEnd + 4);
        const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, ...server.address.split(".").map(Number)]); // good for a second
        socket.send(Buffer.concat([header, question, ...(isAddress ? [answer] : [])]), from.port, from.address);
    });
    return new Promise((resolve) => socket.bind(0, "127.0.0.1", () => resolve(Object.assign(server, { port: socket.address().port }))));
}

module.exports = { startNameServer };

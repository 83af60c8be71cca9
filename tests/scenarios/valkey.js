#!/usr/bin/env node
// Sentinel and Cluster once more, with Valkey 8.
"use strict";

const fs = require("fs");

process.env.TEST_REDIS_SERVER = "build/valkey/usr/bin/valkey-server";
if (fs.existsSync(process.env.TEST_REDIS_SERVER)) {
    require("./topologies.js");
} else {
    console.log("1..0 # SKIP no Valkey on this machine");
}

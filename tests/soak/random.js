// Random numbers that a seed repeats.
"use strict";

function makeRandom(seed) {
    let state = seed >>> 0;
    // mulberry32
    const next = () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
    const between = (least, most) => least + Math.floor(next() * (most - least + 1));
    const one = (list) => list[between(0, list.length - 1)];
    return { next, between, one };
}

module.exports = { makeRandom };

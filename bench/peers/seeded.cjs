// What makes a plain script repeatable, and equal to Layerwise's training of the same seed: tfjs takes the seeds of
// initial weights from Math.random, and each epoch has an order of its own (sidecar/training/seededRandom.ts).
function mulberry32(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function mixSeeds(...numbers) {
  let mixed = 0x9747b28c;
  for (const number of numbers) {
    mixed = Math.imul(mixed ^ number, 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
  }
  return mixed >>> 0;
}

function shuffled(size, random) {
  const order = Uint32Array.from({ length: size }, (_, i) => i);
  for (let i = size - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

module.exports = {
  mulberry32,
  orderOf: (size, seed, epoch) => shuffled(size, mulberry32(mixSeeds(seed, epoch))),
};

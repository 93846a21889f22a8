// Answers each line of JSON on stdin with one on stdout, in turn (bench/peers/process.ts).
module.exports = (answer) => {
  const lines = require('node:readline').createInterface({ input: process.stdin });
  let last = Promise.resolve();
  lines.on('line', (line) => {
    last = last.then(async () => console.log(JSON.stringify(await answer(JSON.parse(line)))));
    last.catch((error) => {
      console.error(error);
      process.exit(1);
    });
  });
};

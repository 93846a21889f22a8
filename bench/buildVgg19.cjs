// What people do today to see a model's shapes: build it in TensorFlow.js and print its summary.
const tf = require('@tensorflow/tfjs');
const ts = require('typescript');
const source = require('node:fs').readFileSync('examples/vgg19.ts', 'utf8');
const program = { exports: {} };
const compiled = ts.transpileModule(source, {
  compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
});
new Function('require', 'exports', compiled.outputText)(
  (name) => (name === '@tensorflow/tfjs' ? tf : require(name)),
  program.exports,
);
program.exports.createVgg19().summary();

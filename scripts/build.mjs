// Builds every target into dist/. Usage: node scripts/build.mjs [--clean] [--watch] [--production] [--only name,name]
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { nativePackages } from './nativePackages.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const dist = path.join(root, 'dist');
const flags = process.argv.slice(2);
const watch = flags.includes('--watch');
const production = flags.includes('--production');
const only = flags.includes('--only') ? flags[flags.indexOf('--only') + 1]?.split(',') : undefined;

const shared = {
  absWorkingDir: root,
  bundle: true,
  sourcemap: production ? false : 'linked',
  minify: production,
  legalComments: 'none',
  logLevel: 'warning',
  target: 'es2022',
  define: { 'process.env.NODE_ENV': JSON.stringify(production ? 'production' : 'development') },
};
const node = { ...shared, platform: 'node', format: 'cjs', target: 'node20', mainFields: ['module', 'main'] };
const browser = { ...shared, platform: 'browser', format: 'iife' };

/** TypeScript probes for Node built-ins behind a guard; in a browser worker they are simply absent. */
const noNodeBuiltins = {
  fs: 'empty',
  path: 'empty',
  os: 'empty',
  crypto: 'empty',
  inspector: 'empty',
  perf_hooks: 'empty',
};
const emptyBuiltins = {
  name: 'empty-builtins',
  setup(build) {
    const names = Object.keys(noNodeBuiltins).join('|');
    build.onResolve({ filter: new RegExp(`^(node:)?(${names})$`) }, ({ path: id }) => ({
      path: id,
      namespace: 'empty',
    }));
    build.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {};' }));
  },
};

const targets = {
  extension: { ...node, entryPoints: { extension: 'extension/main.ts' }, external: ['vscode'] },
  'extension.browser': {
    ...browser,
    format: 'cjs',
    entryPoints: { 'extension.browser': 'extension/browser.ts' },
    external: ['vscode'],
  },
  server: { ...node, entryPoints: { server: 'language-server/node.ts' } },
  'server.browser': {
    ...browser,
    entryPoints: { 'server.browser': 'language-server/browser.ts' },
    plugins: [emptyBuiltins],
  },
  // Native code is found at run time, never bundled: the packages of nativePackages.mjs, and the user's tfjs-node.
  sidecar: {
    ...node,
    entryPoints: { sidecar: 'sidecar/main.ts' },
    external: [...Object.keys(nativePackages), '@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'],
  },
  cli: { ...node, entryPoints: { cli: 'cli/main.ts' }, banner: { js: '#!/usr/bin/env node' } },
  webview: {
    ...browser,
    format: 'esm',
    splitting: true,
    entryPoints: {
      'webview/diagram': 'webview/diagram/main.tsx',
      'webview/training': 'webview/training/main.tsx',
      'webview/classify': 'webview/classify/main.tsx',
      'webview/comparison': 'webview/comparison/main.tsx',
    },
    chunkNames: 'webview/chunk-[hash]',
    jsx: 'automatic',
    jsxImportSource: 'preact',
  },
};

/** Files that run beside a bundle and cannot be part of it. */
function copyAssets() {
  const wasm = path.join(root, 'node_modules/@tensorflow/tfjs-backend-wasm/dist');
  mkdirSync(path.join(dist, 'wasm'), { recursive: true });
  for (const file of ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm']) {
    cpSync(path.join(wasm, file), path.join(dist, 'wasm', file));
  }
}

if (flags.includes('--clean')) rmSync(dist, { recursive: true, force: true });
copyAssets();
const chosen = Object.entries(targets).filter(([name]) => !only || only.includes(name));
await Promise.all(
  chosen.map(async ([name, options]) => {
    const started = Date.now();
    const full = { ...options, outdir: dist };
    if (watch) await (await esbuild.context(full)).watch();
    else await esbuild.build(full);
    console.log(`${watch ? 'watching' : 'built'} ${name} ${watch ? '' : `in ${Date.now() - started} ms`}`);
  }),
);

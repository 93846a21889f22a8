// Preloaded into a measured process: writes its peak memory, in bytes, to the file that is named.
process.on('exit', () => {
  require('node:fs').writeFileSync(process.env.BENCH_USAGE, String(process.resourceUsage().maxRSS * 1024));
});

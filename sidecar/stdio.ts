/**
 * Keeps stdout for JSON-RPC alone. Imported first: libraries that print while they load (tfjs greets, native code
 * warns through console) must not break the channel.
 */

/** The channel's own way to stdout. */
export const writeToStdout = process.stdout.write.bind(process.stdout);

process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;

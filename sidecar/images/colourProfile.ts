/** Colour profiles that pictures carry (ICC). */
import { createHash } from 'node:crypto';

/**
 * SHA-256 of profiles that say no more than that the colours are sRGB, as they are without one. Converting from them to
 * sRGB takes as long as the decoding, and changes a value by the last bit or not at all.
 */
const srgbProfiles = new Set([
  // `sRGB IEC61966-2.1`, Hewlett-Packard's: in most pictures that say anything.
  '2b3aa1645779a9e634744faf9b01e9102b0c9b88fd6deced7934df86b949af7e',
  // Of TeX's `colorprofiles`.
  '049e05b4b9f85e2b65d43e1bed89e301d157f14ba8dadefe3a92e12814d763da',
  // libvips' own.
  'c56e1685d888f5edb92fe07f2750f387f8fe8e91b32ff8fb0b56bfbbb9458353',
]);

/** Whether the pixels are sRGB without any conversion. */
export function isSrgb(profile: Uint8Array | undefined): boolean {
  return profile !== undefined && srgbProfiles.has(createHash('sha256').update(profile).digest('hex'));
}

/** Names of a PNG's, a JPEG's and a WebP's part that holds a profile. It stands before what is long. */
const profileMarks = ['iCCP', 'ICC_PROFILE', 'ICCP'];

/**
 * @param head A file's first bytes.
 * @returns false where it does not pay to look for a profile: a file that has one nevertheless is converted by it.
 */
export function mayHaveProfile(head: Buffer): boolean {
  return profileMarks.some((mark) => head.includes(mark));
}

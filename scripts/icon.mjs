// Renders media/icon.svg as media/icon.png: the marketplace takes no SVG. Usage: node scripts/icon.mjs
import path from 'node:path';
import sharp from 'sharp';
import { root } from './run.mjs';

const side = 256;
await sharp(path.join(root, 'media/icon.svg'), { density: 288 })
  .resize(side, side)
  .png({ compressionLevel: 9 })
  .toFile(path.join(root, 'media/icon.png'));

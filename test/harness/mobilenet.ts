/** MobileNet v1 0.25 with ImageNet's weights, which is not part of the project: tests that want it say so and are left out. */
import { existsSync } from 'node:fs';
import { skip } from './skip';

/** Its model.json in the layers format. */
export function mobileNet(context: Mocha.Context): string {
  return fileOf(context, 'LAYERWISE_MOBILENET_JSON', 'the model.json of MobileNet v1 0.25');
}

/** The same weights as ONNX. */
export function mobileNetOnnx(context: Mocha.Context): string {
  return fileOf(context, 'LAYERWISE_MOBILENET_ONNX', 'the same MobileNet v1 0.25 as .onnx');
}

function fileOf(context: Mocha.Context, variable: string, what: string): string {
  const file = process.env[variable];
  if (file && existsSync(file)) return file;
  return skip(context, `set ${variable} to ${what}`);
}

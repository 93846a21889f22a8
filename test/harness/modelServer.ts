/** A server on this machine in the place of the host that publishes a model. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const pathname = '/tfjs-models/tfjs/mobilenet_v1_0.25_224/';

/** The published files of a model in one: one group of weights for each layer, named as the public host names them. */
export function publishedFiles(modelJson: string): Map<string, Buffer> {
  const json = JSON.parse(readFileSync(modelJson, 'utf8'));
  const bytes = readFileSync(path.join(path.dirname(modelJson), json.weightsManifest[0].paths[0]));
  const groups = new Map<string, { specs: object[]; parts: Buffer[] }>();
  let position = 0;
  for (const spec of json.weightsManifest[0].weights as { name: string; shape: number[] }[]) {
    const length = 4 * spec.shape.reduce((product, size) => product * size, 1);
    const layer = spec.name.split('/')[0]!;
    const group = groups.get(layer) ?? { specs: [], parts: [] };
    group.specs.push(spec);
    group.parts.push(bytes.subarray(position, position + length));
    groups.set(layer, group);
    position += length;
  }
  const files = new Map<string, Buffer>();
  const weightsManifest = [...groups.keys()].sort().map((layer, i) => {
    const { specs, parts } = groups.get(layer)!;
    const name = `group${i + 1}-shard1of1`;
    files.set(name, Buffer.concat(parts));
    return { paths: [name], weights: specs };
  });
  const modelTopology = json.modelTopology;
  files.set('model.json', Buffer.from(JSON.stringify({ modelTopology, weightsManifest })));
  return files;
}

export type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer | undefined,
) => void;

const servers: Server[] = [];

/** @returns its address */
export async function serve(
  files: Map<string, Buffer>,
  answer: Answer,
): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const name = request.url?.startsWith(pathname) ? request.url.slice(pathname.length) : '?';
    asked.push(name);
    answer(request, response, files.get(name));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

export const whole: Answer = (_, response, content) => {
  if (!content) response.writeHead(404);
  response.end(content);
};

/** For `afterEach`. */
export function closeServers(): void {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
}

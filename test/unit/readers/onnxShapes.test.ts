/** The shapes and types that the reader calls exact are those that onnxruntime computes, node by node. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { isSymbolic, type Quantity, substitute } from '../../../model-graph/dims';
import { addOutputs } from '../../../model-graph/onnx/addOutputs';
import { inferShapes } from '../../../model-graph/onnx/inference';
import { graphInputs } from '../../../model-graph/onnx/names';
import { elementTypeName } from '../../../model-graph/onnx/tensors';
import { decodeModel } from '../../../model-graph/onnx/wire';
import {
  onnxTestDataMissing,
  onnxTestFolders,
  onnxTestInputs,
  toRuntimeTensor,
} from '../../harness/onnxData';
import { skip } from '../../harness/skip';

describe('shapes of ONNX models', function () {
  this.timeout(600_000);

  it('are those of onnxruntime for every node of real models', async function () {
    const folders = onnxTestFolders();
    if (folders.length === 0) skip(this, onnxTestDataMissing);
    const counted = { models: 0, exact: 0, unknown: 0 };
    const lostOperators = new Map<string, number>();
    const wrong: string[] = [];
    for (const folder of folders) {
      const compared = await compare(folder);
      if (!compared) continue;
      counted.models++;
      counted.exact += compared.exact;
      for (const operator of compared.unknown) {
        counted.unknown++;
        lostOperators.set(operator, (lostOperators.get(operator) ?? 0) + 1);
      }
      wrong.push(...compared.wrong.map((line) => `${path.basename(folder)}: ${line}`));
    }
    if (process.env['LAYERWISE_PRINT'])
      console.log(
        counted,
        [...lostOperators].sort((a, b) => b[1] - a[1]),
      );
    assert.deepEqual(wrong, []);
    assert.ok(counted.models > 600, `only ${counted.models} models ran`);
    assert.ok(counted.exact > 1500, `only ${counted.exact} outputs were compared`);
    assert.ok(counted.unknown < counted.exact / 10, `${counted.unknown} outputs are unknown`);
  });
});

/** undefined where onnxruntime does not run the model. */
async function compare(folder: string) {
  const bytes = readFileSync(path.join(folder, 'model.onnx'));
  const model = decodeModel(bytes);
  const graph = model.graph!;
  const inferred = inferShapes(model, graph);
  const tensors = onnxTestInputs(folder);
  const inputs = graphInputs(graph);
  if (!tensors || tensors.length < inputs.length) return undefined;
  const feeds: Record<string, Tensor> = {};
  const sizes = new Map<string, Quantity>();
  for (const [index, { name = '' }] of (graph.input ?? []).entries()) {
    if (index >= tensors.length) break;
    const tensor = toRuntimeTensor(tensors[index]!);
    if (!tensor) return undefined;
    feeds[name] = tensor;
    inferred.values.get(name)?.shape?.forEach((size, axis) => {
      if (isSymbolic(size)) for (const symbol of size.names) sizes.set(symbol, tensor.dims[axis]!);
    });
  }
  const outputNames = (graph.output ?? []).map(({ name }) => name);
  const added = inferred.nodes
    .flatMap(({ message }) => message.output ?? [])
    .filter((name) => name !== '' && !outputNames.includes(name));
  let results: Record<string, Tensor>;
  try {
    const session = await InferenceSession.create(addOutputs(bytes, added), {
      graphOptimizationLevel: 'disabled',
      logSeverityLevel: 4,
    });
    try {
      results = (await session.run(feeds)) as Record<string, Tensor>;
    } finally {
      await session.release();
    }
  } catch {
    return undefined;
  }
  const wrong: string[] = [];
  const unknown: string[] = [];
  let exact = 0;
  for (const { message, outputs, contradiction } of inferred.nodes) {
    if (contradiction) wrong.push(`${message.opType}: ${contradiction}`);
    (message.output ?? []).forEach((name, index) => {
      const real = name ? results[name] : undefined;
      const value = outputs[index];
      // Sequences and maps are no tensors.
      if (!real?.dims || !value) return;
      const shape = value.shape?.map((size) => substitute(size, sizes));
      if (!shape || shape.some(isSymbolic)) {
        unknown.push(`${message.opType}: ${value.reason ?? shape}`);
        return;
      }
      exact++;
      const ours = `${elementTypeName(value.elementType)} [${shape}]`;
      const theirs = `${real.type} [${real.dims}]`;
      if (ours !== theirs) wrong.push(`${message.opType} → ${name}: ${ours}, onnxruntime ${theirs}`);
      if (value.numbers && !value.numbers.includes(null) && real.type !== 'string') {
        const numbers = value.numbers.map((number) => substitute(number, sizes));
        const real64 = Array.from(real.data as ArrayLike<number>, Number);
        const close = numbers.every(
          (number, i) => Math.abs((number as number) - real64[i]!) <= 1e-5 * Math.abs(real64[i]!),
        );
        if (!close) wrong.push(`${message.opType} → ${name}: numbers ${numbers}, onnxruntime ${real64}`);
      }
    });
  }
  return { exact, unknown, wrong };
}

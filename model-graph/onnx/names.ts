/** What the nodes and tensors of an ONNX graph are called, wherever they are shown. */
import type { GraphMessage, ValueInfoMessage } from './messages';

/**
 * One name for each node, all different: its own, else that of its first output, as Netron has it. What occurs twice
 * gets a number: `relu (2)`.
 */
export function nodeNames(graph: GraphMessage): string[] {
  const taken = new Set(graphInputs(graph).map(({ name }) => name ?? ''));
  return (graph.node ?? []).map((node, index) => {
    const wanted =
      node.name || node.output?.find((output) => output !== '') || `${node.opType ?? 'node'}_${index}`;
    let name = wanted;
    for (let number = 2; taken.has(name); number++) name = `${wanted} (${number})`;
    taken.add(name);
    return name;
  });
}

/** What is fed when the model runs: files before IR version 4 list their initializers among the inputs. */
export function graphInputs(graph: GraphMessage): ValueInfoMessage[] {
  const initialized = new Set([
    ...(graph.initializer ?? []).map(({ name }) => name),
    ...(graph.sparseInitializer ?? []).map(({ values }) => values?.name),
  ]);
  return (graph.input ?? []).filter(({ name }) => !initialized.has(name));
}

/**
 * Bytes ↔ the messages of `messages.ts`, by protobufjs's reader and writer. Reading copies no weights: tensors keep
 * views of the file.
 */
import { Reader, Writer } from 'protobufjs/minimal';
import { type Field, type MessageName, type ModelMessage, messageFields } from './messages';

/** The file is no protocol buffer, or ends too early. The message is a full sentence. */
export class MalformedFile extends Error {
  override readonly name = 'MalformedFile';
}

/** Graphs within graphs (If, Loop); a file that nests deeper is broken. */
const deepestMessage = 100;

/** @throws MalformedFile */
export function decodeModel(bytes: Uint8Array): ModelMessage {
  try {
    return decodeMessage(Reader.create(bytes), bytes.length, 'Model', 0) as ModelMessage;
  } catch (error) {
    if (error instanceof MalformedFile) throw error;
    const cut = error instanceof RangeError && /out of range/.test(error.message);
    throw new MalformedFile(
      cut
        ? 'The file ends in the middle of the model; it may be cut short.'
        : 'The file is not an ONNX model, or is damaged.',
    );
  }
}

export function encodeModel(model: ModelMessage): Uint8Array {
  return encodeMessage(model, 'Model', Writer.create()).finish();
}

/**
 * The same as `encodeModel` in parts that follow one another, none of which copies a weight.
 * @param model Its graph comes last.
 */
export function encodeModelInParts({ graph, ...rest }: ModelMessage): Uint8Array[] {
  const { initializer = [], ...others } = graph ?? {};
  const inside: Uint8Array[] = [encodeMessage(others, 'Graph', Writer.create()).finish()];
  for (const { rawData = new Uint8Array(), ...tensor } of initializer) {
    const head = encodeMessage(tensor, 'Tensor', Writer.create()).finish();
    const hasData = tensor.dataLocation !== 1;
    const dataHead = hasData ? fieldHead(fieldNumber('Tensor', 'rawData'), rawData.length) : new Uint8Array();
    const length = head.length + dataHead.length + (hasData ? rawData.length : 0);
    inside.push(fieldHead(fieldNumber('Graph', 'initializer'), length), head, dataHead);
    if (hasData) inside.push(rawData);
  }
  const size = inside.reduce((sum, part) => sum + part.length, 0);
  const around = encodeMessage(rest, 'Model', Writer.create()).finish();
  return [around, fieldHead(fieldNumber('Model', 'graph'), size), ...inside].filter(
    ({ length }) => length > 0,
  );
}

/** The tag and the length of a field of bytes. */
function fieldHead(number: number, length: number): Uint8Array {
  return Writer.create()
    .uint32((number << 3) | wireType.delimited)
    .uint32(length)
    .finish();
}

function fieldNumber(name: MessageName, field: string): number {
  return Number(Object.entries(messageFields[name]).find(([, { name: known }]) => known === field)![0]);
}

// --- reading ---------------------------------------------------------------------------------------------------------

const wireType = { varint: 0, bits64: 1, delimited: 2, bits32: 5 } as const;

function decodeMessage(reader: Reader, end: number, name: MessageName, depth: number): object {
  if (depth > deepestMessage) throw new MalformedFile('The file nests too deeply to be an ONNX model.');
  const fields = messageFields[name];
  const result: Record<string, unknown> = {};
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = fields[tag >>> 3];
    const wire = tag & 7;
    if (field && expects(field, wire)) decodeField(reader, field, wire, end, depth, result);
    else reader.skipType(wire);
  }
  if (reader.pos !== end) throw new RangeError('index out of range');
  return result;
}

/** A field of another type than the table says is damaged, or of a later version; it is passed over. */
function expects({ type, repeated }: Field, wire: number): boolean {
  if (typeof type === 'object' && 'chunks' in type) {
    return (
      wire === wireType.delimited ||
      wire === { 0: wireType.varint, 4: wireType.bits32, 8: wireType.bits64 }[type.chunks]
    );
  }
  if (type === 'int64' || type === 'int32') {
    return wire === wireType.varint || (repeated === true && wire === wireType.delimited);
  }
  if (type === 'float') return wire === wireType.bits32 || (repeated === true && wire === wireType.delimited);
  return wire === wireType.delimited;
}

function decodeField(
  reader: Reader,
  { name, type, repeated }: Field,
  wire: number,
  end: number,
  depth: number,
  into: Record<string, unknown>,
): void {
  if (typeof type === 'object' && 'chunks' in type) {
    const chunks = (into[name] ??= []) as Uint8Array[];
    chunks.push(wire === wireType.delimited ? decodeBytes(reader, end) : decodeNumberBytes(reader, wire));
    return;
  }
  const packable = type === 'int64' || type === 'int32' || type === 'float';
  if (packable && wire === wireType.delimited) {
    const values = (into[name] ??= []) as number[];
    const packedEnd = lengthEnd(reader, end);
    while (reader.pos < packedEnd) values.push(decodeNumber(reader, type));
    if (reader.pos !== packedEnd) throw new RangeError('index out of range');
    return;
  }
  const value = packable
    ? decodeNumber(reader, type)
    : type === 'bytes'
      ? decodeBytes(reader, end)
      : type === 'string'
        ? decodeText(reader, end)
        : decodeMessage(
            reader,
            lengthEnd(reader, end),
            (type as { message: MessageName }).message,
            depth + 1,
          );
  if (repeated) ((into[name] ??= []) as unknown[]).push(value);
  // Protocol buffers: a message that stands twice is one, in parts.
  else if (typeof value === 'object' && !(value instanceof Uint8Array) && typeof into[name] === 'object') {
    mergeInto(into[name] as Record<string, unknown>, value as Record<string, unknown>);
  } else into[name] = value;
}

function mergeInto(target: Record<string, unknown>, part: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(part)) {
    const known = target[key];
    if (Array.isArray(known) && Array.isArray(value)) target[key] = known.concat(value);
    else target[key] = value;
  }
}

/** Where the length-delimited field that begins here ends; never beyond the message that holds it. */
function lengthEnd(reader: Reader, end: number): number {
  const length = reader.uint32();
  const fieldEnd = reader.pos + length;
  if (fieldEnd > end) throw new RangeError('index out of range');
  return fieldEnd;
}

function decodeBytes(reader: Reader, end: number): Uint8Array {
  const start = reader.pos;
  const fieldEnd = lengthEnd(reader, end);
  const value = reader.buf.subarray(reader.pos, fieldEnd);
  reader.skip(fieldEnd - reader.pos);
  if (fieldEnd < start) throw new RangeError('index out of range');
  return value;
}

const utf8 = new TextDecoder();

function decodeText(reader: Reader, end: number): string {
  return utf8.decode(decodeBytes(reader, end));
}

function decodeNumber(reader: Reader, type: 'int64' | 'int32' | 'float'): number {
  if (type === 'float') return reader.float();
  return type === 'int32' ? reader.int32() : toNumber(reader.int64());
}

/** Beyond 2⁵³ the nearest double: such numbers stand for "to the end" in an ONNX file. */
export function toNumber(value: ReturnType<Reader['int64']>): number {
  // protobufjs declares its own empty `Long`; the class is that of the package `long`.
  return typeof value === 'number' ? value : (value as unknown as { toNumber(): number }).toNumber();
}

function decodeNumberBytes(reader: Reader, wire: number): Uint8Array {
  const start = reader.pos;
  reader.skipType(wire);
  return reader.buf.subarray(start, reader.pos);
}

// --- writing ---------------------------------------------------------------------------------------------------------

function encodeMessage(value: object, name: MessageName, writer: Writer): Writer {
  for (const [number, field] of Object.entries(messageFields[name])) {
    const content = (value as Record<string, unknown>)[field.name];
    if (content === undefined) continue;
    const all = field.repeated ? (content as unknown[]) : [content];
    for (const each of all) encodeField(each, Number(number), field, writer);
  }
  return writer;
}

function encodeField(value: unknown, number: number, { type }: Field, writer: Writer): void {
  const tag = (wire: number) => writer.uint32((number << 3) | wire);
  if (typeof type === 'object' && 'chunks' in type) {
    for (const chunk of value as Uint8Array[]) tag(wireType.delimited).bytes(chunk);
  } else if (typeof type === 'object') {
    tag(wireType.delimited).fork();
    encodeMessage(value as object, type.message, writer).ldelim();
  } else if (type === 'float') tag(wireType.bits32).float(value as number);
  else if (type === 'int64') tag(wireType.varint).int64(value as number);
  else if (type === 'int32') tag(wireType.varint).int32(value as number);
  else if (type === 'string') tag(wireType.delimited).string(value as string);
  else tag(wireType.delimited).bytes(value as Uint8Array);
}

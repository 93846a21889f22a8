/**
 * TensorBoard's event files. A file is a sequence of records (tensorflow/core/lib/io/record_writer.cc): the length as
 * uint64, its masked crc32c, the data, its masked crc32c, all little-endian. The data is an `Event`
 * (tensorflow/core/util/event.proto), of which the fields for scalars are written here.
 */
import protobuf from 'protobufjs/minimal';

/** Field numbers with the wire type: event.proto, summary.proto. */
const event = {
  wallTime: (1 << 3) | 1,
  step: (2 << 3) | 0,
  fileVersion: (3 << 3) | 2,
  summary: (5 << 3) | 2,
  sessionLog: (7 << 3) | 2,
};
const summaryValue = (1 << 3) | 2;
const value = { tag: (1 << 3) | 2, simpleValue: (2 << 3) | 5 };
const sessionLog = { status: (1 << 3) | 0, start: 1 };

/** The name that TensorBoard looks for; sorts by time. */
export function eventFileName(milliseconds: number, host: string): string {
  const seconds = String(Math.floor(milliseconds / 1000)).padStart(10, '0');
  return `events.out.tfevents.${seconds}.${host.replace(/[^\w.-]/g, '_') || 'host'}`;
}

/** The first record of every file. */
export function fileHeader(milliseconds: number): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32(event.wallTime).double(milliseconds / 1000);
  writer.uint32(event.fileVersion).string('brain.Event:2');
  return record(writer.finish());
}

/** Says that a run goes on: TensorBoard forgets what it has read of this step and of later ones. */
export function restartRecord(milliseconds: number, step: number): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32(event.wallTime).double(milliseconds / 1000);
  writer.uint32(event.step).int64(step);
  writer.uint32(event.sessionLog).fork().uint32(sessionLog.status).int32(sessionLog.start).ldelim();
  return record(writer.finish());
}

/** Scalars of one step; values that are absent or no number are left out. */
export function scalarsRecord(
  milliseconds: number,
  step: number,
  scalars: Record<string, number | undefined>,
): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32(event.wallTime).double(milliseconds / 1000);
  writer.uint32(event.step).int64(step);
  writer.uint32(event.summary).fork();
  for (const [tag, scalar] of Object.entries(scalars)) {
    if (scalar === undefined || !Number.isFinite(scalar)) continue;
    writer.uint32(summaryValue).fork();
    writer.uint32(value.tag).string(tag).uint32(value.simpleValue).float(scalar).ldelim();
  }
  writer.ldelim();
  return record(writer.finish());
}

function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + 4 + data.byteLength + 4);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.byteLength), true);
  view.setUint32(8, maskedCrc32c(bytes.subarray(0, 8)), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.byteLength, maskedCrc32c(data), true);
  return bytes;
}

/** Castagnoli's polynomial, reflected. */
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/** Mirrors tensorflow/core/lib/hash/crc32c.h Mask: a crc of data that holds crcs would be of little use. */
function maskedCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

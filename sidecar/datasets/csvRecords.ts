/** Reads a table's records one after the other, however large the file is. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { Cancelled, messageOf, SidecarError, systemErrorCode } from '../errors';

const sniffedBytes = 64 * 1024;
/** What stands in place of bytes that are no UTF-8: two classes might become one. */
const notUtf8 = '\ufffd';
/** More in one record is a quotation mark that is never closed. */
const maximumRecordBytes = 16 * 1024 * 1024;

/**
 * @param take Called with each record's cells, trimmed, and its line, counted from 1. Throwing ends the reading.
 * @throws SidecarError naming the line for quotes that do not match and for records of another length than the first;
 * Cancelled when `signal` is aborted meanwhile
 */
export async function readCsvRecords(
  file: string,
  take: (cells: string[], line: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const delimiter = await sniffDelimiter(file);
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    max_record_size: maximumRecordBytes,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  });
  let width: number | undefined;
  // What ended it: pipeline may tell that the other streams were aborted instead.
  let reason: unknown;
  parser.once('error', (error) => {
    reason ??= error;
  });
  try {
    await pipeline(createReadStream(file), parser, async (records) => {
      for await (const { record, info } of records as AsyncIterable<{
        record: string[];
        info: { lines: number };
      }>) {
        signal?.throwIfAborted();
        width ??= record.length;
        try {
          if (record.length !== width) {
            throw new SidecarError(
              `Line ${info.lines} has ${record.length} cells, the first line ${width}.`,
              { where: file, next: 'Texts that contain the separator must stand in double quotes.' },
            );
          }
          if (record.some((cell) => cell.includes(notUtf8))) throw isNoUtf8(file, info.lines);
          take(record, info.lines);
        } catch (error) {
          reason ??= error;
          throw error;
        }
      }
    });
  } catch (told) {
    if (signal?.aborted) throw new Cancelled('Reading the table was cancelled.', { where: file });
    const error = reason ?? told;
    if (error instanceof SidecarError) throw error;
    if (error instanceof CsvError) {
      throw new SidecarError(`This is not a well-formed table: ${error.message}.`, {
        where: file,
        next: 'A double quote within a quoted text is written twice.',
        cause: error,
      });
    }
    throw notReadable(file, error);
  }
}

/** The one of comma, semicolon and tab that the first line has most of, outside of quotes. */
async function sniffDelimiter(file: string): Promise<string> {
  let text: string;
  try {
    const handle = await open(file);
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(sniffedBytes), 0, sniffedBytes, 0);
      text = buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw notReadable(file, error);
  }
  if (text.trim() === '')
    throw new SidecarError('The file is empty.', {
      where: file,
      next: 'Choose a table with a line for each example.',
    });
  if (text.includes('\0')) {
    throw new SidecarError('This is not a table in text form: it has bytes that no text has.', {
      where: file,
      next: 'Save it as CSV in UTF-8.',
    });
  }
  const [line = ''] = text
    .trimStart()
    .replace(/"[^"]*"/g, '')
    .split(/\r?\n/);
  const count = (delimiter: string) => line.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, other) => (count(other) > count(best) ? other : best));
}

function isNoUtf8(file: string, line: number): SidecarError {
  return new SidecarError(`Line ${line} has letters that are not written in UTF-8.`, {
    where: file,
    next: 'Save the table as CSV in UTF-8.',
  });
}

function notReadable(file: string, error: unknown): SidecarError {
  const code = systemErrorCode(error);
  const what =
    code === 'ENOENT'
      ? 'The file does not exist.'
      : code === 'EISDIR'
        ? 'This is a folder, not a table.'
        : `The file cannot be read (${messageOf(error)}).`;
  return new SidecarError(what, { where: file, next: 'Choose a CSV file.' });
}

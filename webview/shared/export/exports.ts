/** What a panel that draws does with its export menu, and when the extension asks for a file. */
import type { ExportMessage, ExportOptions } from '../../../protocol/webview';
import { base64 } from './raster';

interface Exports<Source> {
  post: (message: ExportMessage) => void;
  /** What is on the screen; null while it is still being laid out. */
  source: { current: Source | null };
  /** What cannot be exported yet: `diagram`. */
  what: string;
  /** Text, or for PNG a blob. Throws with a message for people. */
  write: (source: Source, options: ExportOptions) => Promise<string | Blob>;
  /** What the file is named after. */
  nameOf: (source: Source) => string;
}

interface ExportActions {
  /** For the menu: throws with a message for people. */
  save: (options: ExportOptions) => Promise<void>;
  copy: (options: ExportOptions) => Promise<void>;
  /** For the extension, which is told of failures. */
  answer: (options: ExportOptions) => Promise<void>;
}

const patience = 5000;
const pause = 50;

export function exportsOf<Source>({ post, source, what, write, nameOf }: Exports<Source>): ExportActions {
  /** A panel that was opened for this is perhaps still being laid out. */
  const whenDrawn = async (): Promise<Source> => {
    for (let waited = 0; !source.current && waited < patience; waited += pause) {
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    if (!source.current) throw new Error(`There is no ${what} to export yet.`);
    return source.current;
  };
  const save = async (options: ExportOptions): Promise<void> => {
    const drawn = await whenDrawn();
    const made = await write(drawn, options);
    post({
      type: 'exported',
      format: options.format,
      modelName: nameOf(drawn),
      encoding: typeof made === 'string' ? 'text' : 'base64',
      content: typeof made === 'string' ? made : await base64(made),
    });
  };
  return {
    save,
    async copy(options) {
      const made = await write(await whenDrawn(), options);
      if (typeof made === 'string') post({ type: 'copy', text: made });
      else await navigator.clipboard.write([new ClipboardItem({ [made.type]: made })]);
    },
    answer: (options) =>
      save(options).catch((error: unknown) =>
        post({ type: 'exportFailed', message: error instanceof Error ? error.message : String(error) }),
      ),
  };
}

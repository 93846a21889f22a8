/** What comes with a drop or a paste: picture files, or the places of files within VS Code. */

export interface BroughtFile {
  name: string;
  /** Base64. */
  data: string;
}

/** Of a folder from outside, no more are read. */
const mostFiles = 200;
/** Larger ones are refused anyway; reading them here would only fill the memory. */
const maximumBytes = 200 * 1024 * 1024;
const picture = /\.(png|jpe?g|webp|gif|bmp|tiff?|avif)$/i;

/** Places that VS Code's Explorer and editors put into a drag; none for what comes from outside. */
export function draggedUris(transfer: DataTransfer): string[] {
  const list = transfer.getData('application/vnd.code.uri-list') || transfer.getData('text/uri-list');
  return list
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#') && /^[\w+.-]+:/.test(line));
}

/** Whether a drag may bring pictures; its content is not known before it is dropped. */
export function mayBringPictures({ types }: DataTransfer): boolean {
  return (
    types.includes('Files') ||
    types.includes('application/vnd.code.uri-list') ||
    types.includes('text/uri-list')
  );
}

/** Files, and those in folders. Must be called while the event is handled: later the transfer is empty. */
export function draggedFiles(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].flatMap((item) =>
    item.kind === 'file' ? [item.webkitGetAsEntry()] : [],
  );
  const plain = [...transfer.files];
  if (!entries.some((entry) => entry?.isDirectory)) return Promise.resolve(plain);
  return filesWithin(entries.filter((entry) => entry !== null));
}

async function filesWithin(entries: FileSystemEntry[]): Promise<File[]> {
  const files: File[] = [];
  const waiting = [...entries];
  const named = new Set(entries);
  for (let entry = waiting.shift(); entry && files.length < mostFiles; entry = waiting.shift()) {
    if (entry.isDirectory) waiting.push(...(await childrenOf(entry as FileSystemDirectoryEntry)));
    else if (named.has(entry) || picture.test(entry.name))
      files.push(await fileOf(entry as FileSystemFileEntry));
  }
  return files;
}

async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  // It gives a hundred at a time.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0 || all.length >= mostFiles) break;
    all.push(...some);
  }
  return all.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** @throws Error with a sentence for people. */
export async function readFiles(files: readonly File[]): Promise<BroughtFile[]> {
  const large = files.find(({ size }) => size > maximumBytes);
  if (large) {
    throw new Error(
      `${large.name} has ${Math.round(large.size / 1048576)} MB; pictures up to 200 MB are read. Make it smaller first.`,
    );
  }
  return Promise.all(
    files.map(async (file) => ({ name: file.name || 'picture', data: await base64Of(file) })),
  );
}

/** What the clipboard holds now. @throws Error with a sentence for people. */
export async function readClipboard(): Promise<File[]> {
  let items: ClipboardItem[];
  try {
    items = await navigator.clipboard.read();
  } catch {
    throw new Error('The clipboard cannot be read by a button here. Press Ctrl+V (⌘V on a Mac) instead.');
  }
  const files: File[] = [];
  for (const item of items) {
    const type = item.types.find((each) => each.startsWith('image/'));
    if (type) files.push(new File([await item.getType(type)], `pasted.${type.slice(6)}`, { type }));
  }
  if (files.length === 0) throw new Error('The clipboard holds no picture. Copy one first.');
  return files;
}

function base64Of(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve((reader.result as string).replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(new Error('The file cannot be read.'));
    reader.readAsDataURL(file);
  });
}

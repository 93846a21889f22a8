/** Pictures that are dropped on the panel or pasted into it. */
import { useEffect, useState } from 'preact/hooks';
import { type BroughtFile, draggedFiles, draggedUris, mayBringPictures, readFiles } from './transfer';

interface Receiver {
  onFiles: (files: BroughtFile[], origin: 'pasted' | 'dropped') => void;
  onUris: (uris: string[]) => void;
  /** A sentence. */
  onFailure: (message: string) => void;
}

/** @returns Whether something that may be a picture is held over the panel. */
export function useDropAndPaste({ onFiles, onUris, onFailure }: Receiver): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const bring = (files: Promise<File[]>, origin: 'pasted' | 'dropped') => {
      files
        .then(readFiles)
        .then((read) => {
          if (read.length > 0) onFiles(read, origin);
          else onFailure('There was no picture in it.');
        })
        .catch((error) => onFailure(`It could not be read: ${error.message}`));
    };
    const onDragOver = (event: DragEvent) => {
      if (!event.dataTransfer || !mayBringPictures(event.dataTransfer)) return;
      event.preventDefault();
      // VS Code would take a file from outside for one to be opened in an editor here.
      event.stopPropagation();
      event.dataTransfer.dropEffect = 'copy';
      setOver(true);
    };
    const onDragLeave = (event: DragEvent) => {
      // Into a part of the page, or out of it.
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      setOver(false);
      const { dataTransfer } = event;
      if (!dataTransfer) return;
      event.preventDefault();
      event.stopPropagation();
      const uris = draggedUris(dataTransfer);
      if (dataTransfer.types.includes('Files') && dataTransfer.files.length > 0) {
        bring(draggedFiles(dataTransfer), 'dropped');
      } else if (uris.length > 0) onUris(uris);
      else onFailure('There was no picture in what was dropped.');
    };
    const onPaste = (event: ClipboardEvent) => {
      const { clipboardData, target } = event;
      const files = [...(clipboardData?.files ?? [])];
      if (files.length === 0) {
        // Text goes into a field; elsewhere there is nothing to do with it.
        if (!isField(target)) onFailure('The clipboard holds no picture. Copy one first.');
        return;
      }
      event.preventDefault();
      bring(Promise.resolve(files), 'pasted');
    };
    document.addEventListener('dragenter', onDragOver);
    document.addEventListener('dragover', onDragOver);
    document.addEventListener('dragleave', onDragLeave);
    document.addEventListener('drop', onDrop);
    document.addEventListener('paste', onPaste);
    return () => {
      document.removeEventListener('dragenter', onDragOver);
      document.removeEventListener('dragover', onDragOver);
      document.removeEventListener('dragleave', onDragLeave);
      document.removeEventListener('drop', onDrop);
      document.removeEventListener('paste', onPaste);
    };
  }, [onFiles, onUris, onFailure]);
  return over;
}

function isField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, vscode-text-field') !== null;
}

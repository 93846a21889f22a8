import type { DataSource } from '../protocol/sidecar';

/** What a source of data is called before it has been read. */
export function dataName(data: DataSource): string {
  switch (data.kind) {
    case 'bundled-mnist':
      return 'The digits that come with Layerwise';
    case 'csv':
      return data.file;
    default:
      return data.folder;
  }
}

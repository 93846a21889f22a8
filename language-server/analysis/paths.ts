/** Paths and URIs of files, alike. */

/** `file://` of a URI; nothing for a path. */
export function schemeOf(path: string): string {
  return /^[a-z][a-z0-9+.-]+:\/\/[^/]*/i.exec(path)?.[0] ?? '';
}

/** Paths and URIs alike are taken apart at their slashes. */
export function directoryOf(path: string): string {
  return path.slice(0, path.replace(/\\/g, '/').lastIndexOf('/') + 1);
}

export function joinPath(directory: string, specifier: string): string {
  const scheme = schemeOf(directory);
  const parts = directory.slice(scheme.length).replace(/\\/g, '/').split('/');
  if (parts.at(-1) === '') parts.pop();
  for (const part of specifier.split('/')) {
    if (part === '..') {
      if (parts.length > 1 || (parts.length === 1 && parts[0] !== '')) parts.pop();
    } else if (part !== '.' && part !== '') parts.push(part);
  }
  return scheme + parts.join('/');
}

/** The page around a webview's bundle. The one place where its content security policy is made. */

export interface WebviewShell {
  /** `webview.cspSource`. */
  cspSource: string;
  /** Fresh for every page. */
  nonce: string;
  /** `dist/webview/<panel>.js` as a webview URI. */
  scriptUri: string;
  /** `dist/webview/<panel>.css` as a webview URI. */
  styleUri: string;
  title: string;
}

/**
 * Scripts run only with the nonce; the chunks that a script imports inherit it. There is no `connect-src`: everything a
 * webview knows arrives as a message. Pictures are drawn from message data, hence `data:` and `blob:`. The layout of large
 * graphs runs in a worker whose code is part of our bundle, hence `worker-src blob:`. The controls make
 * one style element of their own, to learn whether the browser knows `:focus-visible`; they take its nonce from the
 * `csp-nonce` tag.
 */
export function contentSecurityPolicy({
  cspSource,
  nonce,
}: Pick<WebviewShell, 'cspSource' | 'nonce'>): string {
  return [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource} 'nonce-${nonce}'`,
    `img-src ${cspSource} data: blob:`,
    `font-src ${cspSource}`,
    `worker-src blob:`,
  ].join('; ');
}

export function webviewHtml(shell: WebviewShell): string {
  const { nonce, scriptUri, styleUri, title } = shell;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(contentSecurityPolicy(shell))}">
<meta property="csp-nonce" content="${escapeHtml(nonce)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="${escapeHtml(styleUri)}">
</head>
<body>
<div id="root"></div>
<script type="module" nonce="${escapeHtml(nonce)}" src="${escapeHtml(scriptUri)}"></script>
</body>
</html>
`;
}

/** 128 bits, as the policy's specification asks for at least. */
export function createNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

import assert from 'node:assert/strict';
import { contentSecurityPolicy, createNonce, webviewHtml } from '../../webview/shell';

describe('webview shell', () => {
  const shell = {
    cspSource: 'https://*.vscode-cdn.net',
    nonce: 'abc123',
    scriptUri: 'https://file.vscode-cdn.net/dist/webview/diagram.js',
    styleUri: 'https://file.vscode-cdn.net/dist/webview/diagram.css',
    title: 'lenet5 "<architecture>"',
  };

  it('allows nothing but what it names', () => {
    assert.equal(
      contentSecurityPolicy(shell),
      "default-src 'none'; script-src 'nonce-abc123'; style-src https://*.vscode-cdn.net 'nonce-abc123'; " +
        'img-src https://*.vscode-cdn.net data: blob:; font-src https://*.vscode-cdn.net; worker-src blob:',
    );
  });

  it('never allows inline or evaluated code, nor connections', () => {
    const policy = contentSecurityPolicy(shell);
    for (const forbidden of ['unsafe-inline', 'unsafe-eval', 'connect-src', 'wasm']) {
      assert.ok(!policy.includes(forbidden), forbidden);
    }
  });

  it('has no inline script, handler or style', () => {
    const html = webviewHtml(shell);
    assert.equal([...html.matchAll(/<script/g)].length, 1);
    assert.match(html, /<script type="module" nonce="abc123" src="[^"]+"><\/script>/);
    assert.ok(!/ style=| on\w+=|<style/.test(html));
  });

  it('escapes what it is given', () => {
    assert.ok(webviewHtml(shell).includes('<title>lenet5 &#34;&#60;architecture&#62;&#34;</title>'));
  });

  it('makes a fresh nonce every time', () => {
    assert.notEqual(createNonce(), createNonce());
    assert.match(createNonce(), /^[0-9a-f]{32}$/);
  });
});

/** One file from a server: whole, of a bounded size, and given up when the server falls silent. */
import { EnvHttpProxyAgent, fetch } from 'undici';
import { messageOf, SidecarError } from '../errors';

/** How long a server may say nothing. */
const silenceMilliseconds = 30_000;

export interface FetchOptions {
  signal: AbortSignal;
  /** More than that is not the file that was asked for. */
  mostBytes: number;
  /** `http://host:port`; absent: as the environment says. */
  proxy?: string;
  onBytes(count: number): void;
}

/** @throws SidecarError; whatever the signal was aborted with */
export async function fetchFile(url: string, options: FetchOptions): Promise<Uint8Array> {
  const { signal, mostBytes, onBytes } = options;
  const silence = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const listen = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), silenceMilliseconds);
  };
  const { proxy } = options;
  const dispatcher = new EnvHttpProxyAgent(proxy ? { httpProxy: proxy, httpsProxy: proxy } : {});
  const chunks: Uint8Array[] = [];
  let received = 0;
  try {
    listen();
    const response = await fetch(url, { dispatcher, signal: AbortSignal.any([signal, silence.signal]) });
    if (!response.ok) {
      await response.body?.cancel();
      throw new SidecarError(
        `The server answers ${response.status} ${response.statusText}.`.replace(' .', '.'),
        {
          where: url,
          next: 'The model may have moved. Choose a model.json or .onnx file on disk instead.',
        },
      );
    }
    for await (const chunk of response.body ?? []) {
      listen();
      received += chunk.byteLength;
      if (received > mostBytes)
        throw new SidecarError('The server sends more than this file can have.', { where: url });
      chunks.push(chunk);
      onBytes(chunk.byteLength);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SidecarError) throw error;
    throw unreachable(url, error, silence.signal.aborted, received);
  } finally {
    clearTimeout(timer);
    // Not waited for: a server that keeps the connection open must not keep anyone waiting.
    void dispatcher.destroy().catch(() => {});
  }
}

function unreachable(url: string, error: unknown, isSilent: boolean, received: number): SidecarError {
  const next = 'Check the connection to the internet (and the proxy, where there is one), and try again.';
  const { host } = new URL(url);
  if (isSilent)
    return new SidecarError(`${host} has said nothing for ${silenceMilliseconds / 1000} seconds.`, {
      where: url,
      next,
    });
  if (received > 0)
    return new SidecarError(`The download broke off after ${received.toLocaleString('en-US')} bytes.`, {
      where: url,
      next,
    });
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const reason = { ENOTFOUND: 'its name is not known', EAI_AGAIN: 'its name is not known' }[code];
  return new SidecarError(
    `${host} cannot be reached: ${reason ?? ([code, cause ? messageOf(cause) : ''].filter(Boolean)[0] || messageOf(error))}.`,
    { where: url, next },
  );
}

/**
 * The console's files below /console/. Every page carries a policy that lets only its own files and the styles with this
 * answer's nonce in, nothing of another site, and no other site may frame it (CSP Level 3; OWASP ASVS 5.0 3.4).
 */
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

import type { HttpServer } from '#platform/http';

const FOLDER = fileURLToPath(new URL('../web/dist/console', import.meta.url));

const policy = (nonce: string, frames: string | null): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    ...(frames === null ? [] : [`frame-src ${frames}`]),
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');

const NOT_BUILT = `<!doctype html><html lang="en"><title>Strongroom</title><p>The console was not built. Run <code>npm run build</code>, then start the server again.`;

/** @param frames origin of courses made elsewhere, which alone may be framed here; null: nothing may */
export async function consoleFiles(
  server: HttpServer,
  { folder = FOLDER, frames = null }: Readonly<{ folder?: string; frames?: string | null }> = {},
): Promise<void> {
  // read once, as its assets are: a page and the files that it names are of one build
  const built = await readFile(join(folder, 'index.html'), 'utf8').catch(() => null);
  const page = (): { html: string; headers: Record<string, string> } => {
    const nonce = randomBytes(16).toString('base64');
    return {
      html: (built ?? NOT_BUILT).replaceAll('__NONCE__', nonce),
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': policy(nonce, frames),
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'permissions-policy': 'camera=(), microphone=(), geolocation=()',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      },
    };
  };
  const config = { public: true } as never;
  const schema = { hide: true };
  const assets = await readAssets(join(folder, 'assets'));
  server.route({
    method: 'GET',
    url: '/console/assets/:name',
    config,
    schema,
    handler: async (request, reply) => {
      const asset = assets.get((request.params as { name: string }).name);
      if (asset === undefined) return reply.callNotFound();
      const brotli = /\bbr\b/.test(request.headers['accept-encoding'] ?? '');
      return reply
        .headers({
          'content-type': asset.type,
          // the name holds a hash of the content
          'cache-control': 'public, max-age=31536000, immutable',
          'cross-origin-resource-policy': 'same-origin',
          vary: 'accept-encoding',
          ...(brotli ? { 'content-encoding': 'br' } : {}),
        })
        .send(brotli ? await asset.small() : asset.whole);
    },
  });
  // links in mails get parameters on their way, of whoever counts who follows them: no page reads any
  const paged = { ...schema, querystring: { type: 'object', additionalProperties: {} } };
  for (const url of ['/console', '/console/', '/console/*'])
    server.route({
      method: 'GET',
      url,
      config,
      schema: paged,
      handler: async (_request, reply) => {
        const { html, headers } = page();
        return reply
          .code(built === null ? 503 : 200)
          .headers(headers)
          .send(html);
      },
    });
  server.route({
    method: 'GET',
    url: '/',
    config,
    schema: paged,
    handler: async (_request, reply) => await reply.redirect('/console/', 303),
  });
}

/** Whoever asks first waits for it: 0.2 s for all of the console, where the best (11) takes 2.4 s and saves 7 %. */
const QUALITY = { [constants.BROTLI_PARAM_QUALITY]: 9 };

type Asset = Readonly<{ type: string; whole: Buffer; small: () => Promise<Buffer> }>;
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Read once: what is asked for is looked up by name and never becomes a path. */
async function readAssets(folder: string): Promise<ReadonlyMap<string, Asset>> {
  const names = await readdir(folder).catch(() => []);
  const read = names.map(async (name): Promise<[string, Asset]> => {
    const whole = await readFile(join(folder, name));
    const type = TYPES[extname(name)] ?? 'application/octet-stream';
    let small: Promise<Buffer> | undefined;
    const compress = () => promisify(brotliCompress)(whole, { params: QUALITY });
    return [name, { type, whole, small: () => (small ??= compress()) }];
  });
  return new Map(await Promise.all(read));
}

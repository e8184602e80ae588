/** Websites of others, for specs: pages on origins of their own, with the policies that they send. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Pages = Readonly<Record<string, Readonly<{ html: string; policy?: string; type?: string }>>>;
export type Site = { origin: string; pages: Pages; close: () => void };

/** `pages` is set when it is known what they show. */
export async function openSite(): Promise<Site> {
  const server = createServer((request, response) => {
    const page = site.pages[new URL(request.url ?? '/', 'http://x').pathname];
    response.writeHead(page === undefined ? 404 : 200, {
      'content-type': page?.type ?? 'text/html; charset=utf-8',
      ...(page?.policy === undefined ? {} : { 'content-security-policy': page.policy }),
    });
    response.end(page?.html ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const site: Site = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pages: {},
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return site;
}

/** Certificate, key and whose client certificates count, read from their files. */
import { readFile } from 'node:fs/promises';

import type { Config } from '#platform/config';
import type { HttpNeeds } from '#platform/http';

export async function readTls({ tlsCert, tlsKey, tlsClients, tlsClientCa }: Config): Promise<Pick<HttpNeeds, 'tls'>> {
  if (tlsCert === null || tlsKey === null) return {};
  const authorities = tlsClientCa === null ? null : await readFile(tlsClientCa, 'utf8');
  const clients = tlsClients === 'off' ? {} : { clients: { authorities } };
  return { tls: { cert: await readFile(tlsCert, 'utf8'), key: await readFile(tlsKey, 'utf8'), ...clients } };
}

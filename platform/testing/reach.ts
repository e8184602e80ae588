/** The PostgreSQL that a URL names, as a bare connection: for tests that stand between it and who asks. */
import { connect, type Socket } from 'node:net';

/** @param url libpq's for a socket (`?host=/folder&port=5432`), or one with a host */
export function reach(url: string): Socket {
  const { searchParams, hostname, port } = new URL(url);
  const [folder, at] = [searchParams.get('host'), (searchParams.get('port') ?? port) || '5432'];
  return folder === null ? connect(Number(at), hostname) : connect(`${folder}/.s.PGSQL.${at}`);
}

/**
 * What a server really asks of PostgreSQL: a proxy before it that reads along. The statements are those of the wire, with the
 * driver's `$1`; nothing of the product knows that it is there.
 * Source: PostgreSQL, "Frontend/Backend Protocol", Message Formats: StartupMessage, Parse, Bind, Query
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type StatementLog = Readonly<{
  /** Address of the same database, through here. */
  url: string;
  /** Statements that were executed since this was last asked, in order, each as often as it was. */
  take: () => string[];
  close: () => Promise<void>;
}>;

/** @param url of a database on a socket (`?host=/folder`) or an address */
export async function statementLog(url: string): Promise<StatementLog> {
  const place = new URL(url);
  const folder = place.searchParams.get('host');
  const port = Number(place.searchParams.get('port') ?? (place.port || 5432));
  let heard: string[] = [];
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const database = folder === null ? connect(port, place.hostname) : connect(`${folder}/.s.PGSQL.${port}`);
    for (const each of [client, database]) {
      open.add(each);
      each.on('error', () => undefined).on('close', () => open.delete(each));
    }
    client.on(
      'data',
      readAlong((text) => heard.push(text)),
    );
    client.pipe(database).pipe(client);
    client.on('close', () => database.destroy());
    database.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const through = new URL(url);
  through.searchParams.delete('host');
  through.searchParams.delete('port');
  through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: through.href,
    take: () => {
      const taken = heard;
      heard = [];
      return taken;
    },
    close: async () => {
      for (const each of open) each.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

/** @returns takes what a client sends, in whatever pieces */
function readAlong(onStatement: (text: string) => void): (piece: Buffer) => void {
  let rest = Buffer.alloc(0);
  let begun = false;
  const prepared = new Map<string, string>();
  return (piece) => {
    rest = Buffer.concat([rest, piece]);
    for (;;) {
      // the first message has no letter before its length
      const at = begun ? 1 : 0;
      if (rest.length < at + 4) return;
      const size = at + rest.readUInt32BE(at);
      if (rest.length < size) return;
      const letter = begun ? String.fromCharCode(rest[0] as number) : 'startup';
      const body = rest.subarray(at + 4, size);
      if (letter === 'P') {
        const [name, text] = texts(body, 2);
        prepared.set(name ?? '', text ?? '');
      } else if (letter === 'B') {
        const [, name] = texts(body, 2);
        onStatement(prepared.get(name ?? '') ?? '');
      } else if (letter === 'Q') onStatement(texts(body, 1)[0] ?? '');
      begun = true;
      rest = rest.subarray(size);
    }
  };
}

function texts(body: Buffer, count: number): string[] {
  const found: string[] = [];
  let from = 0;
  while (found.length < count) {
    const end = body.indexOf(0, from);
    found.push(body.toString('utf8', from, end));
    from = end + 1;
  }
  return found;
}

/**
 * A small server with faults planted in it, for scanners to find: SQL injection and reflected markup at /items, an error of
 * the server at /boom, a file that should not be there, TLS with an old protocol and a certificate signed by itself.
 * Listens on 127.0.0.1 only, until its standard input ends. Never part of the product.
 */
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { DatabaseSync } from 'node:sqlite';
import { readFileSync } from 'node:fs';

const [port = '8089', tlsPort = '8449', keyPath, certificatePath] = process.argv.slice(2);
const database = new DatabaseSync(':memory:');
database.exec(`CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT);
  INSERT INTO items (name) VALUES ('first'), ('second'), ('third')`);

function answer(request, response) {
  const url = new URL(request.url ?? '/', 'http://planted');
  response.setHeader('content-type', 'text/html');
  if (url.pathname === '/') response.end('<a href="/items?id=1&note=x">items</a> <a href="/boom">boom</a>');
  else if (url.pathname === '/items') {
    const id = url.searchParams.get('id') ?? '1';
    try {
      // the planted fault: the value becomes part of the statement
      const rows = database.prepare(`SELECT id, name FROM items WHERE id = ${id}`).all();
      const names = rows.map(({ name }) => `<li>${name}</li>`).join('');
      response.end(`<ul>${names}</ul><p>${url.searchParams.get('note') ?? ''}</p>`);
    } catch (cause) {
      response.statusCode = 500;
      response.end(`SQLite error: ${cause.message}`);
    }
  } else if (url.pathname === '/boom') {
    response.statusCode = 500;
    response.end('it broke');
  } else if (url.pathname === '/backup.sql') response.end('CREATE TABLE items');
  else {
    response.statusCode = 404;
    response.end('nothing here');
  }
}

createServer(answer).listen(Number(port), '127.0.0.1');
if (keyPath !== undefined && certificatePath !== undefined)
  createTlsServer(
    {
      key: readFileSync(keyPath),
      cert: readFileSync(certificatePath),
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT:@SECLEVEL=0',
    },
    answer,
  ).listen(Number(tlsPort), '127.0.0.1');
process.stdin.on('end', () => process.exit(0)).resume();

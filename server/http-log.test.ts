/** What a server answers that changed its log is a finding, and no crash of who verifies it. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

import { verifyLog } from '#platform/audit';
import {
  checkpointText,
  formatVerifierKey,
  leafHash,
  NOTE_ED25519,
  noteKeyOf,
  signNote,
  type NoteSigner,
} from '#platform/tlog';

import { httpLog } from './http-log.ts';

test('bytes that are no bundle of entries are told as what is not there any more', async (t) => {
  const signer: NoteSigner = {
    name: 'log.example',
    type: NOTE_ED25519,
    privateKey: generateKeyPairSync('ed25519').privateKey,
  };
  const root = leafHash(Buffer.from('{}'));
  const note = signNote(checkpointText({ origin: signer.name, size: 1, root }), [signer], new Date());
  const answers = new Map<string, Buffer | string>([
    ['/v1/audit/checkpoint', note],
    ['/v1/audit/tile/entries/000.p/1', Buffer.from('junk')],
    ['/v1/audit/tile/0/000.p/1', root],
  ]);
  const server = createServer((request, answer) => {
    const found = answers.get(String(request.url));
    answer.writeHead(found === undefined ? 404 : 200).end(found ?? '{"code":"AUDIT_NOT_FOUND"}');
  }).listen(0, '127.0.0.1');
  t.after(() => void server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const report = await verifyLog({
    source: httpLog({ url, bearer: null }),
    verifierKey: formatVerifierKey(noteKeyOf(signer)),
  });

  assert.deepEqual([report.ok, report.problems], [false, ['of entries 0 to 0 there are 0, not 1', 'entry 0 is gone']]);
});

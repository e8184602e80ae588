/** What a source is, by its address or its beginning, and reading it. */
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';

import { Usage } from '../connection.ts';
import { bytesOf } from '../import/sources.ts';
import { readCsvFile, type Header } from './csv-file.ts';
import type { Reading, SourceKind } from './engine.ts';
import { readJsonFile } from './json-file.ts';
import { readLive } from './live.ts';
import { readTextFile } from './text-file.ts';

export type SourceOptions = Readonly<{
  format: 'csv' | 'json' | 'text' | null;
  header: Header;
  table: string | null;
  timeoutMs: number;
  knowsName: (name: string) => boolean;
  addText: (text: string, overlap: number) => void;
}>;

export type Source = Readonly<{
  kind: SourceKind;
  /** Without account, password and folder. */
  name: string;
  read: (reading: Reading, options: SourceOptions) => Promise<void>;
}>;

export async function sourceOf(from: string, format: SourceOptions['format']): Promise<Source> {
  if (/^postgres(ql)?:\/\//.test(from))
    return {
      kind: 'postgres',
      name: nameOf(from),
      read: async (reading, { timeoutMs, table }) => {
        const { openPostgresScan } = await import('./postgres.ts');
        await readLive(() => openPostgresScan(from, timeoutMs), reading, { only: table });
      },
    };
  if (/^(mysql|mariadb):\/\//.test(from))
    return {
      kind: 'mysql',
      name: nameOf(from),
      read: async (reading, { timeoutMs, table }) => {
        const { openMysqlScan } = await import('./mysql.ts');
        const address = from.replace(/^mariadb:/, 'mysql:');
        await readLive(() => openMysqlScan(address, timeoutMs, reading.random), reading, { only: table });
      },
    };
  const found = await stat(from).catch(() => null);
  if (found?.isFile() !== true)
    throw new Usage(`there is no file ${from}; a database is named as postgres://… or mysql://…`);
  const kind = format ?? (await kindOf(from));
  const name = basename(from);
  return {
    kind,
    name,
    read: async (reading, options) => {
      const chunks = counted(bytesOf(from), (done) => reading.onProgress(done, found.size));
      if (kind === 'csv') await readCsvFile(chunks, name, reading, options);
      else if (kind === 'json') await readJsonFile(chunks, name, reading);
      else await readTextFile(chunks, name, options.addText, reading);
    },
  };
}

async function kindOf(path: string): Promise<'csv' | 'json' | 'text'> {
  if (/\.(csv|tsv)$/i.test(path)) return 'csv';
  if (/\.(json|jsonl|ndjson)$/i.test(path)) return 'json';
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    return /^\s{0,60}[{[]\s{0,60}["{[\]}]/.test(buffer.subarray(0, bytesRead).toString('latin1')) ? 'json' : 'text';
  } finally {
    await file.close();
  }
}

async function* counted(chunks: AsyncIterable<Buffer>, onBytes: (done: number) => void): AsyncGenerator<Buffer> {
  let done = 0;
  for await (const chunk of chunks) {
    yield chunk;
    done += chunk.length;
    onBytes(done);
  }
}

function nameOf(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname}`;
  } catch {
    throw new Usage('the address of the database cannot be read: postgres://account@host/database');
  }
}

/** `strongroom vault attach|attachments|download|detach`: files beside a record. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, openAsBlob } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Attachment, AttachmentContent, WhichAttachment } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, EXIT, show, Usage, type Run, type Shared } from './connection.ts';
import { refuseExisting } from './new-file.ts';
import { harmless } from './terminal.ts';
import { transferBar, type TransferBar } from './transfer-bar.ts';

type AttachOptions = Shared & { name?: string; type?: string };
type DownloadOptions = Shared & { out?: string };

export function attachmentCommands(vault: Command, reading: (command: Command) => Command, run: Run): void {
  reading(vault.command('attach <record> <file>').description('store a file beside a record; - reads standard input'))
    .option('--name <name>', "name to keep it under; default: the file's own")
    .option('--type <type>', 'media type to keep with it, such as application/pdf')
    .addHelpText(
      'after',
      "\nExamples:\n  strongroom vault attach rec_… contract.pdf --type application/pdf\n  pg_dump … | strongroom vault attach rec_… - --name dump.sql\n\nThe file is sealed in chunks under the customer's own key while it is sent; neither end holds it whole. A file of that\nname is replaced when the new one has arrived, and not before. The collection must declare attachments in catalog.yaml.",
    )
    .action((record: string, file: string, options: AttachOptions) =>
      run(() => attach(record, file, options), options),
    );

  reading(vault.command('attachments <record>').description('list the files beside a record')).action(
    (record: string, options: Shared) =>
      run(async () => {
        const found = await connect(options).attachments.list(record);
        const words = found.attachments.map(attachmentWords);
        show(options, found, () => (words.length === 0 ? 'No attachments.' : words.join('\n')));
      }, options),
  );

  reading(
    vault
      .command('download <record> <attachment>')
      .description('fetch a file by its name, or by its id att_…: a read like any other'),
  )
    .option('--out <file>', 'new file; - for standard output; default: its name, here')
    .addHelpText(
      'after',
      '\nThe file appears under its name when all of it has arrived and its SHA-256 is the one that was stored; until then it is <name>.part. Exit code 6: what arrived is not what was stored.',
    )
    .action((record: string, attachment: string, options: DownloadOptions) =>
      run(() => download(record, attachment, options), options),
    );

  reading(
    vault.command('detach <record> <attachment>').description('delete a file beside a record, by its name or id'),
  ).action((record: string, attachment: string, options: Shared) =>
    run(async () => {
      const gone = await connect(options).attachments.delete(record, whichOf(attachment));
      show(options, gone, () => 'Deleted.');
    }, options),
  );
}

const whichOf = (text: string): WhichAttachment => (/^att_[0-9a-z]{26}$/.test(text) ? { id: text } : text);

async function attach(record: string, file: string, options: AttachOptions): Promise<void> {
  if (file === '-' && options.name === undefined) throw new Usage('give --name for what comes from standard input');
  const name = options.name ?? basename(file);
  const { attachments } = connect(options);
  let made;
  if (file === '-') {
    const bar = transferBar(options, null, 'MiB');
    try {
      const content = Readable.toWeb(process.stdin.pipe(counter(bar))) as ReadableStream<Uint8Array>;
      made = await attachments.put(record, name, content, { type: options.type });
    } finally {
      bar.stop();
    }
  } else {
    const found = await stat(file).catch(() => null);
    if (found?.isFile() !== true) throw new Usage(`there is no file ${file}`);
    const sha256 = await digestOf(file);
    const bar = transferBar(options, found.size, 'MiB');
    try {
      made = await attachments.put(record, name, await watchedBlob(file, bar), { type: options.type, sha256 });
    } finally {
      bar.stop();
    }
  }
  const stored = made;
  show(
    options,
    stored,
    () =>
      `${stored.replaced ? 'Replaced' : 'Stored'} ${harmless(name)}, ${sizeWords(stored.sizeBytes)}, as ${stored.id}.`,
  );
}

/** fetch takes the length from the Blob, so that a file too large is refused before it is sent, and the bytes from its stream. */
async function watchedBlob(file: string, bar: TransferBar): Promise<Blob> {
  const blob = await openAsBlob(file);
  const open = blob.stream.bind(blob);
  const stream = () => {
    bar.reset();
    return open().pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform: (piece, out) => {
          bar.add(piece.length);
          out.enqueue(piece);
        },
      }),
    );
  };
  return Object.defineProperty(blob, 'stream', { value: stream });
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file, { highWaterMark: 2 ** 20 })) hash.update(piece as Buffer);
  return hash.digest('hex');
}

async function download(record: string, attachment: string, options: DownloadOptions): Promise<number> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  for (const signal of SIGNALS) process.once(signal, onSignal);
  try {
    // what cannot be written is not read: a read is in the log
    if (options.out !== undefined && options.out !== '-') await refuseExisting(options.out);
    const got = await connect(options).attachments.get(record, whichOf(attachment), { signal: stop.signal });
    if (options.out === '-') return (await receive(got, process.stdout, options)) ? 0 : unverified(options);
    const out = options.out ?? safeName(got.name);
    if (options.out === undefined) await refuseExisting(out);
    const part = `${out}.part`;
    const target = createWriteStream(part, { flags: 'wx', mode: 0o600 });
    try {
      if (!(await receive(got, target, options))) {
        await rm(part, { force: true });
        return unverified(options);
      }
    } catch (thrown) {
      // another one's part is not ours to take away
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') await rm(part, { force: true });
      if (stop.signal.aborted) return 130;
      throw thrown;
    }
    await rename(part, out);
    const { content: _content, ...said } = got;
    show(options, { ...said, file: out }, () => `Written to ${harmless(out)}, ${sizeWords(got.sizeBytes)}.`);
    return 0;
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** @returns whether what arrived has the SHA-256 that was stored */
async function receive(got: AttachmentContent, target: NodeJS.WritableStream, options: Shared): Promise<boolean> {
  const hash = createHash('sha256');
  const bar = transferBar(options, got.sizeBytes, 'MiB');
  try {
    await pipeline(
      Readable.fromWeb(got.content as never),
      counter(bar, (piece) => hash.update(piece)),
      target,
    );
  } finally {
    bar.stop();
  }
  return hash.digest('hex') === got.sha256;
}

function unverified(options: Shared): number {
  const detail = 'what arrived is not what was stored; nothing was kept';
  process.stderr.write(
    options.json === true ? `${JSON.stringify({ code: 'CLI_UNVERIFIED', detail })}\n` : `${detail}\n`,
  );
  return EXIT.unverified;
}

function counter(bar: TransferBar, also: (piece: Buffer) => unknown = () => undefined): Transform {
  return new Transform({
    transform: (piece: Buffer, _encoding, done) => {
      bar.add(piece.length);
      also(piece);
      done(null, piece);
    },
  });
}

/** The server refuses such names; a file is not written elsewhere because a server did not. */
function safeName(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/\\\p{Cc}]/u.test(name))
    throw new Usage('the attachment has no usable name: give --out');
  return name;
}

const attachmentWords = ({ id, name, type, sizeBytes, createdAt, state }: Attachment): string =>
  `${id}  ${sizeWords(sizeBytes).padStart(11)}  ${createdAt.slice(0, 16)}  ${state === 'clear' ? `${harmless(name ?? '')}  ${harmless(type ?? '')}` : `(${state})`}`;

const sizeWords = (bytes: number): string =>
  bytes < 1024
    ? `${bytes} B`
    : bytes < 2 ** 20
      ? `${(bytes / 1024).toFixed(1)} KiB`
      : `${(bytes / 2 ** 20).toFixed(1)} MiB`;

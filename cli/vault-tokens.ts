/** `strongroom vault tokenise|detokenise`: stand-ins for values. */
import type { Command } from 'commander';

import { connect, show, type Run, type Shared } from './connection.ts';
import { fromInput, harmless } from './terminal.ts';
import { wholeNumber } from './whole-number.ts';

type NewTokenOptions = Shared & { field: string; kind: string; audience?: string; ttl?: string; uses?: string };

export function tokenCommands(vault: Command, reading: (command: Command) => Command, run: Run): void {
  reading(vault.command('tokenise <record>').description('make a token that stands for a field in other systems'))
    .requiredOption('--field <name>')
    .option('--kind <kind>', 'random; format (looks like the value); pairwise (one per value and audience)', 'random')
    .option('--audience <name>', 'who gets it; a pairwise token needs one')
    .option('--ttl <seconds>', 'until it ends')
    .option('--uses <n>', 'how often it may be opened')
    .action((recordId: string, options: NewTokenOptions) =>
      run(async () => {
        const made = await connect(options).tokens.create({
          recordId,
          field: options.field,
          kind: options.kind as 'random',
          ...(options.audience === undefined ? {} : { audience: options.audience }),
          ...(options.ttl === undefined ? {} : { ttlSeconds: wholeNumber('--ttl', options.ttl) }),
          ...(options.uses === undefined ? {} : { maxUses: wholeNumber('--uses', options.uses) }),
        });
        show(options, made, () => made.token);
      }, options),
    );

  reading(
    vault
      .command('detokenise <token>')
      .description('open a token: a read like any other; - reads it from standard input'),
  ).action((token: string, options: Shared) =>
    run(async () => {
      const opened = await connect(options).tokens.open(fromInput(token));
      const text =
        opened.state === 'denied' ? '(denied)' : String(opened.state === 'clear' ? opened.value : opened.masked);
      show(options, opened, () => harmless(text));
    }, options),
  );
}

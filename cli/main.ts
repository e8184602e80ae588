/** `strongroom …`: a client of the API, by way of the SDK. */
import type { DataClass } from '@strongroom/sdk';
import { Command, CommanderError } from 'commander';

import { accessCommands } from './access.ts';
import { thumbprintOf } from './certificate.ts';
import { collectionCommands } from './collection.ts';
import { backupsCommands } from './backups.ts';
import { complain, connect, HELP_IN_LINES, show, USAGE_AS_JSON, withConnection, type Shared } from './connection.ts';
import { mailCommands } from './mail.ts';
import { privacyCommands } from './privacy.ts';
import { educationCommands } from './education.ts';
import { assuranceCommands } from './assurance.ts';
import { trafficCommands } from './traffic.ts';
import { vaultCommands } from './vault.ts';
import { wholeNumber } from './whole-number.ts';

const isForMachines = process.argv.includes('--json');
const program = new Command('strongroom')
  .description(
    'Customer data protection on one copy of the data.\nStart a server with `strongroom serve`, see it all with `strongroom demo`.',
  )
  .exitOverride()
  .showHelpAfterError(isForMachines ? false : '(--help says more)')
  .configureOutput(isForMachines ? { ...HELP_IN_LINES, ...USAGE_AS_JSON } : HELP_IN_LINES)
  .addHelpText(
    'after',
    '\nIn the system itself:\n  serve                   start a server\n  demo [--exit]           a walk through on real data\n  doctor [--json]         is this host ready, and is this system well?\n  health [--wait 60]      may requests be sent to the server here? For containers and units\n  db distribute           tables over the nodes of a Citus cluster\n  audit verify|prove|diff|key|witness   the audit log, seen from outside\n  collection scan <source>     personal data in a database, a file or a log\n  collection detect <file|->   where it stands in a text, and why\n  root …                  custody of the root keys: made, passphrase, quorum, rotation\n  backups restore|promote|keys   from stores and shares to a system; offline keys\n  traffic firewall …      this machine’s nftables rules from a policy, with a way back\n  traffic tls             what a port of this machine really offers\n  traffic replay <file>   what the rules say of a capture or a log\n\nExit codes: 0 done, 1 failed, 2 usage, 3 denied, 4 not found, 5 unreachable, 6 verification failed, 7 quorum not met',
  );

const run = async (work: () => Promise<number | void>, options: Shared): Promise<void> => {
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (thrown) {
    process.exitCode = complain(thrown, options.json === true);
  }
};

vaultCommands(program, run);
accessCommands(program, run);
backupsCommands(program, run);
mailCommands(program, run);
collectionCommands(program, run);
privacyCommands(program, run);
trafficCommands(program, run);
assuranceCommands(program, run);
educationCommands(program, run);

const keys = program.command('keys').description('API keys of services and staff');
withConnection(keys.command('create').description('make a key; it is shown once'))
  .requiredOption(
    '--role <role>',
    'application, customer-sign-in, intake, collector, support, billing, marketing, analyst, engineer, security, dpo, auditor, admin, custodian, provisioner',
  )
  .option('--name <name>', 'what it is for')
  .option('--purposes <purposes...>', 'narrow it to these purposes')
  .option('--classes <classes...>', 'narrow it to these classes of data')
  .option('--networks <networks...>', 'only from there, such as 192.0.2.0/24')
  .option('--certificate <file>', 'bind it to this client certificate (PEM): worth nothing without')
  .option('--days <n>', 'until it ends, at most 90', '90')
  .action(
    (
      options: Shared & {
        role: string;
        name?: string;
        purposes?: string[];
        classes?: string[];
        networks?: string[];
        certificate?: string;
        days: string;
      },
    ) =>
      run(async () => {
        const { role, purposes, classes, networks, certificate } = options;
        const made = await connect(options).keys.create({
          name: options.name ?? role,
          role,
          expiresInDays: wholeNumber('--days', options.days),
          ...(purposes === undefined ? {} : { purposes }),
          ...(classes === undefined ? {} : { classes: classes as DataClass[] }),
          ...(networks === undefined ? {} : { networks }),
          ...(certificate === undefined ? {} : { certificate: thumbprintOf(certificate) }),
        });
        show(options, made, () => made.key);
      }, options),
  );
withConnection(keys.command('list').description('all keys, without their secrets')).action((options: Shared) =>
  run(async () => {
    const found = await connect(options).keys.list();
    show(options, found, () =>
      found.keys
        .map((key) => `${key.id}  ${key.role.padEnd(12)} ${key.name}${key.revokedAt === null ? '' : '  revoked'}`)
        .join('\n'),
    );
  }, options),
);
withConnection(keys.command('rotate <id>').description('a new key in place of one; it is shown once'))
  .option('--overlap-hours <n>', 'how long the old one goes on, at most 168', '24')
  .action((id: string, options: Shared & { overlapHours: string }) =>
    run(async () => {
      const made = await connect(options).keys.rotate(id, wholeNumber('--overlap-hours', options.overlapHours));
      show(options, made, () => made.key);
    }, options),
  );
withConnection(keys.command('revoke <id>').description('end a key; it fails at its very next request')).action(
  (id: string, options: Shared) =>
    run(async () => {
      await connect(options).keys.revoke(id);
      show(options, { id, revoked: true }, () => `${id} is revoked.`);
    }, options),
);

const audit = program.command('audit').description('the tamper-evident log; `strongroom audit --help` says more');
withConnection(audit.command('tail').description('the last entries'))
  .option('--limit <n>', 'how many', '20')
  .action((options: Shared & { limit: string }) =>
    run(async () => {
      const found = await connect(options).audit.entries({ limit: wholeNumber('--limit', options.limit) });
      show(options, found, () =>
        found.entries
          .map(({ index, entry }) =>
            entry === null
              ? `${String(index).padStart(8)}  changed: run \`strongroom audit verify\``
              : `${String(index).padStart(8)}  ${entry.ts}  ${entry.action.padEnd(18)} ${entry.outcome.padEnd(7)} ${entry.actor.role ?? ''}  ${entry.purpose ?? ''}`,
          )
          .join('\n'),
      );
    }, options),
  );

withConnection(program.command('status').description('counts and versions')).action((options: Shared) =>
  run(async () => {
    const found = await connect(options).status.get();
    show(options, found, () =>
      Object.entries(found)
        .map(([name, value]) => `${name.padEnd(12)} ${String(value)}`)
        .join('\n'),
    );
  }, options),
);

// a launcher under an older Node holds the other end: a command whose launcher was killed does not go on unseen
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
// a reader that went away (| head) is no error of ours
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? 0 : complain(error, isForMachines)),
);
try {
  await program.parseAsync();
} catch (thrown) {
  if (!(thrown instanceof CommanderError)) throw thrown;
  process.exitCode = thrown.exitCode === 0 ? 0 : 2;
}

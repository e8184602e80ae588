/** `strongroom assurance scan …`: scanners of other people that look at this very system, where they are installed. */
import type { Scanner } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, show, withConnection, type Run, type Shared } from './connection.ts';
import { harmless } from './terminal.ts';

export function scanCommands(assurance: Command, run: Run): void {
  const scan = assurance.command('scan').description('scanners of Debian that look at this very system: nmap, sslscan, testssl, lynis, wapiti, ffuf, sqlmap');

  withConnection(scan.command('list', { isDefault: true }).description('which are installed, when each ran, and what came of it')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).assurance.scanners();
      show(options, found, () => found.scanners.map(scannerLine).join('\n'));
    }, options),
  );
  withConnection(scan.command('run [scanners...]').description('one after the other; none named: all that can run here'))
    .addHelpText('after', '\nThey run on the server, against its own address and no other. wapiti, ffuf and sqlmap attack: strongroom assurance arm --help\nOne that does not reach its target is invalid, and says nothing. What they find: strongroom assurance findings --source nmap\n\nExamples:\n  strongroom assurance scan run nmap sslscan\n  strongroom assurance scan')
    .action((scanners: string[], options: Shared) =>
      run(async () => {
        const begun = await connect(options).assurance.scan(scanners);
        show(options, begun, () => `${begun.scanners.join(', ')}: strongroom assurance scan says how they go`);
      }, options),
    );
  withConnection(scan.command('stop').description('end the one that goes on; it says nothing')).action((options: Shared) =>
    run(async () => {
      await connect(options).assurance.stopScans();
      show(options, { stopped: true }, () => 'it is ended');
    }, options),
  );
} // prettier-ignore

function scannerLine({ name, says, kind, state, because, at, findings, opened }: Scanner): string {
  const last = at === null ? '' : ` ${at.slice(0, 16)}  ${findings} findings, ${opened} new`;
  return harmless(`${name.padEnd(8)} ${kind.padEnd(6)} ${state.padEnd(13)}${last}  ${says}`).concat(because === '' ? '' : `\n    ${harmless(because)}`);
} // prettier-ignore

/** `strongroom education certificate …`: papers of what was passed and signed. */
import type { Command } from 'commander';

import type { CertificateToCopy } from '@strongroom/sdk';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { writeNew } from './new-file.ts';
import { fromInput, harmless } from './terminal.ts';

const REASONS: readonly string[] = ['audit', 'authority', 'contract', 'holder-asked'];
const day = (at: string | null): string => at?.slice(0, 10) ?? '';

export function certificateCommands(education: Command, run: Run): void {
  const certificate = education
    .command('certificate')
    .description('papers of what was passed and signed; one’s own are under “Learn and sign” of the console');
  withConnection(
    certificate.command('list <person>').description('what somebody has passed and signed, and whether it holds'),
  ).action((person: string, options: Shared) =>
    run(async () => {
      const found = await connect(options).certificates.of(person);
      show(options, found, () =>
        found.certificates
          .map(({ id, kind, state, at, until, title }) => `${id}  ${kind.padEnd(6)}  ${state.padEnd(7)}  ${day(at)}  ${until === null ? '' : `until ${day(until)}`.padEnd(16)}  ${harmless(title)}`)
          .join('\n') || 'nothing yet',
      );
    }, options),
  );
  withConnection(certificate.command('copy <certificate>').description('somebody’s certificate as PDF; the log has who took it, of whom and why'))
    .requiredOption('--because <reason>', `what for: ${REASONS.join(', ')}`)
    .option('--zone <name>', 'where the days on it are counted', Intl.DateTimeFormat().resolvedOptions().timeZone)
    .option('--out <file>', 'left out: the number of the certificate with .pdf')
    .addHelpText('after', '\nExample:\n  strongroom education certificate copy crt_… --because audit --out ada.pdf\n\nIt has the proof of its log entry in it, as the attached file entry.proof:\n  strongroom audit verify --proof entry.proof --key log.keys\n')
    .action((id: string, options: Shared & Readonly<{ because: string; zone: string; out?: string }>) =>
      run(async () => {
        const { because, zone, out = `${id}.pdf` } = options;
        if (!REASONS.includes(because)) throw new Usage(`--because is one of ${REASONS.join(', ')}`);
        if (!/^[a-z0-9_]+$/.test(id)) throw new Usage('a certificate is crt_ and letters: strongroom education certificate list <person>');
        const bytes = await writeNew(out, () => connect(options).certificates.copy(id, { because: because as CertificateToCopy['because'], zone }));
        show(options, { file: out, bytes }, () => out);
      }, options),
    );
  withConnection(certificate.command('check <certificate>').description('whether one holds, as anybody can at /certificates of the server'))
    .requiredOption('--name <name>', 'as it stands on it; - reads standard input')
    .action((id: string, options: Shared & Readonly<{ name: string }>) =>
      run(async () => {
        const found = await connect(options).certificates.check({ id, name: fromInput(options.name) });
        show(options, found, () => `${found.state}: ${found.kind} ${harmless(found.title)}, ${day(found.at)}${found.until === null ? '' : `, until ${day(found.until)}`}`);
      }, options),
    );
} // prettier-ignore

/** `strongroom traffic tls`: what a port of this machine really offers. Own addresses only. */
import { readFile } from 'node:fs/promises';

import { checkTls, OUR_TLS, tlsReportText } from '#practices/traffic';

import { asksForHelp, FLAG, help, readArguments, TEXT } from './command-arguments.ts';

const USAGE = `strongroom traffic tls --port <n>, on the machine itself (docs/practices/traffic.md):

  --host 127.0.0.1            an address of this machine
  --server-name <name>        the name that clients use (the host)
  --authorities <file>        PEM of the authorities that are trusted, instead of those of Node
  --client <file> --client-key <file>   a client certificate
  --client-certificate        one must be needed
  --no-https                  no browsers: HSTS is not asked for
  --json                      for machines

Exit codes: 0 nothing found, 1 failed, 2 usage, 6 something found.
`;

export async function tlsCommand(args: readonly string[], own: readonly string[]): Promise<number> {
  if (asksForHelp(args)) return help(USAGE);
  const values = readArguments(args, {
    port: TEXT,
    host: { ...TEXT, default: '127.0.0.1' },
    'server-name': TEXT,
    authorities: TEXT,
    client: TEXT,
    'client-key': TEXT,
    'client-certificate': FLAG,
    'no-https': FLAG,
    json: FLAG,
  })?.values;
  const port = Number(values?.port);
  // a certificate without its key would be left out, and the report would be of another connection
  const half = (values?.client === undefined) !== (values?.['client-key'] === undefined);
  if (values === undefined || half || !Number.isInteger(port) || port < 1 || port > 65535) {
    process.stderr.write(USAGE);
    return 2;
  }
  const { host, authorities, client, 'client-key': key } = values;
  const target = {
    host,
    port,
    serverName: values['server-name'] ?? host,
    ...(authorities === undefined ? {} : { authorities: await readFile(authorities, 'utf8') }),
    ...(client === undefined || key === undefined ? {} : { client: { cert: await readFile(client, 'utf8'), key: await readFile(key, 'utf8') } }), // prettier-ignore
  };
  const clientCertificate = values['client-certificate'] ? 'required' : 'not required';
  const policy = { ...OUR_TLS, https: !values['no-https'], clientCertificate } as const;
  const report = await checkTls(target, policy, { own, now: () => new Date() });
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : `${tlsReportText(report)}\n`);
  return report.checks.every(({ outcome }) => outcome !== 'fail') ? 0 : 6;
}

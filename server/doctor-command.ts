/** `strongroom doctor`: prints what examine found, for people or machines. */
import { FLAG, readArguments } from './command-arguments.ts';
import { completedPolicies, examine } from './doctor/doctor.ts';
import type { Finding } from './doctor/finding.ts';

const USAGE = `strongroom doctor: is this host ready, and is this system well? (docs/operations.md)

  doctor                looks at Node, settings, files and their modes, disks, mail, certificate, and into the database:
                        version, clock, migrations, root keys, the log and its witnesses, verification, backups, policies,
                        other servers. Before the first start, while a server runs, and before an upgrade. Changes nothing.
  doctor --json         [{"check","state","says","todo"}], state: ok, warn, fail
  doctor --strict       warnings count as failures
  doctor --policies     the policies that hold, with the actions that only this version knows, to read and then propose

  Reads the settings of the server (docs/configuration.md): run it as the user that runs the server, in its environment.
  Never prints a secret, nor a value of a customer.
  Exit codes: 0 nothing failed, 1 something did, 2 usage.
`;

const SIGN = { ok: '✔', warn: '!', fail: '✖' } as const;

export async function doctorCommand(args: readonly string[]): Promise<number> {
  const values = readArguments(args, { json: FLAG, strict: FLAG, policies: FLAG, help: FLAG })?.values;
  if (values === undefined || values.help) {
    (values === undefined ? process.stderr : process.stdout).write(USAGE);
    return values === undefined ? 2 : 0;
  }
  if (values.policies) {
    const document = await completedPolicies();
    if (document === null) process.stderr.write('no policies hold yet: start a server first\n');
    else process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return document === null ? 1 : 0;
  }
  const found = await examine();
  process.stdout.write(values.json ? `${JSON.stringify(found)}\n` : print(found));
  return found.some(({ state }) => state === 'fail' || (values.strict && state === 'warn')) ? 1 : 0;
}

function print(found: readonly Finding[]): string {
  const lines = found.map(({ check, state, says, todo }) => `${SIGN[state]} ${check.padEnd(14)} ${says}\n${todo === null ? '' : `    → ${todo}\n`}`); // prettier-ignore
  const count = (wanted: Finding['state']): number => found.filter(({ state }) => state === wanted).length;
  return `${lines.join('')}${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} failed\n`;
}

/** Technical and organisational measures in words, from how this system is set up: for the record of processing (GDPR art. 30(1)(g), 32). */
import type { Audit } from '#platform/audit';
import type { Config } from '#platform/config';
import type { Vault } from '#practices/vault';

export async function measuresOf(config: Config, audit: Audit, vault: Vault): Promise<string[]> {
  const { suites, keys } = await vault.inventory(config.epochDays);
  const used = suites.filter(({ state }) => state === 'current').map(({ name }) => name);
  const current = keys.find(({ use, state }) => use === 'data' && state === 'current');
  const log = await audit.status();
  return [
    `Each field is sealed by itself, under keys of its own subject (${used.join(', ')}); erasing a subject destroys its keys, and with them every copy.`,
    'Class special is sealed in two layers, under two root keys.',
    `Root keys are kept by ${kind(config.kms)} and ${kind(config.kmsSecond)}; the key epoch is rotated after ${config.epochDays} days${current === undefined ? '' : `, the present one is ${current.ageDays} days old`}.`,
    `Keys of a subject that are older than ${config.dekDays} days are renewed when something is written.`,
    'Nobody reads without a purpose: roles, purposes and classes decide by policies, fields leave masked unless more is needed, and what is not declared does not exist.',
    'Every read is in a tamper-evident log before the data leaves.',
    `The log is signed${log.quorum === 'none' ? '' : ` and cosigned by witnesses (quorum ${log.quorum})`}; stored records are compared with it ${config.verifyHours === 0 ? 'when an operator says so' : `every ${config.verifyHours} hours`}.`,
    transport(config),
    'People sign in with passkeys or two factors; changes of policies, of this catalogue and of permissions take two people.',
    'Data that arrives passes the gate: undeclared fields and ended purposes are refused, values are made coarser where the catalogue says so.',
  ];
}

const KINDS: Readonly<Record<string, string>> = {
  file: 'a sealed file', pkcs11: 'a hardware security module', aws: 'AWS KMS', vault: 'a Vault transit engine',
}; // prettier-ignore
const kind = (address: string): string => KINDS[address.split(/[:-]/)[0] as string] ?? 'a key provider';

function transport({ tlsCert, publicUrl, host }: Config): string {
  if (tlsCert !== null) return 'Connections are encrypted by TLS, which this server ends itself.';
  if (publicUrl?.startsWith('https:') === true) return 'Connections are encrypted by TLS, which a proxy in front ends.';
  return `The server listens on ${host} only, for programs of the same machine.`;
}

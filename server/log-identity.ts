/** Who the audit log is, and who watches it: its keys, wrapped by the root, and the policy that names its witnesses. */
import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { logKeys, type LogSigner } from '#platform/audit';
import { configFailure } from '#platform/config';
import { ML_DSA_44_SEED_BYTES, parsePolicy, PolicyError, type Policy } from '#platform/tlog';
import { openIdentity, type Foundation } from '#practices/vault';

/** The log's own keys: made once, wrapped by the root, the same on every server. */
export async function logSigner(foundation: Foundation, origin: string | null): Promise<LogSigner> {
  const der = await openIdentity(foundation, 'audit/ed25519', () =>
    generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }),
  );
  return {
    name: origin ?? `strongroom/${foundation.installation}`,
    privateKey: createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' }),
    mlDsa44Seed: await openIdentity(foundation, 'audit/ml-dsa-44', () => randomBytes(ML_DSA_44_SEED_BYTES)),
  };
}

/**
 * @param path of a tlog-policy file; null: the log has no witnesses
 * @throws CONFIG_MALFORMED with the line, for a policy of another log, and for a log that would be its own witness
 */
export async function readWitnessPolicy(path: string | null, signer: LogSigner): Promise<Policy | null> {
  if (path === null) return null;
  const malformed = (what: string, cause?: unknown): Error =>
    configFailure('MALFORMED', { detail: `STRONGROOM_AUDIT_POLICY, ${path}: ${what}`, cause });
  let policy: Policy;
  try {
    policy = parsePolicy(await readFile(path));
  } catch (thrown) {
    throw malformed(thrown instanceof PolicyError ? thrown.message : 'it cannot be read', thrown);
  }
  const { keys } = logKeys(signer);
  const isOurs = (raw: Uint8Array): boolean => keys.some((key) => key.raw.equals(raw));
  if (policy.logs.length > 0 && !policy.logs.some(({ key }) => isOurs(key.raw) && key.name === signer.name))
    throw malformed(`none of its logs is this one, ${signer.name}`);
  for (const { name, key, url } of policy.witnesses) {
    if (isOurs(key.raw)) throw malformed(`the witness ${name} has a key of the log itself`);
    if (url !== null && !(URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)))
      throw malformed(`the URL of the witness ${name} should begin with http:// or https://`);
  }
  return policy;
}

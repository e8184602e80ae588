/**
 * What is used here, how strong it is, until when, and how many boxes and keys stand on it: the inventory, and the same
 * as a CycloneDX cryptography bill of materials (CBOM, CycloneDX 1.6).
 */
import type { Core } from './core.ts';
import { counts } from './store/works.ts';
import { SUITES, type Suite } from './suites.ts';

export type Inventory = Readonly<{
  suites: readonly {
    id: number;
    name: string;
    algorithms: readonly string[];
    strengthBits: number;
    quantumCategory: number;
    use: string;
    state: string;
    until: string | null;
    source: string;
  }[];
  keys: readonly {
    use: string;
    epoch: number;
    state: string;
    provider: string;
    keyVersion: string;
    ageDays: number;
    createdAt: string;
  }[];
  subjects: number;
  findings: readonly string[];
}>;

export async function inventory(core: Core, epochDays: number): Promise<Inventory> {
  // another server may have rotated since
  await core.epochs.reload();
  const now = core.clock().getTime();
  const keys = core.epochs.list().map((row) => ({
    use: row.use, epoch: row.epoch, state: row.state, provider: row.wrapped?.provider ?? '', keyVersion: row.wrapped?.keyVersion ?? '',
    ageDays: Math.floor((now - row.createdAt.getTime()) / 86_400_000), createdAt: row.createdAt.toISOString(),
  })); // prettier-ignore
  const findings = [
    ...keys
      .filter((key) => key.state === 'current' && key.use === 'data' && key.ageDays > epochDays)
      .map(
        (key) =>
          `epoch ${key.epoch} of ${key.use} is ${key.ageDays} days old, its deadline was ${epochDays}: run strongroom vault rotate epoch`,
      ),
    ...keys
      .filter((key) => key.state === 'retiring')
      .map(
        (key) => `epoch ${key.epoch} of ${key.use} is retired but not destroyed: erasure before it is not final yet`,
      ),
    ...SUITES.filter((suite) => suite.state.is === 'legacy' && suite.state.until.getTime() < now).map(
      (suite) => `the deadline of suite ${suite.name} has passed`,
    ),
  ];
  return { suites: SUITES.map(suiteView), keys, subjects: Number((await counts(core.db)).subjects), findings };
}

const suiteView = (suite: Suite) => ({
  id: suite.id, name: suite.name, algorithms: suite.algorithms, strengthBits: suite.strengthBits, quantumCategory: suite.quantumCategory,
  use: suite.use, state: suite.state.is, until: suite.state.is === 'legacy' ? suite.state.until.toISOString() : null, source: suite.source,
}); // prettier-ignore

/** Source: CycloneDX 1.6, `cryptoProperties` of assetType algorithm. */
export function toCbom(found: Inventory, version: string, at: Date): Record<string, unknown> {
  const used = found.suites.filter((suite) => suite.state !== 'reserved');
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { timestamp: at.toISOString(), component: { type: 'application', name: 'strongroom', version } },
    components: [...new Map(used.flatMap((suite) => suite.algorithms.map((name) => [name, suite] as const)))].map(
      ([name, suite]) => ({
        type: 'cryptographic-asset',
        'bom-ref': `crypto/algorithm/${name.toLowerCase()}`,
        name,
        cryptoProperties: {
          assetType: 'algorithm',
          algorithmProperties: {
            primitive: name.startsWith('HMAC') ? 'mac' : 'ae',
            parameterSetIdentifier: String(suite.strengthBits),
            executionEnvironment: 'software-plain-ram',
            classicalSecurityLevel: suite.strengthBits,
            nistQuantumSecurityLevel: suite.quantumCategory,
          },
        },
      }),
    ),
  };
}

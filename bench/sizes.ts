/** How much is measured: `full` gives the figures of docs/benchmarks.md, `quick` shows in a minute that all of it runs. */
export type Sizes = Readonly<{
  name: 'full' | 'quick' | 'tiny';
  rounds: number;
  /** Of one contender in one round. */
  roundMs: number;
  /** Rows imported in each round; the first is warm-up, and where memory is compared with. */
  imports: readonly number[];
  pgcryptoRows: number;
  loadSeconds: number;
  connections: number;
  auditEntries: number;
  /** Of a mixed load, to see how many are answered from memory. */
  decisions: number;
  coldQuestions: number;
  /** Customers in the database that is backed up, and how often. */
  backupRecords: number;
  backupRounds: number;
}>;

const SIZES: Readonly<Record<Sizes['name'], Sizes>> = {
  full: {
    name: 'full',
    rounds: 15,
    roundMs: 400,
    imports: [10_000, 90_000, ...Array.from({ length: 9 }, () => 100_000)],
    pgcryptoRows: 1000,
    loadSeconds: 6,
    connections: 64,
    auditEntries: 100_000,
    decisions: 1_000_000,
    coldQuestions: 4_000,
    backupRecords: 1_000_000,
    backupRounds: 2,
  },
  quick: {
    name: 'quick',
    rounds: 5,
    roundMs: 150,
    imports: [10_000, 20_000, 20_000, 20_000, 30_000],
    pgcryptoRows: 200,
    loadSeconds: 2,
    connections: 64,
    auditEntries: 20_000,
    decisions: 200_000,
    coldQuestions: 2_000,
    backupRecords: 10_000,
    backupRounds: 2,
  },
  tiny: {
    name: 'tiny',
    rounds: 1,
    roundMs: 5,
    imports: [60, 60],
    pgcryptoRows: 5,
    loadSeconds: 0.2,
    connections: 4,
    auditEntries: 600,
    decisions: 2_000,
    coldQuestions: 100,
    backupRecords: 300,
    backupRounds: 1,
  },
};

export const sizesOf = (name: Sizes['name']): Sizes => SIZES[name];

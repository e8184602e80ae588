/**
 * Rounds: contenders take turns, so that whatever slows the machine meets all of them. The order turns round each time.
 */
export type Spread = Readonly<{ median: number; low: number; high: number; rounds: number }>;

/** What one contender did in one round. `seconds` where its own clock is the better one. */
export type Did = Readonly<{ operations: number; seconds?: number }>;
export type Contender<Name extends string> = Readonly<{ name: Name; work: (round: number) => Promise<Did> | Did }>;
export type Rates<Name extends string> = Readonly<Record<Name, readonly number[]>>;

export type RoundOptions = Readonly<{
  rounds: number;
  /** Rounds whose times are thrown away. */
  warmups: number;
  onRound?: (round: number, of: number) => void;
}>;

/** @returns operations a second, a number for each round */
export async function takeTurns<Name extends string>(
  contenders: readonly Contender<Name>[],
  { rounds, warmups, onRound }: RoundOptions,
): Promise<Rates<Name>> {
  const rates = Object.fromEntries(contenders.map(({ name }) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = -warmups; round < rounds; round += 1) {
    onRound?.(round + warmups + 1, rounds + warmups);
    for (const { name, work } of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const from = performance.now();
      const { operations, seconds = (performance.now() - from) / 1000 } = await work(round);
      if (round >= 0) rates[name].push(operations / seconds);
    }
  }
  return rates;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const median = sorted.length % 2 === 1 ? at(Math.floor(middle)) : (at(middle - 1) + at(middle)) / 2;
  return { median, low: at(0), high: at(sorted.length - 1), rounds: sorted.length };
}

/** The ratio of each round by itself: what slowed a whole round falls out of it. */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): Spread {
  return spreadOf(ours.map((value, round) => value / (theirs[round] as number)));
}

/** Repeats `once` until about `ms` have gone by, looking at the clock now and then only. */
export function forAbout(ms: number, once: () => void): Did {
  const until = performance.now() + ms;
  let operations = 0;
  do {
    for (let i = 0; i < 50; i += 1) once();
    operations += 50;
  } while (performance.now() < until);
  return { operations };
}

/**
 * The same on the clock of this thread's own CPU time: what a core does, whoever else uses the machine. Other threads'
 * part is left out: compiling, and what garbage collection does beside.
 */
export function forAboutOnCore(ms: number, once: () => void): Did {
  const began = process.threadCpuUsage();
  const { operations } = forAbout(ms, once);
  const { user, system } = process.threadCpuUsage(began);
  // the system counts in steps of up to 4 ms
  return { operations, seconds: Math.max(1, user + system) / 1e6 };
}

export async function forAboutAsync(ms: number, once: () => Promise<unknown>): Promise<Did> {
  const until = performance.now() + ms;
  let operations = 0;
  do {
    await once();
    operations += 1;
  } while (performance.now() < until);
  return { operations };
}

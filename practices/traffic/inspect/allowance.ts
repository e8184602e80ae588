/**
 * How much may be spent in a time, by one neighbour and by all together: whoever floods is held to their own part before
 * anybody else is. What was spent comes back evenly.
 */
export type Allowance = Readonly<{
  has: (who: string) => boolean;
  spend: (who: string, amount: number) => void;
}>;
export type AllowanceNeeds = Readonly<{
  /** For `withinSeconds`. */
  one: number;
  all: number;
  withinSeconds: number;
  /** Milliseconds, of a clock that only goes on. */
  now?: () => number;
  /** Neighbours that are remembered; the least recently seen go first. */
  most?: number;
}>;

type Spent = { amount: number; at: number };

export function createAllowance({ one, all, withinSeconds, now = performance.now.bind(performance), most = 5_000 }: AllowanceNeeds): Allowance {
  const spent = new Map<string, Spent>();
  const together: Spent = { amount: 0, at: now() };
  const left = (of: Spent, allowed: number): number => {
    const at = now();
    of.amount = Math.max(0, of.amount - ((at - of.at) * allowed) / (withinSeconds * 1000));
    of.at = at;
    return allowed - of.amount;
  };
  return {
    has: (who) => {
      const own = spent.get(who);
      return left(together, all) > 0 && (own === undefined || left(own, one) > 0);
    },
    spend: (who, amount) => {
      const own = spent.get(who) ?? { amount: 0, at: now() };
      left(own, one);
      left(together, all);
      own.amount += amount;
      together.amount += amount;
      spent.delete(who);
      spent.set(who, own);
      if (spent.size > most) spent.delete(spent.keys().next().value as string);
    },
  };
} // prettier-ignore

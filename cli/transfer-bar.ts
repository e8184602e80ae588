/** How far a long transfer is, on a person's terminal; nothing for machines and pipes. */
import { Presets, SingleBar } from 'cli-progress';

import type { Shared } from './connection.ts';

export type TransferBar = Readonly<{ add: (amount: number) => void; reset: () => void; stop: () => void }>;

const MIB = 2 ** 20;

/** @param total bytes, or forms; null when it is not known */
export function transferBar(options: Shared, total: number | null, unit: 'MiB' | 'forms'): TransferBar {
  if (!process.stderr.isTTY || options.json === true) {
    return { add: () => undefined, reset: () => undefined, stop: () => undefined };
  }
  const known = total === null ? '{shown}' : '{bar} {percentage} % | {shown} of {all}';
  const bar = new SingleBar(
    { format: `${known} ${unit} | {rate} ${unit}/s`, hideCursor: true },
    Presets.shades_classic,
  );
  const asUnit = (amount: number): string => (unit === 'MiB' ? (amount / MIB).toFixed(1) : String(amount));
  const began = Date.now();
  let done = 0;
  const payload = (): object => ({
    shown: asUnit(done),
    all: asUnit(total ?? 0),
    rate: asUnit(Math.round(done / Math.max(0.5, (Date.now() - began) / 1000))),
  });
  bar.start(total ?? 0, 0, payload());
  return {
    add: (amount) => {
      done += amount;
      bar.update(done, payload());
    },
    // a transfer that is tried again begins again
    reset: () => {
      done = 0;
    },
    stop: () => bar.stop(),
  };
}

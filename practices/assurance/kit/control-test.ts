/**
 * What a control test is: a promise of one of the practices, and how somebody would try to break it on the running system.
 *
 * Three verdicts are asked of an attack: it was prevented (nothing left), detected (the right alarm, in time) and recorded (an
 * entry of the log that is proven to be in it). What was stopped and nobody saw is a finding too.
 */
import type { ControlTest as Described } from '../types.ts';
import type { Kit } from './kit.ts';

export type Aspect = 'prevented' | 'detected' | 'recorded';

export type ControlTest = Described &
  Readonly<{
    /** Those that it gives a verdict on; one that is left open makes the result invalid. */
    asks: readonly Aspect[];
    /** More requests or seconds than these end it as invalid. */
    budget: Readonly<{ requests: number; seconds: number }>;
    run: (kit: Kit) => Promise<void>;
  }>;

type Wanted = Omit<ControlTest, 'family' | 'budget' | 'intervalHours'> &
  Partial<Pick<ControlTest, 'budget' | 'intervalHours'>>;

const USUAL = { requests: 400, seconds: 60 } as const;

/** A test; it is of the family that its id begins with. */
export const controlTest = ({ budget = USUAL, intervalHours = 24, ...wanted }: Wanted): ControlTest => ({
  ...wanted,
  family: wanted.id.split('-')[0] as string,
  budget,
  intervalHours,
});

/** The system cannot be asked this here: says nothing about it, neither good nor bad. */
export class CannotTell extends Error {
  override readonly name = 'CannotTell';
}

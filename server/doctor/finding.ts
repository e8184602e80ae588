/** One thing that was looked at: how it is, and what to do about it. */
import { isFailure } from '#platform/failure';

export type Finding = Readonly<{
  /** What was looked at, one word or two with a hyphen; stable, for machines. */
  check: string;
  state: 'ok' | 'warn' | 'fail';
  /** Ids, sizes, paths and names of settings only: no value of a setting that may hold a secret, and no customer's value. */
  says: string;
  /** What to do; null where nothing has to be done. */
  todo: string | null;
}>;

export const ok = (check: string, says: string): Finding => ({ check, state: 'ok', says, todo: null });
export const warn = (check: string, says: string, todo: string): Finding => ({ check, state: 'warn', says, todo });
export const fail = (check: string, says: string, todo: string): Finding => ({ check, state: 'fail', says, todo });

/** A look that fails is a finding too. INVARIANT: of what was not thrown on purpose only the code is said: drivers quote addresses and rows. */
export async function look(check: string, at: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await at();
  } catch (thrown) {
    if (isFailure(thrown)) return [fail(check, `${thrown.message} (${thrown.code})`, thrown.hint)];
    const { code = 'unknown' } = thrown as NodeJS.ErrnoException;
    return [
      fail(check, `it could not be looked at (${code})`, 'run it as the user that runs the server, and see its log'),
    ];
  }
}

export const days = (ms: number): string => {
  const whole = Math.floor(Math.abs(ms) / 86_400_000);
  return whole === 1 ? '1 day' : `${whole} days`;
};

/** What was seen during one test, as one result. */
import type { Aspect, ControlTest } from '../kit/control-test.ts';
import type { Seen } from '../kit/kit.ts';
import type { Answer, Result } from '../types.ts';

export type Judged = Pick<Result, 'verdict' | 'prevented' | 'detected' | 'recorded' | 'because'>;

/** What is said of a failure: the first of each kind, and how many there were. */
const MOST_SAID = 3;

/**
 * INVARIANT: nothing that was not looked at passes. A test that ended before it had said what it is to say is invalid, and so
 * is one that saw nothing; a single no is a failure, whatever was seen besides, also where it could not be tried to its end.
 * @param broke why it ended early; null when it did not
 */
export function judgeSeen({ asks }: Pick<ControlTest, 'asks'>, seen: readonly Seen[], broke: string | null): Judged {
  const said = (aspect: Aspect): Answer => {
    const about = seen.filter((each) => each.aspect === aspect);
    return about.length === 0 ? 'not-asked' : about.every(({ ok }) => ok) ? 'yes' : 'no';
  };
  const answers = { prevented: said('prevented'), detected: said('detected'), recorded: said('recorded') };
  const faults = [...new Set(seen.filter(({ ok }) => !ok).map(({ because }) => because))];
  if (faults.length > 0) {
    const more = faults.length > MOST_SAID ? `; and ${faults.length - MOST_SAID} more` : '';
    return { verdict: 'fail', ...answers, because: `${faults.slice(0, MOST_SAID).join('; ')}${more}` };
  }
  if (broke !== null) return { verdict: 'invalid', ...answers, because: broke };
  const open = asks.filter((aspect) => answers[aspect] === 'not-asked');
  if (open.length > 0) return { verdict: 'invalid', ...answers, because: `it said nothing on: ${open.join(', ')}` };
  return {
    verdict: 'pass',
    ...answers,
    because: seen.length === 1 ? 'one thing was looked at' : `${seen.length} things were looked at`,
  };
}

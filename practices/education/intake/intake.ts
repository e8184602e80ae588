/** Reports without a name as one object: handed in by anybody who has the link, worked on by the team. */
import { createDesk, type Desk } from './desk.ts';
import { createKeep } from './keep.ts';
import type { IntakeNeeds } from './needs.ts';
import { createReporters, type Reporters } from './reporters.ts';

export type Intake = Readonly<{
  reporters: Reporters;
  desk: Desk;
  /** Whom to call, as pages say it; null: nobody was named. */
  call: string | null;
  company: () => string | null;
}>;

export function openIntake(needs: IntakeNeeds): Intake {
  const keep = createKeep(needs.key);
  return {
    reporters: createReporters(needs, keep),
    desk: createDesk(needs, keep),
    call: needs.call,
    company: needs.company,
  };
}

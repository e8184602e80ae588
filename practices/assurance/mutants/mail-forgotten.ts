import type { Mutant } from './mutant.ts';

export default {
  id: 'mail-forgotten',
  family: 'CHAOS',
  says: 'a mail that could not leave is given up at once',
  file: 'platform/mail/mail.ts',
  find: 'await putOff(db, row.mail_id, lease, signal.aborted ? 0 : pause * (0.9 + Math.random() / 5), sent.problem);',
  replace:
    "void putOff;\n      void pause;\n      await endMail(db, row.mail_id, lease, { state: 'refused', problem: sent.problem });",
  killedBy: ['CHAOS-02'],
} satisfies Mutant;

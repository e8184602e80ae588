/** Requests that fit the routes of retention and holds (fitting-requests.ts). */
import type { Fitting } from './fitting-requests.ts';

export function fittingRetention(
  known: Readonly<{ subjectId: string; recordId: string }>,
): Readonly<Record<string, Fitting>> {
  return {
    recordEvents: {
      role: 'application',
      body: {
        events: [
          {
            subject: { id: known.subjectId },
            event: 'account.closed',
            at: '2026-01-01T00:00:00Z',
            purpose: 'service.support',
            state: 'happened',
          },
        ],
      },
    },
    listHolds: { role: 'dpo' },
    requestHold: {
      role: 'dpo',
      body: {
        matter: 'M',
        subject: known.subjectId,
        record: known.recordId,
        collection: 'customer',
        field: 'email',
        reason: 'r',
        authority: 'a',
        role: 'dpo',
        reviewBy: '2027-01-01',
      },
    },
    approveHold: { role: 'dpo', path: { id: 'hold_0' } },
    refuseHold: { role: 'dpo', path: { id: 'hold_0' } },
    liftHold: { role: 'dpo', path: { id: 'hold_0' }, body: { reason: 'r' } },
    retentionStatus: { role: 'dpo' },
    proposeRetentionSettings: {
      role: 'dpo',
      body: { enforce: false, twoPeopleAbove: 100, perSecond: 200, everyHours: 24 },
    },
    approveRetentionSettings: { role: 'dpo', body: { hash: '0'.repeat(64) } },
    listRetentionRuns: { role: 'dpo' },
    planRetention: { role: 'dpo' },
    getRetentionRun: { role: 'dpo', path: { id: 'run_0' } },
    approveRetention: { role: 'dpo', path: { id: 'run_0' }, body: { planHash: '0'.repeat(64) } },
    cancelRetention: { role: 'dpo', path: { id: 'run_0' } },
    retentionCertificate: { role: 'dpo', path: { id: 'run_0' } },
    proveRetention: { role: 'dpo' },
    listFieldUses: { role: 'dpo' },
    listFieldProposals: { role: 'dpo' },
    reviewFields: { role: 'dpo', body: { days: 90 } },
    decideFieldProposal: {
      role: 'dpo',
      path: { id: 'prop_0' },
      body: { decision: 'keep', reason: 'a reason', reviewBy: '2099-01-01' },
    },
    listErasures: { role: 'dpo' },
  };
}

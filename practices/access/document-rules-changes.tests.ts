/** What a change of the document decides otherwise, from now on and of what was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openEngine } from './engine.ts';
import { starterDocument } from './starter.ts';
import { pastQuestion, replay } from './what-if.ts';
import type { Running } from './document-rules.test.ts';

export function changesAreShown(of: () => Running): void {
  test('a change shows exactly which decisions come out otherwise, and which policies never decide', async () => {
    const { review, changed } = of();
    const { ok, diff, idle } = await review(
      changed({
        'support-mask':
          'permit (principal in Role::"support", action == Action::"mask", resource in DataClass::"personal") when { context.purpose in Purpose::"service" };',
        idle: 'permit (principal in Role::"support", action == Action::"records.read", resource) when { context.purpose in Purpose::"service" && context.purpose in Purpose::"legal" };',
      }),
    );

    assert.equal(ok, true);
    assert.deepEqual(idle, ['idle']);
    assert.equal(diff?.wider, 0);
    const lost = diff?.cells.map(({ role, action, purpose, dataClass, from, to }) =>
      [role, action, purpose, dataClass, from, to].join(' '),
    );
    // on-call includes support, and loses the same
    assert.deepEqual([...new Set(lost)].filter((each) => !each?.startsWith('on-call ')).toSorted(), [
      'support records.read service sensitive masked denied',
      'support records.read service.billing sensitive masked denied',
      'support records.search service sensitive masked denied',
      'support records.search service.billing sensitive masked denied',
    ]);
  });

  test('a forbid on a fact that no policy looked at before is compared fact by fact', async () => {
    const { review, changed } = of();
    const { diff } = await review(
      changed({
        minors:
          'forbid (principal in Role::"marketing", action == Action::"records.export", resource) when { context.minor };',
      }),
    );

    assert.ok((diff?.cells.length ?? 0) > 0);
    for (const { facts, role } of diff?.cells ?? []) assert.deepEqual([facts.minor, role], [true, 'marketing']);
  });

  test('past decisions under another document: who would lose what', () => {
    const { changed } = of();
    const entry = (role: string, action: string, classes: string[]) => ({
      action,
      actor: { kind: 'service', id: 'k', role },
      purpose: 'service.billing',
      classes,
      detail: { collections: ['customer'] },
    });
    const questions = [entry('billing', 'vault.read', ['personal', 'sensitive']), entry('billing', 'vault.read', ['personal']), entry('support', 'vault.search', ['personal']), { action: 'audit.read' }, null, 'x']
      .map(pastQuestion).flatMap((each) => each ?? []); // prettier-ignore
    const stricter = changed({
      'billing-reveal': null,
      support: 'forbid (principal in Role::"support", action == Action::"records.search", resource);',
    });

    const replayed = replay(questions, openEngine(starterDocument()), openEngine(stricter));

    assert.equal(replayed.questions, 3);
    assert.deepEqual(replayed.changes, [
      {
        role: 'billing',
        action: 'records.read',
        purpose: 'service.billing',
        dataClass: 'personal',
        from: 'clear',
        to: 'masked',
        count: 2,
      },
      {
        role: 'support',
        action: 'records.search',
        purpose: 'service.billing',
        dataClass: null,
        from: 'allowed',
        to: 'denied',
        count: 1,
      },
      {
        role: 'support',
        action: 'records.search',
        purpose: 'service.billing',
        dataClass: 'personal',
        from: 'masked',
        to: 'denied',
        count: 1,
      },
    ]);
  });
}

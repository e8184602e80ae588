/** What the server does for tests by people from outside: keys and persons of theirs, and whose an alarm is. */
import type { Statements } from '#platform/db';
import type { AssuranceNeeds } from '#practices/assurance';

import { whichCollection } from './assurance-stage.ts';
import type { AssuranceParts } from './open-assurance.ts';

const ACTOR = { kind: 'system', id: 'assurance' } as const;
const MOST_CASES = 500;
/** Who may do these sees what testers are noticed for, and what is wrong here. */
const TELL = ['audit.read', 'assurance.read', 'traffic.read'] as const;

export function engagementDesk({ canaries, catalog, config, parts }: AssuranceParts): AssuranceNeeds['engagements'] {
  const logged = (action: string, detail: Record<string, string>) => (tx: Statements): Promise<unknown> =>
    parts().audit.appendIn(tx, { action, actor: ACTOR, outcome: 'done', detail });
  return {
    isFit: async (role) => {
      const { access } = parts();
      const actor = await access.systemActor('assurance', role);
      if (actor === null || !access.roles(actor).includes(role)) return false;
      const told = await Promise.all(TELL.map((action) => access.rolesThat(action)));
      return !told.some((roles) => roles.includes(role));
    },
    giveKey: async (role, minutes, networks) => {
      const { id, key } = await parts().access.createCanaryKey({ role, minutes, networks }, (tx, made) => logged('access.key.create', { key: made, role })(tx));
      return { id, key };
    },
    endKey: async (id) => {
      const { access } = parts();
      const living = (await access.listKeys()).some((each) => each.id === id && each.revokedAt === null);
      if (living) await access.revokeKey(id, logged('access.key.revoke', { key: id }));
    },
    plant: async (of, count, livesMs) => {
      const { name } = whichCollection(catalog(), config.assuranceCollection);
      const planted = await parts().vault.canaries.plantWhole(name, count, livesMs);
      await canaries.add(of, planted.map(({ subjectId }) => subjectId));
      return planted.map(({ record }) => record);
    },
    shred: async (of) => {
      const left = await canaries.of(of);
      await parts().vault.canaries.shred(left);
      await canaries.gone(left);
    },
    openCases: async () => (await parts().traffic.cases.list({ states: ['open', 'working'], most: MOST_CASES })).cases,
    noteCase: async (id, note) => {
      const { cases } = parts().traffic;
      // a server that was killed between the note and its end of it has said it already
      const isSaid = (await cases.get(id)).steps.some((step) => step.note === note);
      if (!isSaid) await cases.note({ actor: ACTOR, address: '' }, id, note);
    },
  };
} // prettier-ignore

/** Of what the log says of training: who it shut off and let in again, and what whoever keeps the training has to look at. */
import { askedOf } from '../training.ts';
import type { FromEntryNeeds, LogEntry, Told } from './from-entry.ts';
import { basis } from './told.ts';

export const TRAINING_STEPS = ['education.lapsed', 'education.restored', 'education.grace.extend', 'education.revocations.many', 'education.drill.failed.many', 'access.grant.revoke', 'access.key.create']; // prettier-ignore

export function byTraining(entry: LogEntry, { document, trainers }: FromEntryNeeds): Told[] {
  const { action, outcome, actor, ts, detail = {} } = entry;
  if (outcome !== 'done') return [];
  const text = (name: string): string => (typeof detail[name] === 'string' ? detail[name] : '');
  const number = (name: string): number => (typeof detail[name] === 'number' ? detail[name] : 0);
  const [person, role] = [text('person'), text('role')];
  const base = { ...basis(entry), about: { role } };
  switch (action) {
    case 'education.lapsed': {
      const about = { actor: person, role, outcome: text('because'), count: number('grants') };
      const topic = `${action} ${person} ${role} ${ts}`;
      return [
        { ...base, kind: 'training-lapsed', topic, about: { ...about, policy: 'you' }, people: [person], urgent: true },
        // a team in one hour is one notice
        { ...base, kind: 'training-lapsed', topic: `${action} ${role} ${ts.slice(0, 13)}`, about, roles: trainers },
      ];
    }
    case 'education.restored':
      return [{ ...base, kind: 'training-restored', topic: `${action} ${person} ${role} ${ts}`, people: [person] }];
    case 'education.grace.extend':
    case 'education.revocations.many':
    case 'education.drill.failed.many': {
      const about = { ...base.about, actor: text('by'), count: number(action === 'education.grace.extend' ? 'lapsing' : 'people'), outcome: action }; // prettier-ignore
      return [
        { ...base, kind: 'training-crowd', topic: `${action} ${role} ${ts}`, about, roles: trainers, urgent: true },
      ];
    }
    case 'access.grant.revoke': {
      // what its holder or an officer ended is theirs to tell
      if (actor.kind !== 'system') return [];
      const approvers = Array.isArray(detail.approvedBy) ? detail.approvedBy.filter((each) => typeof each === 'string') : []; // prettier-ignore
      const people = [text('requestedBy'), ...approvers].filter((each) => each.startsWith('per_'));
      const about = { actor: text('requestedBy'), purpose: entry.purpose ?? '', classes: entry.classes ?? [] };
      return [{ ...base, kind: 'grant-ended', topic: `${action} ${text('grant')}`, about, people }];
    }
    case 'access.key.create': {
      // nothing is asked of a key: one in such a role opens customers to whoever it is handed on to
      if (typeof askedOf(document, role) === 'string') return [];
      const about = { actor: actor.id, role, key: text('key') };
      return [{ ...base, kind: 'key-untaught', topic: `${action} ${text('key')}`, about, roles: trainers }];
    }
    default:
      return [];
  }
}

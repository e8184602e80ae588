/** Playbooks: what is done about an incident of a kind, by whom, within how long. */
import Type from 'typebox';

import { collectFaults, type Read } from '../content/fault.ts';
import { readYaml } from '../content/yaml.ts';
import { PHASES } from './phases.ts';

export const KINDS = ['account-taken-over', 'lost-device', 'wrong-recipient', 'export-leaked', 'ransomware', 'phishing-wave', 'other'] as const; // prettier-ignore
export type Kind = (typeof KINDS)[number];

const ID = '^[a-z][a-z0-9-]{1,60}$';
const CLOSED = { additionalProperties: false } as const;
const TASK = Type.Object(
  {
    id: Type.String({ pattern: ID }),
    phase: Type.Enum(PHASES.filter((each) => each !== 'closed')),
    owner: Type.String({ pattern: ID, description: 'a role' }),
    minutes: Type.Integer({ minimum: 1, maximum: 90 * 1440, description: 'from the report on' }),
    says: Type.String({ minLength: 1, maxLength: 120 }),
    how: Type.String({ minLength: 1, maxLength: 600 }),
  },
  CLOSED,
);
const PLAYBOOK = Type.Object(
  {
    id: Type.Enum([...KINDS]),
    version: Type.Integer({ minimum: 1 }),
    locale: Type.String({ pattern: '^[a-z]{2}$' }),
    title: Type.String({ minLength: 1, maxLength: 120 }),
    tasks: Type.Array(TASK, { minItems: 1, maxItems: 40 }),
  },
  CLOSED,
);
export type Playbook = Type.Static<typeof PLAYBOOK>;

export function readPlaybook(source: string): Read<Playbook> {
  const { report, faults } = collectFaults();
  const shaped = readYaml(source, PLAYBOOK, report);
  shaped?.value.tasks.forEach(({ id }, at, all) => {
    if (all.findIndex((each) => each.id === id) < at) report(shaped.lineOf('tasks', at), `the task ${id} is there twice`, 'give it a name of its own'); // prettier-ignore
  });
  return shaped === null || faults.length > 0 ? { ok: false, faults } : { ok: true, value: shaped.value };
}

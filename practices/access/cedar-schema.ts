/**
 * The Cedar schema that policies are checked against, strictly: made of the actions and facts that the code knows, so
 * that a policy cannot name what nobody asks or supplies. Every attribute is required: Cedar skips a policy that fails, and a skipped
 * forbid is a hole.
 * Source: https://docs.cedarpolicy.com/schema/human-readable-schema.html
 */
import { DATA_CLASSES } from './classes.ts';
import { ACTIONS, FIELD_ACTIONS } from './actions.ts';
import { CHOSEN_FACTS, FACT_VALUES, factType, YES_NO_FACTS } from './facts.ts';

const quoted = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ');
export function cedarSchema(): string {
  const attributes = [
    'purpose: Purpose',
    'collection: Collection',
    ...CHOSEN_FACTS.map((fact) => `${fact}: ${factType(fact)}`),
    ...YES_NO_FACTS.map((fact) => `${fact}: Bool`),
  ];
  return `// classes, least sensitive first: ${DATA_CLASSES.join(' < ')}; each is in the next one, so "in" reads "up to"
entity Role in [Role];
entity Actor in [Role];
entity Purpose in [Purpose];
entity Collection;
entity DataClass in [DataClass];
entity System;
entity Operation enum [${quoted(ACTIONS)}];
${CHOSEN_FACTS.map((fact) => `entity ${factType(fact)} enum [${quoted(FACT_VALUES[fact])}];`).join('\n')}

action ${quoted(ACTIONS)} appliesTo {
  principal: Actor,
  resource: System,
  context: {
    ${attributes.join(',\n    ')},
  },
};

action ${quoted(FIELD_ACTIONS)} appliesTo {
  principal: Actor,
  resource: DataClass,
  context: {
    operation: Operation,
    declared: Bool,
    ${attributes.join(',\n    ')},
  },
};
`;
}

/** Changes one role of a draft. */
import {
  Button,
  Fieldset,
  Group,
  MultiSelect,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  TextInput,
} from '@mantine/core';

import { CLASSES } from '../classes.ts';
import type { Eligible, Role } from '../role-changes.ts';
import { useCatalog } from '../session.ts';

const NOTHING = 'nothing in clear';
const KINDS = { jit: 'Access for a time', breakGlass: 'Break-glass' } as const;

export function RoleForm({
  name,
  role,
  others,
  onChange,
}: {
  name: string;
  role: Role;
  others: readonly string[];
  /** Null: the role is taken out. */
  onChange: (next: Role | null) => void;
}) {
  const set = (change: Partial<Role>): void => onChange({ ...role, ...change });
  const grant = (kind: keyof typeof KINDS, next: Eligible | null): void => {
    const { [kind]: _, ...rest } = role.grants ?? {};
    const { grants: __, ...bare } = role;
    const grants = next === null ? rest : { ...rest, [kind]: next };
    onChange(Object.keys(grants).length === 0 ? bare : { ...bare, grants });
  };
  return (
    <Stack>
      <TextInput
        label="Description"
        value={role.says}
        onChange={(event) => set({ says: event.currentTarget.value })}
        maxLength={500}
      />
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <Select
          label="Owner"
          description="Decides in its reviews"
          data={[...new Set([role.owner, ...others])]}
          value={role.owner}
          onChange={(next) => set({ owner: next ?? role.owner })}
          allowDeselect={false}
          searchable
        />
        <Select
          label="Highest class in clear"
          description="Whatever policies say"
          data={[NOTHING, ...CLASSES]}
          value={role.clearUpTo ?? NOTHING}
          onChange={(next) => set({ clearUpTo: next === NOTHING ? null : next })}
          allowDeselect={false}
        />
        <MultiSelect
          label="Includes"
          description="Has their permissions as well"
          data={[...others]}
          value={[...role.includes]}
          onChange={(includes) => set({ includes })}
          searchable
        />
      </SimpleGrid>
      {(['jit', 'breakGlass'] as const).map((kind) => (
        <Asking
          key={kind}
          kind={kind}
          name={name}
          eligible={role.grants?.[kind]}
          roles={[name, ...others]}
          onChange={(next) => grant(kind, next)}
        />
      ))}
      <Group justify="flex-end">
        <Button variant="default" onClick={() => onChange(null)}>
          Remove this role
        </Button>
      </Group>
    </Stack>
  );
}

function Asking({
  kind,
  name,
  eligible,
  roles,
  onChange,
}: {
  kind: keyof typeof KINDS;
  name: string;
  eligible: Eligible | undefined;
  roles: readonly string[];
  onChange: (next: Eligible | null) => void;
}) {
  const catalog = useCatalog();
  const needed = kind === 'jit' ? 1 : 0;
  const first = { clearUpTo: 'personal', purposes: [], maxMinutes: 60, maxReads: 50, approvers: [], needed } as const;
  const set = (change: Partial<Eligible>): void => onChange({ ...(eligible ?? first), ...change });
  const approvers = kind === 'jit' ? 'Approved by' : 'Reviewed by';
  return (
    <Fieldset legend={KINDS[kind]}>
      <Switch
        label={kind === 'jit' ? `${name} may ask for it` : `${name} is on call and may break glass`}
        checked={eligible !== undefined}
        onChange={({ currentTarget: { checked } }) => onChange(checked ? first : null)}
      />
      {eligible !== undefined && (
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} mt="sm">
          <Select
            label="Up to"
            data={[...CLASSES]}
            value={eligible.clearUpTo}
            onChange={(next) => set({ clearUpTo: next ?? eligible.clearUpTo })}
            allowDeselect={false}
          />
          <MultiSelect
            label="For these purposes"
            description="And those below them"
            data={[...new Set([...eligible.purposes, ...(catalog.data?.purposes.map(({ id }) => id) ?? [])])]}
            value={[...eligible.purposes]}
            onChange={(purposes) => set({ purposes })}
            searchable
          />
          <MultiSelect
            label={approvers}
            data={[...roles]}
            value={[...eligible.approvers]}
            onChange={(next) => set({ approvers: next })}
            searchable
          />
          <NumberInput
            label="Minutes at most"
            min={1}
            max={kind === 'jit' ? 480 : 60}
            value={eligible.maxMinutes}
            onChange={(next) => set({ maxMinutes: Number(next) })}
          />
          <NumberInput
            label="Reads at most"
            min={1}
            value={eligible.maxReads}
            onChange={(next) => set({ maxReads: Number(next) })}
          />
          {kind === 'jit' && (
            <NumberInput
              label="How many approve"
              min={1}
              max={10}
              value={eligible.needed}
              onChange={(next) => set({ needed: Number(next) })}
            />
          )}
        </SimpleGrid>
      )}
    </Fieldset>
  );
}

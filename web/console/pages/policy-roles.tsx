/** The roles of a document: whom each belongs to, what it never shows, what it has of others, what it may ask for. */
import { Accordion, Badge, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import type { PolicyDocument } from '@strongroom/sdk';
import { useState } from 'react';

import { roleChanges, type Role } from '../role-changes.ts';
import { RoleForm } from './role-form.tsx';
import { RoleSheet } from './role-sheet.tsx';

const NEW: Omit<Role, 'owner'> = { says: '', clearUpTo: null, includes: [] };

export function Roles({
  id,
  document,
  before,
  onChange,
}: {
  id: string;
  document: PolicyDocument;
  before: PolicyDocument;
  /** Null: to read only. */
  onChange: ((next: PolicyDocument) => void) | null;
}) {
  const [name, setName] = useState('');
  const { roles } = document;
  const changed = new Set(roleChanges(before.roles, roles).map(({ role }) => role));
  const gone = Object.keys(before.roles).filter((each) => !Object.hasOwn(roles, each));
  const set = (role: string, next: Role | null): void => {
    const { [role]: _, ...others } = roles;
    // where it stood, so that the list does not jump under the hand
    const order = Object.entries(roles).map(([each, old]) => [each, each === role ? (next ?? old) : old] as const);
    const kept = next === null ? others : { ...Object.fromEntries(order), [role]: next };
    onChange?.({ ...document, roles: kept });
  };
  return (
    <Stack>
      <Text size="sm">
        Policies say what a role may do; here is what it is, and what it may never do.
        {onChange === null && ' Your role reads it.'}
      </Text>
      <Accordion variant="contained" multiple keepMounted={false}>
        {Object.entries(roles).map(([each, role]) => (
          <Accordion.Item key={each} value={each}>
            <Accordion.Control>
              <Group gap="xs">
                <Text fw={600}>{each}</Text>
                <Badge variant="light" color={role.clearUpTo === null ? 'gray' : 'orange'}>
                  {role.clearUpTo === null ? 'nothing in clear' : `clear up to ${role.clearUpTo}`}
                </Badge>
                {changed.has(each) && <Badge color="orange">changed</Badge>}
              </Group>
              <Text size="sm" c="dimmed">
                {role.says}
              </Text>
            </Accordion.Control>
            <Accordion.Panel>
              <Stack>
                {onChange !== null && (
                  <RoleForm
                    name={each}
                    role={role}
                    others={Object.keys(roles).filter((one) => one !== each)}
                    onChange={(next) => set(each, next)}
                  />
                )}
                <RoleSheet id={id} name={each} document={before} role={role} />
              </Stack>
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
      {gone.map((each) => (
        <Group key={each}>
          <Text size="sm">{each} is taken out.</Text>
          <Button size="compact-sm" variant="default" onClick={() => set(each, before.roles[each] as Role)}>
            Put {each} back
          </Button>
        </Group>
      ))}
      {onChange !== null && (
        <Group align="flex-end">
          <TextInput
            label="Name of a new role"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={50}
          />
          <Button
            variant="default"
            disabled={!/^[a-z][a-z0-9-]*$/.test(name) || Object.hasOwn(roles, name)}
            onClick={() => {
              set(name, {
                ...NEW,
                owner: Object.hasOwn(roles, 'security') ? 'security' : (Object.keys(roles)[0] ?? ''),
              });
              setName('');
            }}
          >
            Add a role
          </Button>
        </Group>
      )}
    </Stack>
  );
}

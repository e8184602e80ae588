/** What is held beside what is asked for, masked first: each field is agreed to or not. */
import { Button, Checkbox, Group, Stack, Table, Text } from '@mantine/core';
import type { PrivacyRequestHistory } from '@strongroom/sdk';

import { Wide } from '../../ui/wide.tsx';
import { useCatalog } from '../session.ts';

type Beside = NonNullable<PrivacyRequestHistory['beside']>[number];
export const placeOf = ({ record, field }: Pick<Beside, 'record' | 'field'>): string => `${record}/${field}`;

function Shown({ state, of }: { state: string; of: Beside['held'] }) {
  if (state === 'gone' && of === null) return <Text size="sm">not held any more</Text>;
  const value = of?.value ?? of?.masked;
  if (value === undefined) return <Text size="sm">not for this role</Text>;
  return (
    <Text size="sm" className={of?.value === undefined ? 'masked wrap' : 'wrap'}>
      {typeof value === 'string' ? value : JSON.stringify(value)}
    </Text>
  );
}

export function CorrectionTable({
  beside,
  agreed,
  onAgreed,
  onShow,
  showing,
}: {
  beside: readonly Beside[];
  agreed: readonly string[];
  onAgreed: (agreed: readonly string[]) => void;
  /** Null: they are shown as far as they may be. */
  onShow: (() => void) | null;
  showing: boolean;
}) {
  const catalog = useCatalog();
  const areSeveral = new Set(beside.map(({ collection }) => collection)).size > 1;
  const named = ({ collection, field }: Beside): string => {
    const spec = catalog.data?.collections.find(({ name }) => name === collection);
    const title = spec?.fields.find(({ name }) => name === field)?.title ?? field;
    return areSeveral ? `${spec?.title ?? collection}: ${title}` : title;
  };
  const toggle = (place: string, on: boolean): void =>
    onAgreed(on ? [...agreed, place] : agreed.filter((each) => each !== place));
  return (
    <Stack gap="xs">
      <Wide label="fields to be corrected" minWidth={260} stacks>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Correct it</Table.Th>
              <Table.Th>Is held</Table.Th>
              <Table.Th>Should be</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {beside.map((one) => (
              <Table.Tr key={placeOf(one)}>
                <Table.Th scope="row" fw={500}>
                  <Checkbox
                    label={named(one)}
                    checked={agreed.includes(placeOf(one))}
                    onChange={(event) => toggle(placeOf(one), event.currentTarget.checked)}
                  />
                </Table.Th>
                <Table.Td>
                  <Shown state={one.state} of={one.held} />
                </Table.Td>
                <Table.Td>
                  <Shown state={one.state} of={one.asked} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
      {onShow !== null && (
        <Group>
          <Button size="compact-sm" variant="default" loading={showing} onClick={onShow}>
            Show the values
          </Button>
          <Text size="sm">It is in the log, and the customer sees that you looked.</Text>
        </Group>
      )}
    </Stack>
  );
}

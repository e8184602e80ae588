/** Find customers. What is asked for never becomes part of an address, and every search is an entry of the log. */
import {
  Alert,
  Anchor,
  Button,
  Card,
  Group,
  List,
  Select,
  SimpleGrid,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';

import { textOf } from '../../ui/form.ts';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { PLACES } from '../places.ts';
import { room } from '../room.ts';
import { useCatalog, useWhoAmI } from '../session.ts';
import { LearnFirst, shutBy, useTraining } from '../training-due.tsx';
import { Value } from './value.tsx';

type Ask = Readonly<{ collection: string; field: string; how: string; term: string; purpose: string; cursor?: string }>;
const HOWS: Readonly<Record<string, string>> = {
  exact: 'is',
  prefix: 'begins with',
  month: 'is in the month (2026-11)',
};

/** What a system is set up by, in the order in which it is done. */
const STEPS = [
  { to: '/catalogue', label: 'Look at the catalogue', why: 'it says what is held of a customer, what for and how long' },
  { to: '/people', label: 'Invite people', why: 'whoever answers customers signs in with a role of their own' },
  { to: '/keys', label: 'Make a key for an application', why: 'it puts customers in and reads them, for the purposes you name' },
  { to: '/backups', label: 'Set up backups', why: 'until somebody is trusted to open them, none is made' },
  { to: '/assurance', label: 'See what is proven', why: 'each promise with its newest test' },
] as const; // prettier-ignore

function Steps({ actions }: { actions: readonly string[] }) {
  const open = new Set(PLACES.flatMap(({ to, action }) => (action !== null && actions.includes(action) ? [to] : [])));
  const mine = STEPS.filter(({ to }) => open.has(to));
  if (mine.length === 0) return null;
  return (
    <Card withBorder>
      <Title order={2} size="h4" mb="xs">
        What your role does instead
      </Title>
      <List size="sm" spacing="xs">
        {mine.map(({ to, label, why }) => (
          <List.Item key={to}>
            <Anchor component={Link} to={to} size="sm" underline="always">
              {label}
            </Anchor>
            : {why}.
          </List.Item>
        ))}
      </List>
    </Card>
  );
}

export function CustomersPage() {
  const [catalog, who, training] = [useCatalog(), useWhoAmI(), useTraining()];
  const [asked, setAsked] = useState<Ask | null>(null);
  const search = useMutation({
    mutationFn: ({ collection, field, how, term, purpose, cursor }: Ask) =>
      room.search.page(
        {
          collection,
          where: { [field]: how === 'exact' ? term : { [how]: term } },
          limit: 20,
          show: 'masked',
          ...(cursor === undefined ? {} : { cursor }),
        },
        { purpose },
      ),
  });
  if (catalog.isPending || who.isPending) return <Fetching what="the catalogue" />;
  if (catalog.isError || who.isError) return <Problem error={catalog.error ?? who.error} />;
  const { collections, purposes } = catalog.data;
  const mine = purposes.filter(({ id }) => who.data.purposes.includes(id));
  const shut = training.data === undefined ? [] : shutBy(training.data);
  const ask = (next: Ask): void => {
    setAsked(next);
    search.mutate(next);
  };
  return (
    <Stack>
      <Title order={1} size="h2">
        Customers
      </Title>
      {shut.length > 0 ? (
        <LearnFirst lacks={shut} />
      ) : !who.data.actions.includes('records.search') || mine.length === 0 ? (
        <>
          <Alert icon={<IconLock aria-hidden />} title={`The role ${who.data.role} does not search customers`}>
            Some roles, administrators and custodians among them, are kept from customers on purpose. Act in another of
            your roles, or ask for one.
          </Alert>
          <Steps actions={who.data.actions} />
        </>
      ) : (
        <SearchForm collections={collections} purposes={mine} onAsk={ask} busy={search.isPending} />
      )}
      {search.isError && <Problem error={search.error} />}
      {search.isIdle && mine.length > 0 && shut.length === 0 && (
        <Empty title="Search for a customer">
          Results are shown masked. Open one to reveal a field, for a purpose and with a reason.
        </Empty>
      )}
      {search.data !== undefined && asked !== null && (
        <Card withBorder padding="sm">
          {search.data.records.length === 0 ? (
            <Empty title="Nobody was found">Check the spelling, or search by another field.</Empty>
          ) : (
            <Wide label="customers that were found" minWidth={360} stacks>
              <Table highlightOnHover>
                <Table.Caption>
                  {search.data.records.length} found; entry {search.data.auditIndex} of the audit log
                </Table.Caption>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Customer</Table.Th>
                    <Table.Th>What is known</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {search.data.records.map((record) => (
                    <Table.Tr key={record.id}>
                      <Table.Th scope="row" fw={500}>
                        <Group gap="xs">
                          <Button component={Link} size="compact-sm" variant="light" to={`/customers/${record.id}`}>
                            Open
                          </Button>
                          <Text size="sm" ff="monospace">
                            …{record.id.slice(-8)}
                          </Text>
                        </Group>
                      </Table.Th>
                      <Table.Td>
                        <Group gap="sm">
                          {Object.entries(record.fields)
                            .filter(([, field]) => field.state !== 'denied')
                            .slice(0, 4)
                            .map(([name, field]) => (
                              <Value key={name} field={field} />
                            ))}
                        </Group>
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Wide>
          )}
          {search.data.cursor !== undefined && (
            <Button mt="sm" variant="default" onClick={() => ask({ ...asked, cursor: search.data.cursor as string })}>
              Next page
            </Button>
          )}
        </Card>
      )}
    </Stack>
  );
}

type Catalog = NonNullable<ReturnType<typeof useCatalog>['data']>;

function SearchForm({
  collections,
  purposes,
  onAsk,
  busy,
}: {
  collections: Catalog['collections'];
  purposes: Catalog['purposes'];
  onAsk: (ask: Ask) => void;
  busy: boolean;
}) {
  const [name, setName] = useState(collections[0]?.name ?? '');
  const [purpose, setPurpose] = useState(purposes.find(({ id }) => id.includes('.'))?.id ?? purposes[0]?.id ?? '');
  const fields = (collections.find((one) => one.name === name)?.fields ?? []).filter((one) => one.search.length > 0);
  const [chosen, setField] = useState('');
  const field = fields.find((one) => one.name === chosen) ?? fields[0];
  const [wanted, setHow] = useState('exact');
  const how = field?.search.includes(wanted) === true ? wanted : (field?.search[0] ?? 'exact');
  const send = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const term = textOf(new FormData(event.currentTarget), 'term').trim();
    if (field !== undefined && term !== '') onAsk({ collection: name, field: field.name, how, term, purpose });
  };
  const only = { allowDeselect: false, checkIconPosition: 'right' } as const;
  return (
    <Card withBorder component="section" aria-label="search">
      <form onSubmit={send} autoComplete="off">
        <SimpleGrid cols={{ base: 1, sm: 2, xl: collections.length > 1 ? 3 : 4 }} spacing="sm">
          {collections.length > 1 && (
            <Select
              {...only}
              label="Collection"
              data={collections.map((one) => ({ value: one.name, label: one.title }))}
              value={name}
              onChange={(next) => setName(next ?? name)}
            />
          )}
          <Select
            {...only}
            label="Field"
            data={fields.map((one) => ({ value: one.name, label: one.title }))}
            value={field?.name ?? null}
            onChange={(next) => setField(next ?? '')}
          />
          <Select
            {...only}
            label="How"
            data={(field?.search ?? []).map((kind) => ({ value: kind, label: HOWS[kind] ?? kind }))}
            value={how}
            onChange={(next) => setHow(next ?? 'exact')}
          />
          <TextInput name="term" label="What" required />
          <Select
            {...only}
            label="Purpose"
            data={purposes.map((one) => ({ value: one.id, label: one.title }))}
            value={purpose}
            onChange={(next) => setPurpose(next ?? purpose)}
          />
        </SimpleGrid>
        <Group mt="sm" justify="flex-end">
          <Button type="submit" loading={busy}>
            Search
          </Button>
        </Group>
      </form>
    </Card>
  );
}

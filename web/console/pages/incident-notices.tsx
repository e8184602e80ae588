/** Drafts of what is told: to the authority, and to those concerned. A person reads, changes and sends them. */
import { Alert, Anchor, Button, Card, CopyButton, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import type { AuthorityNotice, SubjectNotices } from '@strongroom/sdk';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { counted } from '../../ui/listed.tsx';
import { Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { timesIn } from '../when.tsx';
import { kindOf } from './incident-parts.tsx';
import { CustomerNamed } from './traffic-customer.tsx';

const UNNAMED = 'Not named yet: whoever runs the server sets STRONGROOM_CONTROLLER and STRONGROOM_CONTROLLER_CONTACT';

const asFile = (type: string, text: string): string => `data:${type};charset=utf-8,${encodeURIComponent(text)}`;

export function AuthorityDraft({ id }: { id: string }) {
  const draft = useMutation({ mutationFn: () => room.incidents.authorityNotice(id) });
  return (
    <Stack gap="xs">
      <Button
        w="fit-content"
        variant="light"
        size="compact-sm"
        loading={draft.isPending}
        onClick={() => draft.mutate()}
      >
        Draft the notice to the authority
      </Button>
      {draft.isError && <Problem error={draft.error} />}
      {draft.data !== undefined && <Draft of={draft.data} />}
    </Stack>
  );
}

function Draft({ of }: { of: AuthorityNotice }) {
  const rows: readonly (readonly [string, string])[] = [
    ['Who tells', [of.controller, of.contact].filter((each) => each !== null).join(', ') || UNNAMED],
    ['What happened', `${kindOf(of.nature.kind)}; classes: ${of.nature.classes.join(', ') || 'none known'}`],
    ['Whom it concerns', `about ${counted(of.subjects.approximately, 'person', 'people')}: ${of.subjects.inClear} in clear, ${of.subjects.maskedOnly} masked only${of.subjects.upToMore > 0 ? `, up to ${of.subjects.upToMore} more` : ''}; ${counted(of.entries, 'entry', 'entries')} of the log`],
    ['What it may lead to', of.consequences.join('; ') || 'to be written'],
    ['What was done', timesIn(of.measures.join('; ')) || 'nothing is noted as done yet'],
    ['What is not known yet', timesIn(of.unknown.join('; '))],
  ];
  return (
    <Alert variant="light" title={`Draft, ${of.law}`} role="status">
      {of.late && (
        <Text size="sm" fw={600}>
          It is late: say why (art. 33(1)).
        </Text>
      )}
      <Stack component="dl" gap="xs" m={0} mb="xs">
        {rows.map(([what, says]) => (
          <div key={what}>
            <Text component="dt" size="sm" fw={600}>
              {what}
            </Text>
            <Text component="dd" size="sm" m={0} className="wrap">
              {says}
            </Text>
          </div>
        ))}
      </Stack>
      <Anchor underline="always" size="sm" href={asFile('application/json', JSON.stringify(of, null, 2))} download={`${of.reference}-authority.json`}>
        Download it (JSON)
      </Anchor>
    </Alert>
  );
} // prettier-ignore

/** A letter that does not say from whom it is, or whom to ask, is not sent as it is: art. 34(2) with 33(3)(b). */
function Unnamed({ name, contact }: SubjectNotices['controller']) {
  if (name !== null && contact !== null) return null;
  const lacks = [name === null ? 'who writes' : '', contact === null ? 'whom to ask' : ''].filter((each) => each !== '');
  const set = [name === null ? 'STRONGROOM_CONTROLLER' : '', contact === null ? 'STRONGROOM_CONTROLLER_CONTACT' : ''].filter((each) => each !== '');
  return (
    <Alert color="orange" title={`These letters do not say ${lacks.join(' or ')}`}>
      Whoever runs the server sets {set.join(' and ')}, and starts it again; or write it in before you send them.
    </Alert>
  );
} // prettier-ignore

const MOST = 10;

export function SubjectDrafts({ incident, scope }: { incident: string; scope: string }) {
  const [language, setLanguage] = useState<'en' | 'de'>('en');
  const [after, setAfter] = useState<string | null>(null);
  const found = useQuery({
    queryKey: ['incidents', 'letters', scope, language, after],
    queryFn: () => room.incidents.subjectNotices(incident, scope, { language, limit: MOST, ...(after === null ? {} : { after }) }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  }); // prettier-ignore
  const next = found.data?.next ?? null;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <SegmentedControl
          size="xs"
          aria-label="language of the letters"
          value={language}
          onChange={setLanguage}
          data={[
            { value: 'en', label: 'English' },
            { value: 'de', label: 'Deutsch' },
          ]}
        />
        <Text size="sm">Nothing is sent from here.</Text>
      </Group>
      {found.isPending && <Fetching what="letters" />}
      {found.isError && <Problem error={found.error} />}
      {found.data?.drafts.length === 0 && (
        <Text size="sm">Nobody who could be told: who was found was erased since.</Text>
      )}
      {found.data !== undefined && found.data.drafts.length > 0 && <Unnamed {...found.data.controller} />}
      {found.data?.drafts.map(({ subject, text }) => (
        <Card key={subject} withBorder padding="sm" role="group" aria-label={`letter to ${subject}`}>
          <Group justify="space-between" mb="xs">
            <CustomerNamed id={subject} />
            <CopyButton value={text}>
              {({ copied, copy }) => (
                <Button size="compact-sm" variant="default" onClick={copy}>
                  {copied ? 'Copied' : 'Copy the letter'}
                </Button>
              )}
            </CopyButton>
          </Group>
          <Text size="sm" component="pre" className="wrap" ff="text" m={0} lang={language}>
            {text}
          </Text>
        </Card>
      ))}
      {(after !== null || next !== null) && (
        <Group gap="xs">
          <Button size="compact-sm" variant="default" disabled={next === null} onClick={() => setAfter(next)}>
            More letters
          </Button>
        </Group>
      )}
    </Stack>
  );
}

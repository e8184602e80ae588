/** For everybody who works here: say what happened, in a minute; thanked with a number to ask by. */
import { Alert, Anchor, Button, Card, Select, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';

import { instantOf, localOf } from '../../ui/local-time.ts';
import { Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { kindOf, KINDS, type Kind } from './incident-parts.tsx';
import { ReportAbout, useReportable, type About } from './report-about.tsx';

export function ReportIncident() {
  const queries = useQueryClient();
  const mayRead = useWhoAmI().data?.actions.includes('incidents.read') === true;
  const [what, setWhat] = useState('');
  const [kind, setKind] = useState<Kind>('other');
  const [at, setAt] = useState('');
  const [about, setAbout] = useState<About>(undefined);
  const unsaid = useReportable() !== null && about === undefined;
  const report = useMutation({
    mutationFn: () => room.incidents.report({ what: what.trim(), kind, ...(at === '' ? {} : { happenedAt: instantOf(at) }), ...(about === undefined || about === null ? {} : { exercise: about }) }),
    onSuccess: () => {
      setWhat('');
      return queries.invalidateQueries({ queryKey: ['incidents', 'list'] });
    },
  }); // prettier-ignore
  const send = (event: FormEvent): void => {
    event.preventDefault();
    report.mutate();
  };
  return (
    <Card withBorder component="form" onSubmit={send} aria-label="something that happened">
      <Stack>
        <Title order={2} size="h4">
          Something that happened
        </Title>
        <Text>
          A lost phone, a mail to the wrong person, a file where it should not be: say it, you need not be sure. The
          sooner it is known, the less comes of it. Nothing is held against whoever reports, even when it was their own
          mistake.
        </Text>
        <ReportAbout about={about} onChange={setAbout} asks="which line" />
        <Select
          label="What it is most like"
          allowDeselect={false}
          openOnFocus={false}
          data={Object.keys(KINDS).map((value) => ({ value, label: kindOf(value) }))}
          value={kind}
          onChange={(next) => setKind((next ?? kind) as Kind)}
        />
        <Textarea
          label="What happened"
          description="No passwords; names only where they are needed"
          required
          autosize
          minRows={3}
          maxLength={10_000}
          value={what}
          onChange={(event) => setWhat(event.currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          label="When, if you know"
          max={localOf(new Date())}
          value={at}
          onChange={(event) => setAt(event.currentTarget.value)}
        />
        <Button type="submit" loading={report.isPending} disabled={what.trim() === '' || unsaid}>
          Report it
        </Button>
        {report.isSuccess && report.data.receipt === 'EXERCISE' && (
          <Alert color="teal" title={report.data.says} role="status" />
        )}
        {report.isSuccess && report.data.receipt !== 'EXERCISE' && (
          <Alert color="teal" title={report.data.says} role="status">
            Security and the data protection officer have it now.{' '}
            {mayRead && (
              <Anchor underline="always" component={Link} to={`/incidents/${report.data.id}`}>
                Open the incident
              </Anchor>
            )}
          </Alert>
        )}
        {report.isError && <Problem error={report.error} />}
      </Stack>
    </Card>
  );
}

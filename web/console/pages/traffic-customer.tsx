/** A customer by the id of their subject, in a list of whom something concerns. */
import { Anchor, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';

import { Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';

/** A subject has records, and those have pages: which ones is asked only when somebody wants to go there. */
export function Customer({ id, says = id }: { id: string; says?: string }) {
  const navigate = useNavigate();
  const go = useMutation({
    mutationFn: () => room.subjects.get(id),
    onSuccess: async ({ records: [first] }) => {
      if (first !== undefined) await navigate({ to: `/customers/${first}` });
    },
  });
  return (
    <div>
      <Anchor
        component="button"
        type="button"
        size="sm"
        className="mono wrap"
        ta="start"
        title={id}
        onClick={() => go.mutate()}
      >
        {says}
      </Anchor>
      {go.isError && <Problem error={go.error} />}
      {go.data?.records.length === 0 && <Text size="sm">This customer has no record any more.</Text>}
    </div>
  );
}

/** The end of their id, as tables have room for; a link for a role that reads customers. */
export function CustomerNamed({ id }: { id: string }) {
  const mayRead = useWhoAmI().data?.actions.includes('records.read') === true;
  const says = `Customer …${id.slice(-8)}`;
  if (mayRead) return <Customer id={id} says={says} />;
  return (
    <Text size="sm" className="mono" title={id}>
      {says}
    </Text>
  );
}

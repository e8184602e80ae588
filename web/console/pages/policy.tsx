/** One version of the policies: roles and texts, edited into a draft; what a change would change; approve, activate. */
import { Stack, Tabs } from '@mantine/core';
import type { PolicyDocument } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { VersionHead } from '../versions.tsx';
import { MatrixTable } from './matrix-table.tsx';
import { Changes } from './policy-changes.tsx';
import { Draft } from './policy-draft.tsx';
import { Roles } from './policy-roles.tsx';
import { Texts } from './policy-texts.tsx';

export function PolicyPage({ version, tab }: { version: string; tab?: 'roles' }) {
  const who = useWhoAmI();
  const policy = useQuery({ queryKey: ['policy', version], queryFn: () => room.policies.get(version) });
  const [edited, setEdited] = useState<PolicyDocument | null>(null);
  if (policy.isPending) return <Fetching what="the policies" />;
  if (policy.isError) return <Problem error={policy.error} />;
  const { id, state, document } = policy.data;
  const draft = edited ?? document;
  const proposes = who.data?.actions.includes('policies.propose') === true;
  const onChange = proposes ? setEdited : null;
  const isDecided = state === 'active' || state === 'retired';
  return (
    <Stack>
      <VersionHead
        version={policy.data}
        back={{ to: '/policies', title: 'Policies' }}
        {...(tab === 'roles' ? { title: 'Roles' } : {})}
        waits="validated"
        says="It decides from the next request on, on every server. What it changes is listed below."
        approveIt={room.policies.approve}
        activateIt={room.policies.activate}
      />
      <Tabs defaultValue={tab ?? (isDecided ? 'matrix' : 'changes')} keepMounted={false}>
        <Tabs.List mb="sm">
          {!isDecided && <Tabs.Tab value="changes">What it changes</Tabs.Tab>}
          <Tabs.Tab value="roles">Roles</Tabs.Tab>
          <Tabs.Tab value="matrix">Who sees what</Tabs.Tab>
          <Tabs.Tab value="texts">Policies</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="changes">
          <Changes id={id} document={document} />
        </Tabs.Panel>
        <Tabs.Panel value="roles">
          <Roles id={id} document={draft} before={document} onChange={onChange} />
        </Tabs.Panel>
        <Tabs.Panel value="matrix">
          <MatrixTable id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="texts">
          <Texts document={draft} before={document} onChange={onChange} />
        </Tabs.Panel>
      </Tabs>
      {edited !== null && <Draft document={edited} before={document} onDiscard={() => setEdited(null)} />}
    </Stack>
  );
}

/** Forms in which the community writes rules, of which Sigma's specification says little. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { createSigma, readRules } from './index.ts';

describe('forms in which the community writes rules', () => {
  /** Each is of our own making; the form is one that rules elsewhere have. */
  const forms: Readonly<Record<string, string>> = {
    'a selection named as a member of the rule is, comments behind values, dates with slashes, members that only people read': `title: T
id: f-1
related:
    - id: f-0
      type: obsoletes
status: test
date: 2022/06/04
modified: 2021-01-19
logsource: {category: proxy, definition: 'proxies must log the host'}
detection:
    selection:
        c-useragent|startswith: 'Fetcher/' # of our own
    falsepositives:
        - c-useragent: 'Fetcher/1 * test'
        - cs-host|endswith: # known ones
            - '.example.org'
    condition: selection and not falsepositives
fields: [ClientIP, c-uri]
level: high
`,
    'keywords beside a selection, and none of several filters': `title: T
id: f-2
logsource: {category: webserver}
detection:
    select_method: {cs-method: GET}
    keywords: ['=choose ', "'1'='1", 'choose * ', '%24%7B%23']
    filter_status: {sc-status: 404}
    condition: select_method and keywords and not 1 of filter*
level: high
`,
    'brackets, and what follows not': `title: T
id: f-3
logsource: {category: firewall}
detection:
    selection_a: {dst_port|gt: 1000}
    selection_b: {dst_port: [22, '23']}
    filter_c: {dst_ip|cidr: ['10.0.0.0/8', 'fe80::/10', '::1/128']}
    condition: (1 of selection_*) and not (filter_c)
level: low
`,
    'a backslash before a question mark, two before an x, one before a letter': `title: T
id: f-4
logsource: {category: webserver}
detection:
    selection:
        cs-uri-query|endswith: ['\\?manifest=1', '\\\\x00']
        cs-uri-stem|contains|all: ['\\', '\\SHARE$']
    condition: selection
level: low
`,
  };

  test('are read without a word, and run', () => {
    for (const [name, text] of Object.entries(forms)) {
      const { rules, faults } = readRules([{ name: 'r.yml', text }]);
      assert.deepEqual(faults, [], name);
      assert.equal(createSigma({ rules, most: 10 }).states()[0]?.state, 'running', name);
    }
  });

  test('that nothing here can answer are idle, suspended or refused, each with a reason', () => {
    const stateOf = (text: string): string => {
      const { rules, faults } = readRules([{ name: 'r.yml', text }]);
      const [state] = rules.length === 0 ? [] : createSigma({ rules, most: 10 }).states();
      return state === undefined ? `refused: ${faults.map(({ says }) => says).join('; ')}` : `${state.state}: ${state.because}`;
    };
    const head = 'title: T\nid: f-9\nlevel: low\n';
    assert.equal(stateOf(`${head}logsource: {product: zeek, service: rdp}\ndetection: {s: {id.orig_h|cidr: 10.0.0.0/8}, condition: not s}\n`), 'idle: no sensor makes events of zeek/rdp');
    assert.equal(stateOf(`${head}logsource: {product: zeek, service: dns}\ndetection: {unset: {Z: 0}, named: {query|contains: '.'}, condition: not unset and named}\n`), 'suspended: it matches 3 of 3 events of an ordinary day');
    assert.equal(stateOf(`${head}logsource: {category: firewall}\ndetection: {s: {action: denied}, timeframe: 24h, condition: s | count(dst_ip) by src_ip > 10}\n`), 'refused: timeframe belongs to a form that is no longer part of Sigma; the condition aggregates with |');
  }); // prettier-ignore
});

// The customers of a shop move out of its own orders and into Strongroom. What stays is a subject's id and a token in
// place of the phone number, which other systems may keep. Run twice it stores nobody twice: `key` names each call.
// Usage: node move-in.mjs <orders.json> <orders-moved.json>, with STRONGROOM_URL and STRONGROOM_KEY set
import { readFile, writeFile } from 'node:fs/promises';

import { createStrongroom } from '@strongroom/sdk';

const [from, to] = process.argv.slice(2);
const room = createStrongroom({
  url: process.env.STRONGROOM_URL ?? 'http://127.0.0.1:7700',
  key: process.env.STRONGROOM_KEY,
  purpose: 'service.support',
});

const orders = JSON.parse(await readFile(from, 'utf8'));
const moved = new Map();
for (const { customer } of orders) {
  const { number, ...fields } = customer;
  if (moved.has(number)) continue;
  const stored = await room.records.create(
    { collection: 'customer', subject: { externalId: `shop:${number}` }, fields },
    { idempotencyKey: `quick-start-${number}` },
  );
  const { token } = await room.tokens.create({ recordId: stored.id, field: 'phone', kind: 'format' });
  moved.set(number, { record: stored.id, phone: token });
}
await writeFile(to, JSON.stringify(orders.map(({ customer, ...order }) => ({ ...order, customer: moved.get(customer.number) })), null, 2)); // prettier-ignore
console.log(`${moved.size} customers moved; ${orders.length} orders keep an id and a token`);

// What the shop's page of one order does now: the order is its own, the customer is asked for, for a purpose, and what this
// key may not see does not come. Usage: node answer.mjs <orders-moved.json> <order>
import { readFile } from 'node:fs/promises';

import { createStrongroom, isProblem } from '@strongroom/sdk';

const [file, number] = process.argv.slice(2);
const room = createStrongroom({
  url: process.env.STRONGROOM_URL ?? 'http://127.0.0.1:7700',
  key: process.env.STRONGROOM_KEY,
  purpose: 'service.support',
});

const order = JSON.parse(await readFile(file, 'utf8')).find((each) => each.order === Number(number));
if (order === undefined) throw new Error(`there is no order ${number}`);
try {
  const { fields } = await room.records.get(order.customer.record, { fields: ['first_name', 'last_name', 'phone'] });
  const shown = ({ state, value, masked }) =>
    state === 'clear' ? value : state === 'masked' ? masked : '(not for this key)';
  console.log(`order ${order.order}, ${order.item}: ${shown(fields.first_name)} ${shown(fields.last_name)}, ${shown(fields.phone)}`); // prettier-ignore
} catch (thrown) {
  // who was forgotten is gone here too: the order stays, and nobody's name is in it
  if (!isProblem(thrown, 'VAULT_NOT_FOUND')) throw thrown;
  console.log(`order ${order.order}, ${order.item}: a customer who asked to be forgotten`);
}

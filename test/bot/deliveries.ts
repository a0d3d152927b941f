/** Deliveries that tests make up. */
import { deliveryOf, type Delivery } from '../../src/bot/delivery.ts';

let count = 0;

export interface Wish {
  readonly id?: string;
  readonly installation?: number;
  readonly pull?: number;
  readonly repository?: number;
  readonly text?: string;
}

export function newDelivery(wish: Wish = {}): Delivery {
  count += 1;
  const { id = `delivery-${count}`, installation = 1, pull = 1, repository = 1, text = '' } = wish;
  const payload = {
    action: 'synchronize',
    installation: { id: installation },
    repository: { id: repository, full_name: `acme/app-${repository}` },
    pull_request: { number: pull, title: text },
  };
  return deliveryOf(id, 'pull_request', payload, Date.now());
}

/** Does everybody who has a role still need it? Its owner says so, holder by holder. */
import type { Review, ReviewBundle, ReviewChoice, ReviewItems } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Reviews = {
  begin: (
    review: Readonly<{ role: string; days: number; onOverdue?: 'suspend' | 'alert' }>,
    options?: CallOptions,
  ) => Promise<Review>;
  list: (options?: CallOptions) => Promise<Readonly<{ reviews: readonly Review[] }>>;
  get: (id: string, options?: CallOptions) => Promise<ReviewItems>;
  /** One holder at a time where the role sees customers in clear. */
  decide: (id: string, choice: ReviewChoice, options?: CallOptions) => Promise<ReviewItems>;
  /** More time, once, by somebody whose role does not decide in it. */
  extend: (id: string, more: Readonly<{ days: number; reason: string }>, options?: CallOptions) => Promise<Review>;
  close: (id: string, options?: CallOptions) => Promise<Review>;
  bundle: (id: string, options?: CallOptions) => Promise<ReviewBundle>;
};

export function createReviews({ json }: Transport): Reviews {
  const path = '/v1/access/reviews';
  const of = (id: string): string => `${path}/${encodeURIComponent(id)}`;
  return {
    begin: (review, options) => json({ method: 'POST', path, json: review, does: 'change' }, options),
    list: (options) => json({ method: 'GET', path, does: 'read' }, options),
    get: (id, options) => json({ method: 'GET', path: of(id), does: 'read' }, options),
    decide: (id, choice, options) =>
      json({ method: 'POST', path: `${of(id)}/decide`, json: choice, does: 'change' }, options),
    extend: (id, more, options) =>
      json({ method: 'POST', path: `${of(id)}/extend`, json: more, does: 'change' }, options),
    close: (id, options) => json({ method: 'POST', path: `${of(id)}/close`, does: 'change' }, options),
    bundle: (id, options) => json({ method: 'GET', path: `${of(id)}/bundle`, does: 'read' }, options),
  };
}

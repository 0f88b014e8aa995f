// The coupons that the viewer has.

import type { Claim } from '@hawker/shop';
import { h } from '../dom';
import { wordsOf, type ShopContext } from './context';
import { emptyNote, loading, waiting } from './parts';
import type { Leaf } from './sheet';
import { ticket } from './ticket';

export function couponsLeaf(context: ShopContext): Leaf {
  const { model } = context;
  return {
    title: () => wordsOf(context).coupons,
    draw(life) {
      const w = wordsOf(context);
      const list = h('div', { class: 'shop-body tickets' }, waiting(context));
      let asked = false;
      life.watch(model.store, ['claims'], ({ claims }) => {
        if (claims.length > 0) list.replaceChildren(...[...claims].sort(byUse).map((claim) => claimTicket(context, claim)));
        else if (asked) list.replaceChildren(emptyNote('ticket', w.noClaims, w.noClaimsText));
      });
      loading(context, life, async () => {
        asked = true;
        await model.loadClaims();
      }, list);
      return [list];
    },
  };
}

const ORDER: readonly Claim['state'][] = ['held', 'reserved', 'used'];

function byUse(one: Claim, other: Claim): number {
  return ORDER.indexOf(one.state) - ORDER.indexOf(other.state) || other.at - one.at;
}

function claimTicket(context: ShopContext, claim: Claim): HTMLElement {
  const w = wordsOf(context);
  const { startsAt, endsAt } = claim.coupon;
  const now = context.model.now();
  const good = claim.state === 'held' && startsAt <= now && now < endsAt;
  const state = claim.state === 'held' && !good ? w.unfit.not_now : w.claimState[claim.state];
  const end = good
    ? h('button', { class: 'ticket-claim', type: 'button', onclick: () => context.open({ place: 'shelf' }) }, w.use)
    : h('span', { class: 'ticket-mine' }, state);
  return ticket(context, claim.coupon, end, { dim: !good });
}
